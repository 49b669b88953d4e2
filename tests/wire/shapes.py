"""The shape of JSON, and the samples that the source documents print."""

import json
from pathlib import Path
from typing import Any

import pytest

SEEDS = Path(__file__).parents[2].parent / "shared/spec/seeds"
CAPTURES = SEEDS.parent / "captures"
GOLDEN = Path(__file__).parent / "golden"


def shape(value: object, path: str = "") -> dict[str, str]:
    """Name every key path with the JSON type found there; `[]` stands for an array's items."""
    found = {path: kind(value)} if path else {}
    if isinstance(value, dict):
        for key, item in value.items():
            found |= shape(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            found |= shape(item, f"{path}[]")
    return found


def kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            raise AssertionError(f"no JSON type: {type(value)}")


def golden(name: str) -> dict[str, str]:
    paths: dict[str, str] = json.loads((GOLDEN / f"{name}.json").read_text())["paths"]
    return paths


def printed_samples(number: str) -> list[dict[str, Any]]:
    """Give the JSON objects that begin at the start of a line of a source document, in order."""
    if not SEEDS.is_dir():
        pytest.skip("the source documents (../shared/spec/seeds) are not here")
    [file] = SEEDS.glob(f"{number}_*.txt")
    text = file.read_text()
    found = []
    position = 0
    while (start := text.find("\n{", position)) >= 0:
        sample, position = json.JSONDecoder().raw_decode(text, start + 1)
        found.append(sample)
    return found
