"""Storage providers: the buckets of an organization, what is in them, and whether they work."""

from collections.abc import Sequence

from starlette.responses import RedirectResponse, Response

from seatrial.domain.access import Permission
from seatrial.domain.errors import Conflict, InvalidRequest, StorageUnavailable
from seatrial.domain.listing import ListQuery
from seatrial.domain.storage_provider import ProviderKind, ProviderSettings, TrialResult
from seatrial.web.dashboard.door import HOME, Visitor, form_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.listing import page_number, page_url
from seatrial.web.dashboard.rules import in_words, rule
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire import bodies
from seatrial.wire.storage_providers import (
    BUCKET_LIMIT,
    KINDS,
    NAME_LIMIT,
    REGION_LIMIT,
    SECRET_LIMIT,
    bucket_name,
    endpoint_url,
    key_prefix,
)

PAGE = 50
_PATH = f"{HOME}/{{organization}}/storage"


@signed_in
async def search(visitor: Visitor) -> Response:
    """List the providers."""
    return await _list(visitor, {}, {})


@signed_in
async def create(visitor: Visitor) -> Response:
    """Make a provider."""
    context, said = visitor.context, await form_of(visitor.request)
    try:
        settings = _settings(said)
        made = await context.write(lambda: context.storage_providers.create(visitor.scope, settings))
    except InvalidRequest as invalid:
        return await _list(visitor, said, in_words(visitor.language, invalid), 400)
    except Conflict as conflict:
        return await _list(visitor, said, {"": rule(visitor.language, conflict.message)}, 409)
    return RedirectResponse(f"{visitor.home}/storage/{made.id}", 303)


@signed_in
async def one(visitor: Visitor) -> Response:
    """Show one provider."""
    return await _one(visitor)


@signed_in
async def change(visitor: Visitor) -> Response:
    """Change a provider; an empty secret leaves it as it was."""
    context, said = visitor.context, await form_of(visitor.request)
    provider_id = visitor.request.path_params["store"]
    try:
        settings = _settings(said)
        await context.write(lambda: context.storage_providers.update(visitor.scope, provider_id, settings))
    except InvalidRequest as invalid:
        return await _one(visitor, in_words(visitor.language, invalid), said=said, status=400)
    except Conflict as conflict:
        return await _one(visitor, {"": rule(visitor.language, conflict.message)}, said=said, status=409)
    return RedirectResponse(f"{visitor.home}/storage/{provider_id}?saved=1", 303)


@signed_in
async def test(visitor: Visitor) -> Response:
    """Try a provider out, and show how it went."""
    context, provider_id = visitor.context, visitor.request.path_params["store"]
    try:
        tried = await context.store(lambda: context.storage_providers.try_out(visitor.scope, provider_id))
    except StorageUnavailable as unavailable:
        return await _one(visitor, {"": rule(visitor.language, unavailable.message)}, status=503)
    return await _one(visitor, tried=tried)


@signed_in
async def remove(visitor: Visitor) -> Response:
    """Forget a provider that nothing is in."""
    context, provider_id = visitor.context, visitor.request.path_params["store"]
    try:
        await context.write(lambda: context.storage_providers.remove(visitor.scope, provider_id))
    except Conflict as conflict:
        return await _one(visitor, {"": rule(visitor.language, conflict.message)}, status=409)
    return RedirectResponse(f"{visitor.home}/storage", 303)


def _settings(said: dict[str, str]) -> ProviderSettings:
    line = bodies.line
    return ProviderSettings(
        name=line(NAME_LIMIT)("name", said.get("name", "")),
        kind=ProviderKind(bodies.word(*KINDS)("provider", said.get("provider", ""))),
        bucket=bucket_name("bucket", said.get("bucket", "")),
        region=line(REGION_LIMIT)("region", said.get("region", "")),
        endpoint=endpoint_url("endpoint", said.get("endpoint", "")),
        prefix=key_prefix("prefix", said.get("prefix", "")),
        access_key=line(BUCKET_LIMIT)("accessKey", said.get("accessKey", "")),
        secret=line(SECRET_LIMIT)("secretKey", said.get("secretKey", "")),
        virtual_hosted=said.get("virtualHosted") == "true",
        proxy=said.get("proxy") == "true",
        is_default=said.get("default") == "true",
    )


async def _list(visitor: Visitor, said: dict[str, str], wrong: dict[str, str], status: int = 200) -> Response:
    context, request = visitor.context, visitor.request
    query = ListQuery(page=page_number(request), limit=PAGE)
    page = await context.read(lambda: context.storage_providers.search(visitor.scope, query))
    return show(
        visitor,
        "dashboard/storage.html",
        status,
        page=page,
        page_url=page_url(request),
        server=context.apps.provider,
        said=said,
        wrong=wrong,
        base=links_of(request).api,
    )


async def _one(
    visitor: Visitor,
    wrong: dict[str, str] | None = None,
    *,
    said: dict[str, str] | None = None,
    tried: Sequence[TrialResult] = (),
    status: int = 200,
) -> Response:
    context, request = visitor.context, visitor.request
    provider_id = request.path_params["store"]
    provider, use = await context.read(lambda: context.storage_providers.get(visitor.scope, provider_id))
    names: dict[str, tuple[str, str]] = {}
    if visitor.may(Permission.APP_LIST):
        found = await context.read(lambda: context.storage_providers.app_names(visitor.scope, use))
        names = {str(key): value for key, value in found.items()}
    return show(
        visitor,
        "dashboard/storage_provider.html",
        status,
        provider=provider,
        use=use,
        names=names,
        tried=tried,
        said=said or {},
        wrong=wrong or {},
        saved=bool(request.query_params.get("saved")),
        base=links_of(request).api,
    )


ROUTES = (
    ("GET", _PATH, search),
    ("POST", _PATH, create),
    ("GET", f"{_PATH}/{{store}}", one),
    ("POST", f"{_PATH}/{{store}}", change),
    ("POST", f"{_PATH}/{{store}}/test", test),
    ("POST", f"{_PATH}/{{store}}/remove", remove),
)
