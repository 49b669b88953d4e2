"""Lists of employees as CSV (RFC 4180), as spreadsheets and directories write them."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from seatrial.domain.email import checked_email
from seatrial.domain.employee_list import MOST_ROWS, ImportReport, ListedEmployee, ListError
from seatrial.domain.errors import InvalidRequest
from seatrial.wire import bodies, fields, tags

ERRORS_SHOWN = 1000
"""How many wrong lines a report names; the others it counts."""
LIST_LIMIT = 32 << 20
"""Bytes: 50,000 rows of 600 characters."""
COLUMNS = {
    "email": ("email", "emailaddress", "mail", "username", "upn", "userprincipalname", "correo", "emailaddresses"),
    "first_name": ("firstname", "givenname", "first", "name", "nombre", "vorname", "prenom"),
    "last_name": ("lastname", "familyname", "surname", "sn", "last", "apellidos", "nachname", "nom"),
    "tags": ("tags", "tag", "groups", "group", "grupos", "gruppen", "groupes"),
    "language": ("language", "lang", "locale", "preferredlanguage"),
}
"""How columns may be called, without case, blanks and punctuation."""
_SEPARATORS = ",;\t"
_NOT_A_LETTER = re.compile(r"[\W_]+")
_TAG_SEPARATOR = re.compile(r"[;|]")
_LONGEST_CELL = 16 << 10


@dataclass(frozen=True, slots=True)
class EmployeeList:
    """The right lines of a list and the wrong ones."""

    employees: list[ListedEmployee]
    errors: list[ListError]


def employee_list(body: bytes) -> EmployeeList:
    """Read a list: UTF-8, with commas, semicolons or tabs, its first line naming the columns.

    A line with a wrong value is an error of its own; of an address that comes twice the first line counts.

    Raises InvalidRequest naming `file` for what is no such list at all.
    """
    text = _text(body)
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    rows = _rows(text, separator)
    header = next(rows, (0, []))[1]
    columns = _columns(header)
    found, seen = EmployeeList([], []), dict[str, int]()
    for count, (line, row) in enumerate(rows):
        if count == MOST_ROWS:
            raise InvalidRequest({"file": f"must have at most {MOST_ROWS} lines below the first"})
        try:
            one = _employee(line, {name: row[at].strip() for name, at in columns.items() if at < len(row)})
        except InvalidRequest as invalid:
            found.errors.append(ListError(line, str(invalid)))
            continue
        if one.email in seen:
            found.errors.append(ListError(line, f"email: {one.email} is in line {seen[one.email]} already"))
            continue
        seen[one.email] = line
        found.employees.append(one)
    return found


def report_json(report: ImportReport) -> dict[str, object]:
    """Show what became of a list."""
    return {
        "dryRun": report.dry_run,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "failed": len(report.errors),
        "errors": [{"line": one.line, "message": one.message} for one in report.errors[:ERRORS_SHOWN]],
    }


def _text(body: bytes) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidRequest({"file": "must be UTF-8, and is UTF-16: save it as `CSV UTF-8`"})
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise InvalidRequest(
            {"file": f"must be UTF-8, and is not in line {line}: in Excel, save it as `CSV UTF-8`"}
        ) from None
    if "\0" in text:
        raise InvalidRequest({"file": "must be CSV in UTF-8, and has NUL characters"})
    return text


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that are not empty with the line that each begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    before = 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise InvalidRequest({"file": f"is no CSV in line {reader.line_num}: {error}"}) from None
        if row is None:
            return
        begins, before = before + 1, reader.line_num
        if any(len(cell) > _LONGEST_CELL for cell in row):
            raise InvalidRequest({"file": f"has a cell of more than {_LONGEST_CELL} characters in line {begins}"})
        if any(cell.strip() for cell in row):
            yield begins, row


def _columns(header: Sequence[str]) -> dict[str, int]:
    names = {word: name for name, words in COLUMNS.items() for word in words}
    columns: dict[str, int] = {}
    for at, cell in enumerate(header):
        name = names.get(_NOT_A_LETTER.sub("", cell.casefold()))
        if name is not None:
            columns.setdefault(name, at)
    if "email" not in columns:
        raise InvalidRequest(
            {"file": "must begin with a line that names the columns: email, firstName, lastName, tags, language"}
        )
    return columns


def _employee(at: int, said: Mapping[str, str]) -> ListedEmployee:
    def line(name: str, column: str) -> str:
        text = fields.one_line(name, said.get(column, ""), bodies.NAME_LIMIT)
        if not text.isprintable():
            raise InvalidRequest({name: "must not contain line breaks or control characters"})
        return text

    return ListedEmployee(
        line=at,
        email=checked_email(fields.plain("email", said.get("email", ""))),
        first_name=line("firstName", "first_name"),
        last_name=line("lastName", "last_name"),
        language=_language(said.get("language", "")),
        tags=_tags(said["tags"]) if said.get("tags") else None,
    )


def _language(text: str) -> str:
    # Directories write regions too: `pt-BR`.
    return bodies.language("language", re.split(r"[-_]", text)[0])


def _tags(text: str) -> tuple[str, ...]:
    found = tags.collect(_TAG_SEPARATOR.split(text))
    for name in found:
        if not name.isprintable():
            raise InvalidRequest({"tags": "must not contain line breaks or control characters"})
    return found
