"""`seatrial upload`: send a build, for pipelines and people.

Exit codes: 0 sent (with --wait: processed); 1 a local failure or no usable answer; 2 usage; 3 processing ended in an
error; 4 the server refused; 5 not processed in time; 130 interrupted.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from seatrial.cli import upload_options as read
from seatrial.cli.output import fail, print_facts, print_json
from seatrial.cli.upload_errors import Json, Refused, UploadFailed, WaitTimedOut
from seatrial.domain.build import BuildStatus, Deployer, Notification, Submission

if TYPE_CHECKING:
    from seatrial.cli.ambient_identity import Place
    from seatrial.cli.upload_delivery import Delivery

PROCESSING_FAILED, INTERRUPTED = 3, 130
SHORTEST_SECRET = 8
"""A shorter token is none that a server makes, and its letters occur in every sentence."""

_SERVER, _NOTIFY, _DEPLOYER = "Server", "Notification", "Deployer (found in the CI system's environment)"
_PACKAGE, _BEHAVIOUR = "Platforms whose packages say nothing about themselves", "Behaviour"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    builds: str
    token: str
    """Empty where the run's identity token is to be traded in for one."""
    base: str
    audience: str
    app: str
    ca_bundle: Path | None
    insecure: bool
    retries: int


def upload(
    file: Annotated[Path, typer.Argument(help="The build file.", show_default=False)],
    server: Annotated[
        str,
        typer.Option(envvar="SEATRIAL_SERVER", help="Like https://builds.example.com.", rich_help_panel=_SERVER),
    ],
    token: Annotated[
        str,
        typer.Option(
            envvar="SEATRIAL_TOKEN",
            help="An app token; with --organization and --app a service account's; none: the CI run's own identity.",
            rich_help_panel=_SERVER,
        ),
    ] = "",
    organization: Annotated[str | None, typer.Option(help="Id or slug.", rich_help_panel=_SERVER)] = None,
    app: Annotated[str | None, typer.Option(help="Id or slug.", rich_help_panel=_SERVER)] = None,
    audience: Annotated[
        str,
        typer.Option(
            envvar="SEATRIAL_AUDIENCE",
            help="Of the identity token, without --token. Default: the server's URL.",
            rich_help_panel=_SERVER,
        ),
    ] = "",
    ca_bundle: Annotated[
        Path | None, typer.Option(help="Whose certificates to trust, as PEM.", rich_help_panel=_SERVER)
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Trust any certificate.", rich_help_panel=_SERVER)
    ] = False,
    version_name: Annotated[str, typer.Option(help="Instead of the package's own.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="One or several with commas; may be repeated.")] = None,
    changelog: Annotated[str | None, typer.Option(help="What is new.")] = None,
    changelog_file: Annotated[str | None, typer.Option(help="A text file with it, - for standard input.")] = None,
    attach: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE[=TEXT]", help="Put a file beside the processed build; may be repeated."),
    ] = None,
    notify: Annotated[
        bool | None, typer.Option("--notify/--no-notify", help="Collaborators and employees.", rich_help_panel=_NOTIFY)
    ] = None,
    notify_collaborators: Annotated[
        bool | None, typer.Option("--notify-collaborators/--no-notify-collaborators", rich_help_panel=_NOTIFY)
    ] = None,
    notify_employees: Annotated[
        bool | None, typer.Option("--notify-employees/--no-notify-employees", rich_help_panel=_NOTIFY)
    ] = None,
    notify_message: Annotated[str, typer.Option(help="The mail's text.", rich_help_panel=_NOTIFY)] = "",
    notify_language: Annotated[str, typer.Option(help="es en fr de it zh pt ru.", rich_help_panel=_NOTIFY)] = "",
    group: Annotated[
        list[str] | None,
        typer.Option(help='Employees in all groups of "a,b"; repeated: of any.', rich_help_panel=_NOTIFY),
    ] = None,
    build_platform: Annotated[str, typer.Option(help="ps5, switch ...", rich_help_panel=_PACKAGE)] = "",
    package_name: Annotated[str, typer.Option(help="The app's identifier.", rich_help_panel=_PACKAGE)] = "",
    package_version: Annotated[str, typer.Option(help="The build's version.", rich_help_panel=_PACKAGE)] = "",
    package_icon: Annotated[Path | None, typer.Option(help="PNG or JPEG.", rich_help_panel=_PACKAGE)] = None,
    deployer_name: Annotated[str | None, typer.Option(rich_help_panel=_DEPLOYER)] = None,
    commit: Annotated[str | None, typer.Option(rich_help_panel=_DEPLOYER)] = None,
    branch: Annotated[str | None, typer.Option(rich_help_panel=_DEPLOYER)] = None,
    commit_message: Annotated[str | None, typer.Option(rich_help_panel=_DEPLOYER)] = None,
    git_tag: Annotated[str | None, typer.Option(rich_help_panel=_DEPLOYER)] = None,
    build_number: Annotated[str | None, typer.Option(rich_help_panel=_DEPLOYER)] = None,
    build_url: Annotated[str | None, typer.Option(rich_help_panel=_DEPLOYER)] = None,
    ci_url: Annotated[str | None, typer.Option(rich_help_panel=_DEPLOYER)] = None,
    repository_url: Annotated[str | None, typer.Option(rich_help_panel=_DEPLOYER)] = None,
    trigger_timestamp: Annotated[str | None, typer.Option(help="Unix ms.", rich_help_panel=_DEPLOYER)] = None,
    ci_environment: Annotated[
        bool, typer.Option("--ci-environment/--no-ci-environment", help="Look there.", rich_help_panel=_DEPLOYER)
    ] = True,
    wait: Annotated[
        bool | None, typer.Option("--wait/--no-wait", help="Until it is processed.", rich_help_panel=_BEHAVIOUR)
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for processing.", rich_help_panel=_BEHAVIOUR)
    ] = 600,
    retries: Annotated[int, typer.Option(min=0, help="How often to try again.", rich_help_panel=_BEHAVIOUR)] = 5,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: the build.", rich_help_panel=_BEHAVIOUR)
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="No progress; print the build's id only.", rich_help_panel=_BEHAVIOUR)
    ] = False,
) -> None:
    """Send a build. Exit 0: sent, 1: no usable answer, 2: usage, 3: not processed, 4: refused, 5: waited too long."""
    from seatrial.cli.upload_delivery import Delivery

    if not token.strip() and not _has_identity():
        raise typer.BadParameter("is needed: this is no CI run with an identity token", param_hint="--token")
    if attach and wait is False:
        raise typer.BadParameter("--attach needs the build to be processed", param_hint="--no-wait")
    info = {
        "commit": commit,
        "branch": branch,
        "commitMessage": commit_message,
        "tag": git_tag,
        "buildNumber": build_number,
        "buildUrl": build_url,
        "ciUrl": ci_url,
        "repositoryUrl": repository_url,
        "triggerTimestamp": trigger_timestamp,
    }
    target = _Server(
        builds=read.builds_url(server, organization, app) if token.strip() else read.builds_url(server, None, None),
        token=read.bearer(token) if token.strip() else "",
        base=read.base(server),
        audience=audience.strip() or read.base(server),
        app=app or "",
        ca_bundle=read.regular_file(ca_bundle, "--ca-bundle") if ca_bundle else None,
        insecure=insecure,
        retries=retries,
    )
    said = Submission(
        version_name=version_name,
        tags=read.tags(tag or ()),
        changelog=read.changelog(changelog, changelog_file),
        build_platform=build_platform,
        package_name=package_name,
        package_version=package_version,
        deployer=read.deployer(_ci_environment() if ci_environment else Deployer(), deployer_name, info),
        notification=Notification(
            collaborators=notify if notify_collaborators is None else notify_collaborators,
            employees=notify if notify_employees is None else notify_employees,
            message=notify_message,
            language=notify_language,
            groups=read.groups(group or ()),
        ),
    )
    delivery = Delivery(
        file=read.regular_file(file, "FILE"),
        said=read.checked(said),
        icon=read.regular_file(package_icon, "--package-icon") if package_icon else None,
        attachments=[read.attachment(text) for text in attach or ()],
        wait_seconds=timeout if wait or attach else None,
    )
    _carry_out(target, delivery, as_json=as_json, quiet=quiet)


