"""Lists of employees as people's programs write them."""

import pytest

from seatrial.domain.employee_list import ListedEmployee
from seatrial.domain.errors import InvalidRequest
from seatrial.wire.employee_list import employee_list


@pytest.mark.parametrize(
    "body",
    [
        b"email,firstName,lastName,tags,language\nada@example.com,Ada,Marsh,QA;Porto,pt\n",
        b"\xef\xbb\xbfE-Mail;First Name;LAST_NAME;Groups;Language\r\nADA@example.com;Ada;Marsh;QA|Porto;pt-BR\r\n",
        b'language\temail\ttags\tlast name\tfirst name\tphone\npt\tada@example.com\t" QA ; Porto;QA"\tMarsh\tAda\t1\n',
        b'\n\nemail,firstName,lastName,tags,language\n,,,,\n"ada@example.com",Ada,"Marsh","QA;Porto",PT',
    ],
)
def test_the_same_list_in_many_spellings(body: bytes) -> None:
    found = employee_list(body)
    assert found.errors == []
    assert found.employees == [
        ListedEmployee(
            email="ada@example.com", first_name="Ada", last_name="Marsh", language="pt", tags=("QA", "Porto")
        )
    ]


def test_what_a_list_does_not_say_stays_unsaid() -> None:
    [one] = employee_list(b"email\nada@example.com\n").employees
    assert one == ListedEmployee(email="ada@example.com", tags=None)
    [one] = employee_list(b"email,tags\nada@example.com,\n").employees
    assert one.tags is None


def test_wrong_lines_are_named_as_an_editor_counts_them() -> None:
    body = (
        b'email,firstName,language\nada@example.com,"Ada\nM",en\nnobody,,\n\neve@example.com,Eve,klingon\n'
        b'ADA@example.com,,\nbob@example.com,Bob,\n"x@example.com\r\nBcc: y@example.com",,\n'
    )
    found = employee_list(body)
    assert [one.email for one in found.employees] == ["ada@example.com", "bob@example.com"]
    assert [error.line for error in found.errors] == [2, 4, 6, 9]
    messages = {error.line: error.message for error in found.errors}
    assert "firstName" in messages[2]
    assert "email" in messages[4]
    assert "language" in messages[6]
    assert "email" in messages[9]


def test_the_first_of_two_lines_counts() -> None:
    found = employee_list(b"email,firstName\nada@example.com,Ada\nada@example.com,Eve\n")
    assert found.employees[0].first_name == "Ada"
    assert [(error.line, error.message) for error in found.errors] == [
        (3, "email: ada@example.com is in line 2 already")
    ]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "must begin with a line that names the columns"),
        (b"ada@example.com\n", "must begin with a line that names the columns"),
        (b"email\nada@example.com\nj\xf6rg@example.com\n", "is not in line 3"),
        ("email\nada@example.com\n".encode("utf-16"), "is UTF-16"),
        (b"email\na\0b@example.com\n", "NUL"),
        (b'email,firstName\nada@example.com,"' + b"x" * 200_000 + b'"\n', "line 2"),
        (b"email,firstName\nada@example.com," + b"x" * 20_000 + b"\n", "line 2"),
        (b"email\n" + b"".join(b"%d@example.com\n" % n for n in range(50_001)), "at most 50000 lines"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00", "must be"),
    ],
    ids=["empty", "no header", "latin-1", "utf-16", "nul", "csv cell", "long cell", "long list", "xlsx"],
)
def test_what_is_no_list_is_refused(body: bytes, sentence: str) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        employee_list(body)
