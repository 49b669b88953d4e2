"""The real tool on real bundles; skipped where the extra is not installed (`scripts/fetch-bundletool.sh .tools`)."""

import os
import shutil
import subprocess
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seatrial.domain.ids import AppId
from seatrial.domain.signing_key import Keystore
from seatrial.services import keystores
from seatrial.tools.bundletool import Bundletool, BundletoolMissing, ConversionFailed
from tests.corpus import CORPUS

JAR = Path(__file__).parents[2] / ".tools" / "bundletool.jar"
needs_tool = pytest.mark.skipif(
    not (JAR.is_file() and shutil.which("java")), reason="bundletool.jar and Java are not installed"
)
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real builds is not beside the checkout")
needs_apksigner = pytest.mark.skipif(not shutil.which("apksigner"), reason="apksigner is not installed")


@pytest.fixture(scope="module")
def keystore() -> Keystore:
    return keystores.generate(AppId("0" * 24), datetime.now(UTC))[1]


def tool(scratch: Path, *, seconds: float = 120, memory: int = 512 << 20, java: str = "java") -> Bundletool:
    return Bundletool(jar=JAR, java=java, scratch=scratch, memory=memory, seconds=seconds, output=1 << 30)


@needs_tool
@needs_corpus
@needs_apksigner
def test_a_bundle_becomes_an_apk_that_android_accepts_in_every_scheme(tmp_path: Path, keystore: Keystore) -> None:
    bundle = min((CORPUS / "aab").glob("*.aab"), key=lambda path: path.stat().st_size)
    stored = tmp_path / "stored-without-a-name"
    shutil.copy(bundle, stored)
    with tool(tmp_path / "scratch").universal_apk(stored, keystore) as apk:
        said = subprocess.run(
            ["apksigner", "verify", "-v", str(apk)], check=True, capture_output=True, text=True
        ).stdout
    for scheme in ("v1", "v2", "v3"):
        assert f"Verified using {scheme} scheme" in said
        assert "true" in next(line for line in said.splitlines() if f"using {scheme} scheme" in line)
    assert list((tmp_path / "scratch").iterdir()) == []


@needs_tool
@pytest.mark.parametrize("content", [b"", b"junk", "zip"])
def test_what_is_no_bundle_is_refused_in_words(tmp_path: Path, keystore: Keystore, content: bytes | str) -> None:
    bundle = tmp_path / "bundle"
    if isinstance(content, bytes):
        bundle.write_bytes(content)
    else:
        with zipfile.ZipFile(bundle, "w") as archive:
            archive.writestr("a", "b")
    with pytest.raises(ConversionFailed) as refusal, tool(tmp_path / "scratch").universal_apk(bundle, keystore):
        pass
    assert str(tmp_path) not in str(refusal.value)
    assert 5 < len(str(refusal.value)) <= 300
    assert list((tmp_path / "scratch").iterdir()) == []


def fake_java(folder: Path, script: str) -> str:
    program = folder / "java"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


def jar(folder: Path) -> Path:
    path = folder / "bundletool.jar"
    path.touch()
    return path


def faked(tmp_path: Path, script: str, seconds: float = 30) -> Bundletool:
    java = fake_java(tmp_path, script)
    return Bundletool(
        jar=jar(tmp_path), java=java, scratch=tmp_path / "scratch", memory=1 << 20, seconds=seconds, output=1 << 20
    )


KEY = Keystore(pkcs12=b"the key", password="the password", alias="seatrial")


def test_a_tool_that_takes_too_long_ends_with_everything_it_started(tmp_path: Path) -> None:
    slow = faked(tmp_path, f"sleep 300 & echo $! >{tmp_path}/child; wait", seconds=0.5)
    with pytest.raises(ConversionFailed, match="longer than"), slow.universal_apk(tmp_path, KEY):
        pass
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _alive(child):
        time.sleep(0.05)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]
    except FileNotFoundError:
        return False


def test_the_tool_can_write_only_so_much_and_sees_nothing_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEATRIAL_DATABASE_URL", "secret")
    greedy = faked(tmp_path, f"env >{tmp_path}/seen; head -c 5000000 /dev/zero >big && echo Error: all written; exit 3")
    with pytest.raises(ConversionFailed) as refusal, greedy.universal_apk(tmp_path, KEY):
        pass
    assert "all written" not in str(refusal.value)
    assert "SEATRIAL" not in (tmp_path / "seen").read_text()


def test_keys_are_for_the_owners_eyes_and_gone_afterwards(tmp_path: Path) -> None:
    nosy = faked(tmp_path, f"stat -c %a . >{tmp_path}/mode; cat key.p12 password >{tmp_path}/seen; exit 1")
    with pytest.raises(ConversionFailed), nosy.universal_apk(tmp_path, KEY):
        pass
    assert (tmp_path / "mode").read_text().strip() == "700"
    assert (tmp_path / "seen").read_text() == "the keythe password"
    assert list((tmp_path / "scratch").iterdir()) == []


def test_what_a_killed_server_left_is_removed_after_a_day(tmp_path: Path) -> None:
    old, young = tmp_path / "scratch/aab-old", tmp_path / "scratch/aab-young"
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "file").touch()
    os.utime(old, (0, 0))
    with pytest.raises(ConversionFailed), faked(tmp_path, "exit 1").universal_apk(tmp_path, KEY):
        pass
    assert [folder.name for folder in (tmp_path / "scratch").iterdir()] == ["aab-young"]


def test_an_extra_that_is_not_there_is_named(tmp_path: Path) -> None:
    nowhere = Bundletool(jar=tmp_path / "no.jar", java="java", scratch=tmp_path, memory=1, seconds=1, output=1)
    assert "no.jar" in (nowhere.missing() or "")
    no_java = Bundletool(jar=jar(tmp_path), java="no-such-java", scratch=tmp_path, memory=1, seconds=1, output=1)
    assert "Java" in (no_java.missing() or "")
    with pytest.raises(BundletoolMissing), no_java.universal_apk(tmp_path, KEY):
        pass
