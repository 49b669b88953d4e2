"""`seatrial backup`, `restore` and `gc`: looking after a server's data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seatrial.cli.output import fail, print_json
from seatrial.cli.workspace import DataDir, Json

if TYPE_CHECKING:
    from seatrial.services.garbage import Garbage

_SHOWN = 20


def backup(
    target: Annotated[Path, typer.Argument(help="A folder that keeps backups; made if it is not there.")],
    data_dir: DataDir = None,
    with_keys: Annotated[bool, typer.Option("--with-keys", help="Take keys and settings along: all secrets.")] = False,
    link: Annotated[bool, typer.Option("--link", help="On the same disk: link files instead of copying them.")] = False,
    as_json: Json = False,
) -> None:
    """Copy database and files, consistent, while the server runs; only what is new is copied."""
    from seatrial.bootstrap import open_backup
    from seatrial.config import load
    from seatrial.storage.parcel import ParcelDamaged

    with open_backup(load(data_dir)) as making:
        try:
            made = making.make(target, with_keys=with_keys, link=link)
        except BlockingIOError:
            fail(f"Another backup into {target} is under way.")
        except ParcelDamaged as error:
            fail(f"{error}.")
    manifest = made.manifest
    if as_json:
        print_json(
            {
                "backup": str(made.snapshot), "rows": sum(manifest.rows.values()), "objects": manifest.objects,
                "bytes": manifest.octets, "copiedObjects": made.copied, "copiedBytes": made.octets,
                "missing": manifest.missing, "withKeys": manifest.with_keys,
            }
        )  # fmt: skip
    else:
        print(made.snapshot)
        print(f"{sum(manifest.rows.values()):,} rows; {manifest.objects:,} files, of which {made.copied:,} are new")
        if not with_keys:
            print("Keys and settings are not in it. Keep a copy of keys/ elsewhere, or apps' signing keys are lost.")
    if manifest.missing:
        fail(f"The backup is made, but the storage lacks {len(manifest.missing)} files: {_some(manifest.missing)}.")


def restore(
    backup: Annotated[Path, typer.Argument(help="One backup, or the folder of all: the newest then.")],
    data_dir: DataDir = None,
    check: Annotated[bool, typer.Option("--check", help="Only read the backup, and say whether it is good.")] = False,
    as_json: Json = False,
) -> None:
    """Bring a backup back into an empty data directory, and an empty database of either kind."""
    from seatrial.bootstrap import restore as bring_back
    from seatrial.config import load
    from seatrial.services.restoring import damages, newest
    from seatrial.storage.parcel import ParcelDamaged

    try:
        snapshot = newest(backup)
        if check:
            found = list(damages(snapshot))
            if as_json:
                print_json({"backup": str(snapshot), "damages": found})
            elif not found:
                print(f"{snapshot} is good.")
            if found:
                fail(f"{snapshot} is damaged: {_some(found)}.")
            return
        settings = load(data_dir)
        manifest = bring_back(settings, snapshot)
    except ParcelDamaged as error:
        fail(f"{error}.")
    if as_json:
        print_json({"backup": str(snapshot), "rows": sum(manifest.rows.values()), "objects": manifest.objects})
    else:
        print(
            f"Brought back {sum(manifest.rows.values()):,} rows and {manifest.objects:,} files of {manifest.made_at}."
        )
        if not manifest.with_keys:
            print(f"The backup has no keys: put your copy into {settings.data_dir / 'keys'} before the first start.")


def gc(
    data_dir: DataDir = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    buckets: Annotated[
        bool,
        typer.Option(
            "--buckets", help="Also in object storage: where no other server keeps files of these apps there."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Remove bytes that nobody owns, and report rows whose bytes are gone; safe while the server runs."""
    from seatrial.bootstrap import open_collector
    from seatrial.config import load

    with open_collector(load(data_dir)) as collector:
        found = collector.collect(dry_run=dry_run, with_buckets=buckets)
    if as_json:
        print_json(
            {
                "dryRun": dry_run, "bytes": found.octets, "orphans": found.orphans, "unfinished": found.unfinished,
                "temporary": found.temporary, "missing": found.missing, "unavailable": found.unavailable,
                "reservations": found.swept,
            }
        )  # fmt: skip
    else:
        _tell(found, "would be" if dry_run else "were")
    if found.unavailable:
        fail(f"Not everything was looked at: {' '.join(found.unavailable.values())}")


def _tell(found: "Garbage", done: str) -> None:
    for word, files in (
        ("nobody's", found.orphans), ("begun and left", found.unfinished), ("temporary", found.temporary),
    ):  # fmt: skip
        for name, size in files.items():
            print(f"{word}: {name} ({size:,} bytes)")
    for key in found.missing:
        print(f"missing: {key} is named by the database and is not there")
    many = len(found.orphans) + len(found.unfinished) + len(found.temporary)
    print(f"{many:,} files, {found.octets:,} bytes {done} removed.")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
