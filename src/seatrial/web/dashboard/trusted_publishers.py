"""Rules of trusted publishing: made, edited and forgotten by people."""

from collections.abc import Mapping

from starlette.responses import RedirectResponse, Response

from seatrial.domain.access import Permission
from seatrial.domain.build import UNSET
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.trusted_publisher import PRESETS, CiSystem, TrustedPublisher, TrustedPublisherSettings
from seatrial.web.dashboard.credentials import show_tokens
from seatrial.web.dashboard.door import HOME, Visitor, form_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.one_app import app_path, scope_of
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire import bodies, fields
from seatrial.wire.identity_providers import URL_LIMIT, issuer_url
from seatrial.wire.trusted_publishers import named_conditions

RULES = f"{HOME}/{{organization}}/apps/{{app}}/trustedPublishers"
ROLES = ("project", "ref", "environment")


@signed_in
async def trust(visitor: Visitor) -> Response:
    """Let runs of a CI system upload to an app without a secret."""
    context, scope, said = visitor.context, scope_of(visitor), await form_of(visitor.request)
    try:
        settings = _settings(visitor, said)
        await context.write(lambda: context.trusted_publishers.create(scope, settings))
    except InvalidRequest as invalid:
        return await show_tokens(
            visitor, scope, said_of_rule=said, wrong_rule=in_words(visitor.language, invalid), status=400
        )
    return RedirectResponse(f"{app_path(visitor)}/tokens", 303)


@signed_in
async def one(visitor: Visitor) -> Response:
    """Show a rule, to be edited."""
    context, scope, path = visitor.context, scope_of(visitor), visitor.request.path_params
    scope.require(Permission.APP_TOKEN_CREATE)
    rule = await context.read(lambda: context.trusted_publishers.get(scope, path["publisher"]))
    return await _show(visitor, rule, _as_said(rule, links_of(visitor.request).api), {})


@signed_in
async def change(visitor: Visitor) -> Response:
    """Edit a rule; what it has given out ends."""
    context, scope, path = visitor.context, scope_of(visitor), visitor.request.path_params
    said = await form_of(visitor.request)
    rule = await context.read(lambda: context.trusted_publishers.get(scope, path["publisher"]))
    try:
        settings = _settings(visitor, said)
        await context.write(lambda: context.trusted_publishers.update(scope, rule.id, settings))
    except InvalidRequest as invalid:
        return await _show(visitor, rule, said, in_words(visitor.language, invalid), 400)
    return RedirectResponse(f"{app_path(visitor)}/tokens", 303)


@signed_in
async def distrust(visitor: Visitor) -> Response:
    """Forget a rule of trusted publishing, and end what it has given out."""
    context, scope, path = visitor.context, scope_of(visitor), visitor.request.path_params
    await context.write(lambda: context.trusted_publishers.remove(scope, path["publisher"]))
    return RedirectResponse(f"{app_path(visitor)}/tokens", 303)


def split(text: str) -> list[str]:
    """Take a list with commas apart."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _settings(visitor: Visitor, said: dict[str, str]) -> TrustedPublisherSettings:
    """Read a form in full: what it leaves out is what the CI system says by itself."""
    system = CiSystem(fields.word("provider", said.get("provider", ""), CiSystem))
    named = {role: split(said.get(role, "")) for role in ROLES}
    issuer = said.get("issuer", "").strip()
    return TrustedPublisherSettings(
        name=fields.one_line("name", said.get("name", ""), bodies.NAME_LIMIT),
        system=system,
        issuer=issuer_url("issuer", issuer) if issuer else PRESETS[system].issuer or UNSET,
        audience=bodies.line(URL_LIMIT)("audience", said.get("audience", "")) or links_of(visitor.request).api,
        conditions=named_conditions(system, named, split(said.get("more", ""))),
    )


def _as_said(rule: TrustedPublisher, here: str) -> dict[str, str]:
    """Give what a form says of a rule; pieces between commas, which no pattern of the form can have."""
    preset, left = PRESETS[rule.system], dict(rule.conditions)
    claims: Mapping[str, str] = {"project": preset.project, "ref": preset.ref, "environment": preset.environment}
    said = {role: ", ".join(left.pop(claim, ())) if claim else "" for role, claim in claims.items()}
    return said | {
        "provider": rule.system.value,
        "name": rule.name,
        "issuer": "" if rule.issuer == preset.issuer else rule.issuer,
        "audience": "" if rule.audience == here else rule.audience,
        "more": ", ".join(f"{claim}={pattern}" for claim, patterns in left.items() for pattern in patterns),
    }


async def _show(
    visitor: Visitor, rule: TrustedPublisher, said: dict[str, str], wrong: Mapping[str, str], status: int = 200
) -> Response:
    context, scope = visitor.context, scope_of(visitor)
    overview = await context.read(lambda: context.apps.get(scope))
    return show(
        visitor,
        "dashboard/app_rule.html",
        status,
        app=overview.app,
        rule=rule,
        has_commas=any("," in pattern for patterns in rule.conditions.values() for pattern in patterns),
        said=said,
        wrong=wrong,
        base=links_of(visitor.request).api,
    )


ROUTES = (
    ("POST", RULES, trust),
    ("GET", f"{RULES}/{{publisher}}", one),
    ("POST", f"{RULES}/{{publisher}}", change),
    ("POST", f"{RULES}/{{publisher}}/remove", distrust),
)
