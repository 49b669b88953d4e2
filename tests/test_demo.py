"""`make demo` as its reader meets it: run it, paste what it prints, run it again, stop it."""

import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ("tests/fixtures/apk/demo.apk", "tests/fixtures/ipa/demo.ipa")

pytestmark = pytest.mark.slow


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """Lay out as much of a checkout as the demo needs, under a name that a shell trips over if it is not quoted."""
    place = tmp_path / "it's mine"
    for name in ("scripts/demo.py", *SAMPLES):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, place / name)
    yield place
    demo(place, "stop")


def demo(checkout: Path, *words: str) -> str:
    command = [sys.executable, "scripts/demo.py", *words]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def env_of(checkout: Path) -> dict[str, str]:
    words = shlex.split((checkout / "data/demo.env").read_text(), comments=True)
    return dict(word.split("=", 1) for word in words)


def test_what_the_demo_prints_can_be_pasted_as_it_stands(checkout: Path, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    printed = demo(checkout)
    lines = printed[printed.index("# Upload an apk") : printed.index("Stop the server")]
    (tmp_path / "out").mkdir()
    lines = re.sub(r"/tmp/(?=report|downloaded)", f"{tmp_path}/out/", lines)
    pasted = subprocess.run(["/bin/sh", "-eu"], input=lines, capture_output=True, text=True, timeout=120, check=True)
    answers = pasted.stdout
    assert answers.count('{"status":true,') == 9
    assert answers.endswith('{"status":false,"error":{"code":4005,"message":"Token Expired"}}')
    assert answers.count('{"status":false,') == 1
    assert "Scan with your phone" in (tmp_path / "out/downloaded-page.html").read_text()
    assert told(checkout) == ["alan@example.com", "mary@example.com"]
    assert (tmp_path / "out/downloaded-report.txt").read_text() == "42 tests, 42 passed\n"
    assert (tmp_path / "out/downloaded-build.apk").read_bytes() == (checkout / SAMPLES[0]).read_bytes()


def told(checkout: Path) -> list[str]:
    """Wait for the mails of the documents' filter, (group1 and group2) or group3, and say whom they went to."""
    deadline = time.monotonic() + 60
    while len(found := list((checkout / "data/mails").glob("*.eml"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    return sorted(str(message_from_bytes(path.read_bytes())["To"]).strip("<>") for path in found)


def test_a_later_demo_finds_everything_as_the_first_left_it(checkout: Path) -> None:
    first, env = demo(checkout), env_of(checkout)
    assert (checkout / "data/demo.env").stat().st_mode & 0o777 == 0o600
    pid = (checkout / "data/demo.pid").read_text()
    assert demo(checkout) == first
    assert (checkout / "data/demo.pid").read_text() == pid

    subprocess.run(["kill", "-9", pid.strip()], check=True)
    after_a_crash = demo(checkout)
    facts = re.compile(r"st[as]_[\w-]+|Sample build +\w+")
    assert facts.findall(after_a_crash) == facts.findall(first)
    assert env_of(checkout) | {"BASE_URL": ""} == env | {"BASE_URL": ""}

    assert "has stopped" in demo(checkout, "stop")
    assert "No demo server is running" in demo(checkout, "stop")
    assert not (checkout / "data/demo.pid").exists()


def test_a_data_directory_that_is_not_the_demos_is_left_alone(checkout: Path) -> None:
    (checkout / "data").mkdir()
    (checkout / "data/mine").write_text("precious")
    command = [sys.executable, "scripts/demo.py"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "was not made by `make demo`" in done.stderr
    assert [path.name for path in (checkout / "data").iterdir()] == ["mine"]
