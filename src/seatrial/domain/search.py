"""Finding builds: the words of a build, the words of a question, and one page of an answer.

A word is found by its beginning. Words are kept whole and from each of their inner boundaries on, so that `acme.wal`,
`wallet` and `com.acme` all find `com.acme.wallet`, and both databases need to know nothing but prefixes.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from seatrial.domain.access import Person
from seatrial.domain.build import BuildStatus, SortField
from seatrial.domain.ids import AppId, BuildId, OrganizationId

LONGEST_WORD = 64
MOST_WORDS = 400
"""Words of one build; a changelog that is a book is found by its beginning."""
MOST_ASKED = 12
MOST_TEXT = 4000
"""Characters of one text that are looked at."""
LINES = 50
COUNTED = 1000
"""Matches that are counted one by one; what is beyond is `more`."""
HIGHEST = 1 << 48
"""Above every number that lists are sorted by: of builds, bytes, and milliseconds since 1970."""
SORTABLE = 2500
"""The newest matches that another order than by time is made of."""


def words_of(texts: Iterable[str]) -> list[str]:
    """Give every word by which these texts are found."""
    found: dict[str, None] = {}
    for text in texts:
        for chunk in _plain(text[:MOST_TEXT]).split():
            parts = [part for part in chunk.split("_") if part]
            for at in range(len(parts)):
                found["_".join(parts[at:])[:LONGEST_WORD]] = None
                if len(found) == MOST_WORDS:
                    return list(found)
    return list(found)


def asked(text: str) -> list[str]:
    """Give the beginnings of words that a question has; all of them must be found."""
    chunks = ("_".join(part for part in chunk.split("_") if part) for chunk in _plain(text[:MOST_TEXT]).split())
    return list(dict.fromkeys(chunk[:LONGEST_WORD] for chunk in chunks if chunk))[:MOST_ASKED]


def facet(app_id: AppId, kind: str, value: str) -> str:
    """Give the word that stands for an exact value; no text has it, because words never begin like this."""
    return f"_{kind}{hashlib.sha256(f'{app_id} {value}'.encode('utf-8', 'replace')).hexdigest()[:20]}"


def app_word(app_id: AppId) -> str:
    """Give the word that every build of an app has."""
    return f"_a{app_id}"


def organization_word(organization_id: OrganizationId) -> str:
    """Give the word that every build of an organization has."""
    return f"_g{organization_id}"


def _plain(text: str) -> str:
    """Write a text without case, accents and punctuation: runs of the latter become one underscore."""
    bare = (one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    return "".join(one if one.isalnum() else " " if one.isspace() else "_" for one in bare)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two lines: the values that the list is sorted by, of the line next to it."""

    values: tuple[str | int, ...]
    forward: bool = True
    """Whether the page lies after this place, as the list is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildFilter:
    """Which builds of an app, in which order, from where on."""

    words: str = ""
    status: BuildStatus | None = None
    os: str = ""
    tag: str = ""
    branch: str = ""
    sort: SortField = SortField.CREATED_AT
    descending: bool = True
    cursor: Cursor | None = None
    limit: int = LINES

    def fits(self, cursor: Cursor) -> bool:
        """Whether a place is one in this list: those of other orders are other values."""
        by_time = self.sort in {SortField.CREATED_AT, SortField.UPDATED_AT}
        if self.is_narrow and self.sort is SortField.CREATED_AT:
            kinds: tuple[type, ...] = (int,)
        elif by_time:
            kinds = (int, str)
        else:
            kinds = (int if self.sort is SortField.SIZE else str, int, str)
        numbers = [value for value in cursor.values if isinstance(value, int)]
        return tuple(map(type, cursor.values)) == kinds and all(0 <= number <= HIGHEST for number in numbers)

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for less than everything."""
        return bool(asked(self.words) or self.status or self.os or self.tag or self.branch)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildLine:
    """A build as a list shows it."""

    id: BuildId
    app_id: AppId
    status: BuildStatus
    stage: str
    version_name: str
    version_code: str
    os: str
    size: int
    tags: tuple[str, ...]
    deployer: str
    info: dict[str, str]
    """What the uploader said of branch, commit and CI run, by the keys of `deployer.info`."""
    uploaded_by: Person
    icon: str
    """The id of the file with its icon, or empty."""
    error: str
    disabled: bool
    revision: int
    claimed_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def branch(self) -> str:
        """The branch it was built from."""
        return self.info.get("branch", "")

    @property
    def commit(self) -> str:
        """The commit it was built from."""
        return self.info.get("commit", "")

    @property
    def version(self) -> str:
        """The version, with its code in parentheses where there is one."""
        return f"{self.version_name} ({self.version_code})" if self.version_code else self.version_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """One page of builds, with the ways to the pages beside it."""

    items: Sequence[BuildLine] = ()
    earlier: Cursor | None = None
    """The way to what stands before the first line, where there is anything."""
    later: Cursor | None = None
    total: int = 0
    is_more: bool = False
    """Whether there are more than `total`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What lists of an app can be narrowed to."""

    systems: Sequence[str] = ()
    tags: Sequence[str] = ()
    branches: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFilter:
    """A question that somebody keeps."""

    id: str
    name: str
    query: str
    """The address's query, without a place in the list."""
    created_at: datetime = field(compare=False)