def _has_identity() -> bool:
    from seatrial.cli.ambient_identity import is_there

    return is_there(os.environ)


def _ci_environment() -> Deployer:
    from seatrial.cli.ci_environment import deployer
    from seatrial.cli.git_work_tree import GitWorkTree

    return deployer(os.environ, GitWorkTree(Path.cwd()), datetime.now(UTC))


def _carry_out(server: _Server, delivery: "Delivery", *, as_json: bool, quiet: bool) -> None:
    from seatrial.cli.ambient_identity import upload_token
    from seatrial.cli.api_exchange import open_http
    from seatrial.cli.upload_client import Retries, UploadClient
    from seatrial.cli.upload_delivery import deliver
    from seatrial.cli.upload_progress import progress
    from seatrial.cli.upload_report import shown_text

    token = server.token
    try:
        with progress(quiet=quiet) as shown:
            retries = Retries(server.retries, say=lambda said: shown.say(shown_text(_without(said, token))))
            token = token or upload_token(os.environ, _place(server), retries)
            with open_http(token, ca_bundle=server.ca_bundle, insecure=server.insecure) as http:
                build = deliver(UploadClient(http, server.builds, retries), delivery, shown)
    except KeyboardInterrupt:
        fail("Interrupted.", INTERRUPTED)
    except UploadFailed as failure:
        _end(failure, token, as_json=as_json)
    _show(build, as_json=as_json, quiet=quiet)


def _place(server: _Server) -> "Place":
    from seatrial.cli.ambient_identity import Place

    return Place(
        base=server.base,
        audience=server.audience,
        application=server.app,
        ca_bundle=server.ca_bundle,
        insecure=server.insecure,
    )


def _show(build: Json, *, as_json: bool, quiet: bool) -> None:
    from seatrial.cli.upload_report import facts, failure, shown_text

    if as_json:
        print_json(build)
    elif quiet:
        print(shown_text(build.get("id")))
    else:
        print_facts(facts(build))
    if build.get("status") == BuildStatus.ERROR:
        fail(shown_text(failure(build)), PROCESSING_FAILED)


def _end(failure: UploadFailed, token: str, *, as_json: bool) -> NoReturn:
    from seatrial.cli.upload_report import shown_text
    from seatrial.wire.envelope import failed

    sentence = shown_text(_without(failure.sentence, token))
    if as_json:
        match failure:
            case WaitTimedOut():
                print_json(failure.build)
            case Refused() if failure.error:
                print_json({"status": False, "error": failure.error})
            case Refused():
                print_json(failed(failure.code, failure.message))
            case _:
                print_json(failed(0, sentence))
    fail(sentence, failure.exit_code)


def _without(text: str, token: str) -> str:
    """Black out the token where a server or a proxy repeats it."""
    return text.replace(token, "…") if len(token) >= SHORTEST_SECRET else text
