"""The table of what the source documents promise: every file and test in it exists, and no sample is left out."""

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest

from tests.seeds import document

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/reference/contract-coverage.md").read_text()
DOCUMENTS = ("000", "001", "002", "003", "004")
CODE = re.compile(r"`([^`]+)`")


def sections() -> dict[str, str]:
    """Give the text under each document's heading."""
    found = re.findall(r"^## (\d{3}): [^\n]*\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return dict(found)


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if not line.startswith("| Heading")]


@cache
def names_of_tests(path: Path) -> frozenset[str]:
    """Collect the names of a file's test functions without running it."""
    return frozenset(
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def test_every_document_has_its_table() -> None:
    assert tuple(sections()) == DOCUMENTS
    assert all(len(rows(text)) > 20 for text in sections().values())


def test_every_row_says_where_it_is_met_and_what_shows_it() -> None:
    for number, text in sections().items():
        for row in rows(text):
            assert len(row) == 4, row
            heading, says, met, shown = row
            assert heading
            assert says
            if "#not-met-yet" not in says:
                assert CODE.findall(met), (number, row)
                assert CODE.findall(shown), (number, row)


def test_every_file_and_every_test_that_is_named_exists() -> None:
    missing = []
    for text in sections().values():
        for _, _, met, shown in rows(text):
            missing += [path for path in CODE.findall(met) if not (ROOT / "src/seatrial" / path).is_file()]
            for named in CODE.findall(shown):
                path, separator, name = named.partition("::")
                file = ROOT / "tests" / path
                if not separator or not file.is_file() or name not in names_of_tests(file):
                    missing.append(named)
    assert not missing


def samples(text: str) -> list[object]:
    """Read the JSON objects that a document prints: from a line that is a brace to the line that closes it."""
    found, collected, depth = [], "", 0
    for line in text.splitlines():
        if depth or line == "{":
            collected += line
            depth += line.count("{") - line.count("}")
            if depth == 0:
                found.append(json.loads(collected))
                collected = ""
    return found


def numbers(text: str, word: str) -> list[int]:
    return sorted(int(number) for row in rows(text) for number in re.findall(rf"\b{word} (\d+)", row[1]))


@pytest.mark.parametrize("number", DOCUMENTS)
def test_every_sample_and_every_command_line_has_its_row(number: str) -> None:
    text, section = document(number), sections()[number]
    curls = [line for line in text.splitlines() if re.match(r"\s*(?:\w+=\$\()?curl ", line)]
    assert numbers(section, "JSON") == list(range(1, len(samples(text)) + 1))
    assert numbers(section, "curl") == list(range(1, len(curls) + 1))


@pytest.mark.parametrize("number", DOCUMENTS)
def test_every_error_that_a_document_prints_is_counted(number: str) -> None:
    """The numbers in the table are those of the document, in its order: failures stand where failures are printed."""
    failures = [position for position, sample in enumerate(samples(document(number)), 1) if _is_failure(sample)]
    told = {
        int(sample)
        for row in rows(sections()[number])
        for sample in re.findall(r"(?:expired[\w ]*|unknown[\w ]*|no token|later|taken|tokens): JSON (\d+)", row[1])
    }
    assert told == set(failures)


def _is_failure(sample: object) -> bool:
    return isinstance(sample, dict) and sample.get("status") is False
