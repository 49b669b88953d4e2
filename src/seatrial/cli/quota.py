"""`seatrial admin quota`: what an organization or an app takes up, and the operator's word on how much it may."""

from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ByteSize, TypeAdapter, ValidationError

from seatrial.cli.administering import InOrganization, opened, show_all
from seatrial.cli.output import fail
from seatrial.cli.workspace import DataDir, Json
from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.quota import UNLIMITED, Item, Quota

if TYPE_CHECKING:
    from seatrial.bootstrap import Administration

app = typer.Typer(help="How much organizations and apps may take up.", no_args_is_help=True)

OneApp = Annotated[str | None, typer.Option("--app", help="An app's id or slug; without it the whole organization.")]
SIZE = "Such as 50GiB; `unlimited`, or `default` for the settings' value."
NUMBER = "A number; `unlimited`, or `default` for the settings' value."


@app.command("show")
def show(
    of_app: OneApp = None, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Print what is used and what is allowed."""
    with opened(data_dir, organization) as (services, within):
        scope = _scope(services, within, of_app)
        quotas = services.quotas
        found = quotas.of_app(scope) if isinstance(scope, AppScope) else quotas.of_organization(scope)
    show_all([_line(one) for one in found], as_json)


@app.command("set")
def grant(
    of_app: OneApp = None,
    storage: Annotated[str | None, typer.Option(help=f"Bytes of everything stored. {SIZE}")] = None,
    builds: Annotated[str | None, typer.Option(help=f"Builds kept. {NUMBER}")] = None,
    upload_size: Annotated[str | None, typer.Option(help=f"Bytes of one file. {SIZE}")] = None,
    downloads: Annotated[str | None, typer.Option(help=f"Downloads in a month. {NUMBER}")] = None,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Grant more or less than the settings do; people of the organization can choose less, not more."""
    options = {Item.STORAGE: storage, Item.BUILDS: builds, Item.UPLOAD_SIZE: upload_size, Item.DOWNLOADS: downloads}
    said = {item: _amount(item, text) for item, text in options.items() if text is not None}
    if not said:
        fail("Say what to grant: --storage, --builds, --upload-size or --downloads.")
    with opened(data_dir, organization) as (services, within):
        found = services.quotas.grant(_scope(services, within, of_app), said)
    show_all([_line(one) for one in found], as_json)


def _scope(services: "Administration", within: OrganizationScope, of_app: str | None) -> OrganizationScope:
    return within if of_app is None else services.apps.scope_of(within, of_app)


def _amount(item: Item, text: str) -> int | None:
    word = text.strip().lower()
    if word == "default":
        return None
    if word == "unlimited":
        return UNLIMITED
    try:
        amount = int(TypeAdapter(ByteSize).validate_python(word))
    except ValidationError:
        amount = -1
    if not 0 <= amount < UNLIMITED:
        fail(f"{item.value} must be a number, or a size such as 50GiB, `unlimited` or `default`; not {text}.")
    return amount


def _line(one: Quota) -> dict[str, object]:
    return {
        "item": one.name,
        "used": one.used,
        "limit": one.limit,
        "granted": one.granted,
        "chosen": one.chosen,
    }
