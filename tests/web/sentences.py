"""Every sentence that the pages say, read out of the templates and of the code behind them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import nodes

from seatrial.web.dashboard.view import TEMPLATES, environment

Sentence = str | tuple[str, str]
"""A sentence, or both forms of one that counts."""
SPOKEN = {"_", "say"}
DOMAIN = {"Sentence", "Term"}
"""What the domain says things with: a sentence, or a variable that one of several was put into."""


@cache
def sentences() -> dict[Sentence, str]:
    """Give each sentence with the file that says it."""
    found: dict[Sentence, str] = {}
    for path in sorted(TEMPLATES.rglob("*.html")):
        for sentence in _of_template(path.read_text("utf-8")):
            found.setdefault(sentence, path.relative_to(TEMPLATES).as_posix())
    web = TEMPLATES.parent
    for path in sorted(web.rglob("*.py")):
        for sentence in _of_code(path):
            found.setdefault(sentence, path.relative_to(web).as_posix())
    domain = web.parent / "domain"
    for path in sorted(domain.rglob("*.py")):
        for sentence in _of_domain(ast.parse(path.read_text("utf-8"))):
            found.setdefault(sentence, f"domain/{path.relative_to(domain).as_posix()}")
    return found


def _of_domain(tree: ast.Module) -> Iterator[Sentence]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        calls = [one for one in ast.walk(function) if isinstance(one, ast.Call) and one.args]
        said = [one.args[0] for one in calls if isinstance(one.func, ast.Name) and one.func.id in DOMAIN]
        names = {one.id for one in said if isinstance(one, ast.Name)}
        for one in ast.walk(function):
            if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name) and one.targets[0].id in names:
                said.append(one.value)
        for one in said:
            yield from _texts(one)


def _texts(one: ast.expr) -> Iterator[str]:
    """Give the texts that an expression can become."""
    if isinstance(one, ast.IfExp):
        yield from _texts(one.body)
        yield from _texts(one.orelse)
    elif isinstance(one, ast.Constant) and isinstance(one.value, str):
        yield one.value


def _of_template(source: str) -> Iterator[Sentence]:
    for call in environment.parse(source).find_all(nodes.Call):
        if not isinstance(call.node, nodes.Name) or call.node.name not in {"_", "count"}:
            continue
        texts = [one.value if isinstance(one, nodes.Const) else None for one in call.args[:2]]
        if call.node.name == "_":
            assert isinstance(texts[0], str), f"line {call.lineno}: only a sentence as it is written can be translated"
            yield texts[0]
        else:
            assert isinstance(texts[0], str), f"line {call.lineno}"
            assert isinstance(texts[1], str), f"line {call.lineno}"
            yield texts[0], texts[1]


def _of_code(path: Path) -> Iterator[Sentence]:
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        texts = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if name in SPOKEN and texts:
            yield texts[0]
        elif name == "count" and len(texts) > 1:
            yield texts[0], texts[1]
