"""`seatrial inspect`: what a build file is, without a server."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from seatrial.cli.output import fail, print_facts, print_json
from seatrial.domain.buildinfo import BuildInfo, Signing
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.domain.platforms import extension_of

if TYPE_CHECKING:
    from seatrial.parsers.isolation import ParsePool

NOT_UNDERSTOOD = 3


def inspect(
    files: Annotated[list[Path], typer.Argument(help="Build files.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line for each file.")] = False,
    icon: Annotated[Path | None, typer.Option(help="Write the icon here, as PNG; with one file only.")] = None,
) -> None:
    """Say what build files are. Exit 0: understood, 3: not all of them, 2: usage."""
    if icon is not None and len(files) > 1:
        raise typer.BadParameter("--icon takes one file only", param_hint="--icon")
    for file in files:
        if not file.is_file():
            what = "is a directory" if file.is_dir() else "does not exist or is no regular file"
            raise typer.BadParameter(f"{str(file)!r} {what}", param_hint="FILES")
    from seatrial.config import load
    from seatrial.parsers.isolation import ParseLimits, ParsePool

    parsing = load().parsing
    limits = ParseLimits(memory=int(parsing.memory), cpu_seconds=parsing.cpu_seconds, wall_seconds=parsing.wall_seconds)
    pool = ParsePool(1, limits)
    try:
        understood = [_inspect_one(pool, file, as_json, icon) for file in files]
    finally:
        pool.close()
    if not all(understood):
        raise typer.Exit(NOT_UNDERSTOOD)


def _inspect_one(pool: "ParsePool", file: Path, as_json: bool, icon: Path | None) -> bool:
    from seatrial.parsers import hold_to_name
    from seatrial.parsers.isolation import ParserDied

    try:
        info = pool.parse(file.resolve())
        hold_to_name(info, extension_of(file.name))
    except ParserDied as death:
        _report(
            file, BuildFileInvalid(ProcessingCode.INTERNAL, f"Reading the file killed its reader: {death}."), as_json
        )
        return False
    except BuildFileInvalid as invalid:
        _report(file, invalid, as_json)
        return False
    if icon is not None:
        if info.icon_png is None:
            fail(f"{file.name} has no icon that can be shown.")
        icon.write_bytes(info.icon_png)
    if as_json:
        print_json({"file": str(file)} | _json(info))
    else:
        print_facts(_facts(file, info))
        print()
    return True


def _report(file: Path, invalid: BuildFileInvalid, as_json: bool) -> None:
    if as_json:
        print_json({"file": str(file), "errorCode": invalid.code.value, "error": invalid.sentence})
    else:
        print_facts({"File": file, "Error": f"{invalid.code.value}: {invalid.sentence}"})
        print()


def _json(info: BuildInfo) -> dict[str, object]:
    value = msgspec.to_builtins(info, str_keys=True)
    picture = value.pop("icon_png")
    camel = _camel(value)
    assert isinstance(camel, dict)
    camel["icon"] = {"mimetype": "image/png", "size": len(base64.b64decode(picture))} if picture else None
    # These two are the contract's own spelling, or the file's: not ours to change.
    return camel | {"android": value["android"], "plist": value["plist"], "localizedNames": value["localized_names"]}


def _camel(value: object) -> object:
    if isinstance(value, dict):
        return {_camel_word(str(key)): _camel(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_camel(item) for item in value]
    return value


def _camel_word(word: str) -> str:
    head, *tail = word.split("_")
    return head + "".join(part.capitalize() for part in tail)


def _facts(file: Path, info: BuildInfo) -> dict[str, object]:
    facts: dict[str, object] = {
        "File": file,
        "Format": info.format.value,
        "System": info.os.value if info.os else None,
        "Identifier": info.identifier,
        "Name": info.display_name,
        "Version": f"{info.version_name or '-'} ({info.version_code or '-'})",
        "Needs": info.min_os,
        "Made for": info.target_os,
        "Devices": ", ".join(info.device_families),
        "Processors": ", ".join(info.architectures),
        "Icon": "yes" if info.icon_png else "no",
        "Signing": _signing(info.signing),
    }
    if info.signing and info.signing.profile:
        profile = info.signing.profile
        facts["Profile"] = f"{profile.name or '-'}, team {profile.team_name or '-'}, expires {profile.expires or '-'}"
        if profile.devices is not None:
            facts["Registered devices"] = len(profile.devices)
    for number, warning in enumerate(info.warnings, start=1):
        facts[f"Warning {number}"] = warning
    return facts


def _signing(signing: Signing | None) -> str | None:
    if signing is None:
        return None
    signers = "; ".join(f"{one.subject} (SHA-256 {one.sha256})" for one in signing.certificates)
    kind = signing.kind.value if signing.kind else "unknown"
    return " ".join(part for part in (kind, "/".join(signing.schemes), signers) if part)
