"""What children that parse are asked for, and what they answer: builds, attachments, icons, hostile files."""

import contextlib
import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from seatrial.domain.buildinfo import Format
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.attachment import understand
from seatrial.parsers.isolation import ParsePool
from tests.parsers import attachment_files as made
from tests.parsers.corpus_manifest import Row, rows
from tests.parsers.ipa_files import DEMO, MINIMAL, ipa

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
PATIENCE = 30.0


@pytest.fixture(scope="module")
def pool() -> Iterator[ParsePool]:
    with ParsePool(2) as shared:
        yield shared


def test_strange_numbers_of_an_info_plist_reach_the_parent(pool: ParsePool, tmp_path: Path) -> None:
    path = tmp_path / "a.ipa"
    path.write_bytes(ipa(MINIMAL | {"CFBundleVersion": 2**63, "CFBundleName": "\u202e⛵\x00"}).getvalue())
    info = pool.parse(path)
    assert info.version_code == str(2**63)


def test_attachments_are_recognised_beside_their_build(pool: ParsePool, tmp_path: Path) -> None:
    path, build = tmp_path / "attachment", tmp_path / "build"
    path.write_bytes(made.dsym(("Mini", made.macho(made.APP_UUID, kind=made.DSYM))))
    build.write_bytes(ipa(MINIMAL, {"Mini": made.macho(made.APP_UUID)}).getvalue())
    assert pool.attachment(path, build, Format.IPA) == understand(path, build, Format.IPA)
    assert pool.attachment(path, build, Format.IPA).matches is True
    assert pool.attachment(path, None, None).matches is None


def test_an_attachment_that_is_not_there_is_the_storages_fault(pool: ParsePool, tmp_path: Path) -> None:
    with pytest.raises(BuildFileInvalid) as caught:
        pool.attachment(tmp_path / "gone", None, None)
    assert caught.value.code is ProcessingCode.STORAGE_UNAVAILABLE


def test_a_child_is_ready_before_it_knows_how_to_read_attachments() -> None:
    script = (
        "import importlib, sys, seatrial.parsers.isolation_child as child\n"
        "for name in child._LOADED_AHEAD: importlib.import_module(name)\n"
        "print([name for name in sys.modules if 'attachment' in name and 'parsers' in name])"
    )
    shown = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "[]"


def test_submitted_icons_become_png(pool: ParsePool, tmp_path: Path) -> None:
    path = tmp_path / "icon"
    for kind in ("PNG", "JPEG"):
        Image.new("RGB", (700, 700), "teal").save(path, kind)
        with Image.open(io.BytesIO(pool.icon(path))) as picture:
            assert (picture.format, picture.size) == ("PNG", (512, 512))
    path.write_bytes(DEMO.read_bytes())
    with pytest.raises(BuildFileInvalid) as caught:
        pool.icon(path)
    assert caught.value.code is ProcessingCode.ICON_INVALID


@pytest.mark.parametrize("row", rows("malformed"))
def test_hostile_files_are_answered_or_refused(pool: ParsePool, row: Row) -> None:
    with contextlib.suppress(BuildFileInvalid):
        assert pool.parse(row.file).format


@linux
def test_hostile_files_leave_children_small(pool: ParsePool) -> None:
    for pid in pool.pids:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        peak = int(status.split("VmHWM:")[1].split()[0]) << 10
        assert peak < 256 << 20
