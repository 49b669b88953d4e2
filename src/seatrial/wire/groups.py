"""The `filter` of an upload: employee groups, OR outside, AND inside, in all forms that clients send (decision 4)."""

from collections.abc import Iterable

from seatrial.domain.errors import InvalidRequest
from seatrial.wire import fields

Groups = tuple[tuple[str, ...], ...]

GROUP_LIMIT = 128
COUNT_LIMIT = 100

_RULE = "must be fields filter[i][j], a JSON array of arrays of strings, or text like group1,group2|group3"

_JSON_RULE = "must be an array of arrays of strings, or text like group1,group2|group3"


def collect(entries: Iterable[tuple[tuple[str, ...], str]]) -> Groups:
    """Read form fields, each given as the subscripts behind `filter` and its text.

    Of repeated whole texts the last one counts; clauses by subscript come behind it, in the order of their numbers.

    Raises InvalidRequest naming `filter`.
    """
    whole: list[list[str]] = []
    numbered: dict[int, dict[int, str]] = {}
    for subscripts, text in entries:
        match subscripts:
            case ():
                whole = _from_text(text)
            case (outer,):
                clause = numbered.setdefault(_position(outer, numbered), {})
                clause.update(enumerate(text.split(","), _position("", clause)))
            case (outer, inner):
                clause = numbered.setdefault(_position(outer, numbered), {})
                clause[_position(inner, clause)] = text
            case _:
                raise InvalidRequest({"filter": _RULE})
    return _bounded([*whole, *(_in_order(numbered[outer]) for outer in sorted(numbered))])


def from_json(name: str, value: object) -> Groups:
    """Read the groups of a JSON body, named so: an array of arrays of strings, or one string in either spelling.

    Raises InvalidRequest.
    """
    try:
        if value is None:
            return ()
        if isinstance(value, str):
            return _bounded(_from_text(value))
        if isinstance(value, list):
            return _bounded([_clause(item) for item in value])
    except InvalidRequest as invalid:
        raise InvalidRequest(dict.fromkeys([name], "; ".join(invalid.fields.values()))) from None
    raise InvalidRequest({name: _JSON_RULE})


def _from_text(text: str) -> list[list[str]]:
    if not text.lstrip().startswith(("[", "{")):
        return [clause.split(",") for clause in text.split("|")]
    value = fields.json_value("filter", text, _RULE)
    if not isinstance(value, list):
        raise InvalidRequest({"filter": _RULE})
    return [_clause(item) for item in value]


def _clause(item: object) -> list[str]:
    members = item if isinstance(item, list) else [item]
    names = [member for member in members if isinstance(member, str)]
    if len(names) < len(members):
        raise InvalidRequest({"filter": _RULE})
    return names


def _position(subscript: str, taken: Iterable[int]) -> int:
    """Read a subscript; the empty one is the next free number, as form parsers everywhere have it."""
    if not subscript:
        return max(taken, default=-1) + 1
    if not (subscript.isascii() and subscript.isdigit() and len(subscript) < 10):
        raise InvalidRequest({"filter": _RULE})
    return int(subscript)


def _in_order(clause: dict[int, str]) -> list[str]:
    return [clause[inner] for inner in sorted(clause)]


def _bounded(clauses: list[list[str]]) -> Groups:
    trimmed = ([fields.one_line("filter", member, GROUP_LIMIT) for member in clause] for clause in clauses)
    groups = tuple(tuple(dict.fromkeys(filter(None, clause))) for clause in trimmed if any(clause))
    if max(map(len, groups), default=0) > COUNT_LIMIT or len(groups) > COUNT_LIMIT:
        raise InvalidRequest({"filter": f"must be at most {COUNT_LIMIT} clauses of at most {COUNT_LIMIT} groups"})
    return groups
