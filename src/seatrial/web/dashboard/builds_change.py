"""Several builds of an app at once: tags put on and taken off, switched off and on, thrown away and brought back."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from seatrial.domain.access import AppScope
from seatrial.domain.errors import BuildNotProcessed, Conflict, EntityNotFound, InvalidRequest
from seatrial.services.build_lists import BatchChange, check_count
from seatrial.web.dashboard.door import Visitor, form_lists, form_of, safe_next
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.one_app import APP, scope_of
from seatrial.wire import tags

ACTIONS = ("tag", "untag", "disable", "enable", "delete", "restore")


@signed_in
async def change(visitor: Visitor) -> Response:
    """Do one thing to every chosen build, and go back to the list."""
    context, scope = visitor.context, scope_of(visitor)
    said, chosen = await form_of(visitor.request), (await form_lists(visitor.request)).get("chosen", [])
    back = safe_next(said.get("next", visitor.home))
    match said.get("action"):
        case "delete":
            thrown = await context.write(lambda: _each(context.trash.put, scope, chosen))
            stayed = len(set(chosen)) - len(thrown)
            back = _with(back, {"trashed": ",".join(thrown)} | ({"stayed": str(stayed)} if stayed else {}))
        case "restore":
            await context.write(lambda: _each(context.trash.restore, scope, chosen))
        case str(action) if action in ACTIONS:
            wanted = _change(action, said.get("tag", ""))
            await context.write(lambda: context.build_lists.change(scope, chosen, wanted))
        case _:
            raise InvalidRequest({"action": f"must be one of {', '.join(ACTIONS)}"})
    return RedirectResponse(back, 303)


def _change(action: str, text: str) -> BatchChange:
    if action in {"disable", "enable"}:
        return BatchChange(disabled=action == "disable")
    named = tags.collect(tags.split(text))
    if not named:
        raise InvalidRequest({"tag": "must name a tag"})
    return BatchChange(add_tags=named) if action == "tag" else BatchChange(remove_tags=named)


def _each(act: Callable[[AppScope, str], object], scope: AppScope, chosen: Sequence[str]) -> list[str]:
    """Do something to each build; gives those that it was done to: not what is gone, pinned, or being processed."""
    check_count(chosen)
    done = []
    for build_id in chosen:
        with suppress(EntityNotFound, Conflict, BuildNotProcessed):
            act(scope, build_id)
            done.append(build_id)
    return done


def _with(path: str, values: dict[str, str]) -> str:
    return f"{path}{'&' if '?' in path else '?'}{urlencode(values)}"


ROUTES = (("POST", f"{APP}/builds/change", change),)
