"""The house itself: sizes, names that may not appear, lock files, and documents that say what the program does."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import typer.main
from pydantic import BaseModel, ByteSize
from starlette.routing import Route

from seatrial.cli.main import app as command_line
from seatrial.config import Settings
from seatrial.domain.errors import ProcessingCode
from seatrial.meter import Meter
from seatrial.web.app import create_app
from seatrial.web.context import BodyLimits, Context
from seatrial.wire.errors import INTERNAL, METHOD_NOT_ALLOWED, WIRE_ERRORS

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
MOST_LINES = 400
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

# Put together here, so that this file does not hold what it looks for.
REGISTRY_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("python" + "hosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("docker", "io"),
        ("crates", "io"),
    )
)
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|root)(?:/|\b(?![\w-]))")


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so nobody knows which files are the project's")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def tracked_texts() -> Iterator[tuple[str, str]]:
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            yield str(path.relative_to(ROOT)), content.decode("utf-8", "replace")


def rows(page: str) -> list[list[str]]:
    """Read the cells of all tables of a page."""
    lines = (line for line in (DOCS / page).read_text().splitlines() if line.startswith("|"))
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


@pytest.mark.parametrize(
    "path",
    [path for folder in ("src", "scripts", "bench", "tests") for path in sorted((ROOT / folder).rglob("*.py"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_file_fits_in_a_head(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "manager"])
def test_no_module_is_a_drawer_for_everything(word: str) -> None:
    assert not [path for path in (ROOT / "src").rglob("*.py") if path.stem == word or path.stem.endswith(f"_{word}")]


def test_no_tracked_file_names_a_package_registry() -> None:
    assert not [(name, host) for name, text in tracked_texts() for host in REGISTRY_HOSTS if host in text]


def test_no_tracked_file_holds_a_path_of_the_machine_it_was_written_on() -> None:
    found = [(name, hit.group()) for name, text in tracked_texts() for hit in MACHINE_PATH.finditer(text)]
    assert not found


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-bootstrap.lock"])
def test_a_lock_file_pins_by_hash_and_names_no_place(name: str) -> None:
    text = (ROOT / name).read_text()
    pins = re.split(r"\n(?=[a-zA-Z0-9])", text.strip())
    assert all(re.match(r"[a-z0-9-]+==\S+", pin) and "--hash=sha256:" in pin for pin in pins)
    assert "://" not in text
    assert "index-url" not in text


def test_lock_files_are_pinned_from_the_project_file() -> None:
    pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert set(map(_package, PROJECT["dependencies"])) <= pinned
    everything = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements-dev.lock").read_text(), re.MULTILINE))
    assert pinned | set(map(_package, PROJECT["optional-dependencies"]["dev"])) <= everything


def test_every_dependency_has_its_line_and_no_line_is_left_over() -> None:
    extras = PROJECT["optional-dependencies"].values()
    wanted = {_package(one) for group in (PROJECT["dependencies"], *extras) for one in group} | {"uv"}
    lines = [row for row in rows("decisions/0002-dependencies.md") if row[0].startswith("`")]
    assert sorted(row[0].strip("`") for row in lines) == sorted(wanted)
    assert all(all(row) and len(row) == 4 for row in lines)


def test_the_make_targets_that_scripts_and_people_use_are_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "demo-stop", "test", "lint", "format", "bench", "fixtures", "lock", "tools"} <= targets


def test_ci_runs_make_test_and_nothing_else() -> None:
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111
    commands = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]
    assert commands[0] == "set -euo pipefail"
    assert [line for line in commands if "make" in line] == ["exec make test </dev/null"]


def test_the_hooks_before_a_commit_run_what_lint_runs() -> None:
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    commands = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()]
    hooks = re.findall(r"^ +entry: (.*)$", (ROOT / ".pre-commit-config.yaml").read_text(), re.MULTILINE)
    assert hooks == commands


def test_every_setting_is_documented_with_its_default() -> None:
    documented = {row[0].strip("`"): row[1] for row in rows("reference/settings.md") if row[0].startswith("`")}
    assert documented == dict(_settings(Settings, "SEATRIAL_"))


NO_API = ("/dashboard", "/static/")
"""Pages for people, and what they are made of: `tests/e2e/authorization_table.py` has them."""


def test_every_route_is_documented_and_no_other() -> None:
    limits = BodyLimits(json=1, idle_read=1, refused=1, refused_seconds=1)
    app = create_app(cast("Context", SimpleNamespace(body_limits=limits, meter=Meter())))
    routes = [route for route in app.routes if isinstance(route, Route) and not route.path.startswith(NO_API)]
    looks = {route.path: route.endpoint for route in routes if "GET" in (route.methods or ())}
    served = {
        f"{method} {_shape(route.path)}"
        for route in routes
        for method in route.methods or ()
        if method != "HEAD" or looks[route.path] is not route.endpoint  # a HEAD that is no GET without a body
    }
    told = [row[0].strip("`") for row in rows("reference/api.md") if re.match(r"`[A-Z]+ /", row[0])]
    documented = {_shape(route) for route in told}
    assert documented == served


def test_every_error_code_is_documented() -> None:
    documented = {(row[0], row[1]) for row in rows("reference/api.md") if row[0].isdigit()}
    answered = {(str(error.http), str(error.code)) for error in (*WIRE_ERRORS.values(), INTERNAL, METHOD_NOT_ALLOWED)}
    assert documented == answered


def test_every_processing_code_is_documented() -> None:
    documented = {row[0].strip("`") for row in rows("reference/api.md") if re.fullmatch(r"`[A-Z]+(_[A-Z]+)*`", row[0])}
    assert documented == {code.value for code in ProcessingCode}


def test_every_command_and_option_is_documented() -> None:
    page = (DOCS / "reference/command-line.md").read_text()
    sections = {section.partition("\n")[0]: section for section in page.split("\n## ")}
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    missing = []
    for name, options in _commands(typer.main.get_command(command_line), "seatrial"):
        told = [line for line in lines if re.match(rf"\| `{name}\b", line)]
        # These are on every command of their group, and are told once above its table.
        shared = {"--help", "--data-dir", "--json", "--organization"} if " admin " in name else {"--help"}
        known = set(re.findall(r"--[a-z-]+", "".join(told) + sections.get(name, "")))
        missing += [f"{name} {option}" for option in sorted(options - shared - known)] if told else [name]
    assert not missing
    assert "All take `--data-dir` and `--json`, and `--organization`" in page


def test_links_inside_the_documents_lead_somewhere() -> None:
    broken = []
    for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if "://" in target:
                continue
            path, _, anchor = target.partition("#")
            there = page.parent / path if path else page
            if not there.exists() or (anchor and anchor not in _anchors(there)):
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert not broken


def _package(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name
    return name[0].lower()


def _settings(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        variable = f"{prefix}{name.upper()}"
        if isinstance(field.default, BaseModel):
            yield from _settings(type(field.default), f"{variable}__")
        else:
            yield variable, _shown(field.default)


def _shown(default: object) -> str:
    if default is None or default == ():
        return "not set"
    if isinstance(default, ByteSize):
        unit, size = next((u, s) for u, s in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)) if default >= s)
        return f"{default // size} {unit}"
    return str(default)


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _commands(command: Any, name: str) -> Iterator[tuple[str, set[str]]]:
    """Walk Typer's commands; they carry no types that hold across its versions."""
    below = getattr(command, "commands", None)
    if below is None:
        yield name, {option for one in command.params for option in one.opts if option.startswith("--")}
        return
    for word, one in below.items():
        yield from _commands(one, f"{name} {word}")


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_threat_model_names_tests_that_are_there() -> None:
    named = set(re.findall(r"`(tests/[a-z0-9_/]+\.py)`", (ROOT / "SECURITY.md").read_text()))
    assert len(named) > 10
    assert {path for path in named if not (ROOT / path).is_file()} == set()
