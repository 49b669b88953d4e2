"""Every sentence that is kept or passed on as English text, read out of the code that makes it.

What a parser says of a file is part of a build and of the API, and what the doctor says is a command's output: both are
finished text. The pages find the sentence of it again, so that each of them must be in a complete language's catalog. So it
is with what came of a webhook's delivery or a connection test, and with what forms and sign-ins are refused with.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import seatrial
from seatrial.wire.errors import WIRE_ERRORS

SOURCES = (
    "parsers/*.py",
    "services/doctor*.py",
    "services/processing.py",
    "services/conversion.py",
    "services/attachments.py",
    "tools/*.py",
    # What came of a delivery and of a connection test, why somebody is not let in, what is wrong with the record.
    "services/webhook_*.py",
    "services/storage_trials.py",
    "services/oidc*.py",
    "web/api/oidc.py",
    "storage/refusals.py",
    "storage/object_store.py",
    "domain/audit.py",
    "services/audit.py",
    # What the first credentials are called.
    "services/workspaces.py",
    # What forms are refused with, as of FORMS.
    "domain/errors.py",
    "domain/email.py",
    "domain/publication.py",
    "domain/slugs.py",
    "domain/trusted_publisher.py",
)
FORMS = {
    "services": "accounts app_collaborators app_pictures app_tokens apps audiences blob_stores build_lists employees groups"
    " identity_providers invitations passwords pins publications second_factors storage_providers users webhooks",
    "wire": "accounts app_collaborators app_tokens audit bodies employee_list employees fields groups identity_providers"
    " invitations member_sessions notifications publication_settings sdk service_accounts storage_providers tags timestamps"
    " trusted_publishers uploads webhooks",
}
"""Who says what forms are refused with: the rules of fields, and what stands in the way."""
ELSEWHERE = {"device_answer.py", "screenshots.py"}
"""Parsers of what is no build and no file beside one: they say something about a field of a request."""
UNSEEN = {"ParserDied", "ParserUnavailable"}
"""Who says something to the log alone."""
COMMANDS = re.compile(r"seatrial |nginx: [^.]*;$|(?:Basic|Bearer) {|connection test\.txt$|\(\?:")
"""What is typed, sent or looked for as it stands in every language."""
UNSAID = {"name or service not known", "timed out", "write after commit or cancel", "commit after commit or cancel"}
UNSAID |= {
    "an arrival has one of the two",
    "whoever has a session has an account",
    "nobody has this password, because no account has this hash",
}
"""What is looked for in the words of others, and what only a mistake of ours could say."""
_WORDS = re.compile(r"[A-Za-z]{2,}[,;:]? [a-z“{]|^[A-Z“{].* .*\.$")
_WRAPPERS = {"shown", "named", "len", "str", "min"}


@cache
def stored_sentences() -> dict[str, str]:
    """Give each sentence, with places `{name}` for its values, and the file that makes it."""
    root = Path(seatrial.__file__).parent
    found: dict[str, str] = {}
    of_forms = (f"{room}/{noun}.py" for room, nouns in FORMS.items() for noun in nouns.split())
    for pattern in (*SOURCES, *of_forms):
        for path in sorted(path for path in root.glob(pattern) if path.name not in ELSEWHERE):
            for sentence in made_by(ast.parse(path.read_text("utf-8"))):
                found.setdefault(sentence, path.relative_to(root).as_posix())
    for message in {str(kind.__doc__) for kind in WIRE_ERRORS}:
        found.setdefault(message, "domain/errors.py")
    return found


def made_by(tree: ast.Module) -> Iterator[str]:
    """Give the sentences that a module makes."""
    skipped = set(_skipped(tree))
    for one in ast.walk(tree):
        if isinstance(one, (ast.Constant, ast.JoinedStr)) and one not in skipped:
            text = _template(one)
            if _WORDS.search(text) and not COMMANDS.match(text) and text not in UNSAID:
                yield text
    for function in (one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)):
        yield from _choices(function)


def _choices(function: ast.FunctionDef) -> Iterator[str]:
    """Give the single words of which one is put into a sentence."""
    said = [one for one in ast.walk(function) if isinstance(one, ast.JoinedStr) and _WORDS.search(_template(one))]
    put = [part.value for one in said for part in one.values if isinstance(part, ast.FormattedValue)]
    names = {one.id for value in put for one in ast.walk(value) if isinstance(one, ast.Name)}
    for one in ast.walk(function):
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name) and one.targets[0].id in names:
            put.append(one.value)
    for one in put:
        if isinstance(one, ast.IfExp) and isinstance(one.body, ast.Constant) and isinstance(one.orelse, ast.Constant):
            yield from filter(None, (_template(branch) for branch in (one.body, one.orelse)))


def _skipped(tree: ast.Module) -> Iterator[ast.AST]:
    """Give what is no sentence, or is a part of one: docstrings, the log's words, words that are only looked for."""
    for one in ast.walk(tree):
        match one:
            case ast.Expr(value=ast.Constant()):
                yield one.value
            case ast.JoinedStr():
                yield from (part for part in one.values if isinstance(part, ast.Constant))
            case ast.Compare() | ast.Call(func=ast.Attribute(value=ast.Constant(), attr="split")):
                yield from ast.walk(one)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log"))):
                yield from ast.walk(one)
            case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)) if name in UNSEEN:
                yield from ast.walk(one)


def _template(text: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(text, ast.Constant):
        return text.value if isinstance(text.value, str) else ""
    made, names = "", []
    for part in text.values:
        if isinstance(part, ast.FormattedValue):
            name = _name(part.value)
            names.append(name)
            made += f"{{{name}{names.count(name) if names.count(name) > 1 else ''}}}"
        elif isinstance(part, ast.Constant):
            made += str(part.value)
    return made


def _name(value: ast.expr) -> str:
    """Name a place by what is put into it."""
    match value:
        case ast.Call(func=ast.Name(id=wrapper), args=[inner, *_]) if wrapper in _WRAPPERS:
            return _name(inner)
        case ast.Call(func=ast.Attribute(value=inner, attr="rstrip" | "strip" | "join")):
            return _name(inner) if not isinstance(inner, ast.Constant) else _name(value.args[0])
        case ast.Call(func=inner) | ast.Subscript(value=inner) | ast.BinOp(left=inner) | ast.UnaryOp(operand=inner):
            return _name(inner)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name.strip("_").lower()
        case _:
            return "what"
