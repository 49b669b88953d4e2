"""Which builds are kept, which are not, and why: one rule, one function that decides, and what people see of both."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from seatrial.domain.access import Person
from seatrial.domain.build import BuildStatus, Page, Paging
from seatrial.domain.ids import AppId, BuildId, OrganizationId
from seatrial.domain.sentence import Sentence, Term

YOUNGEST = timedelta(hours=24)
"""No rule takes a build that was uploaded less than this ago."""
MOST_RETAINED = 100_000
"""Days, or builds of a publication."""
TRASH_DAYS, MOST_TRASH_DAYS = 30, 365
_DAY = timedelta(days=1)


class Reason(StrEnum):
    """Why a build stays or goes; where several reasons keep it, the first of this list is told."""

    PINNED = "pinned"
    UNFINISHED = "unfinished"
    """It waits for processing, or is being processed."""
    RECENT = "recent"
    PUBLISHED = "published"
    """A publication gives it, or keeps it among its newest ones."""
    NEWEST = "newest"
    """It is the app's newest processed build for its system."""
    NO_RULE = "noRule"
    YOUNG = "young"
    UNPUBLISHED = "unpublished"
    """No publication chooses among builds like this one, and no age was set."""
    OLD = "old"
    SURPLUS = "surplus"
    """Publications choose among builds like this one, and each has enough that are newer."""

    @property
    def goes(self) -> bool:
        """Whether a build with this reason is to be removed."""
        return self in {Reason.OLD, Reason.SURPLUS}


@dataclass(frozen=True, slots=True)
class Rule:
    """How long builds are kept, and how many; `None` where nobody chose."""

    days: int | None = None
    per_publication: int | None = None

    @property
    def kept_by_publication(self) -> int:
        """How many builds of each system a publication keeps: what it gives now at least."""
        return self.per_publication or 1

    @property
    def is_set(self) -> bool:
        """Whether there is anything that could go."""
        return self.days is not None or self.per_publication is not None

    def cutoff(self, now: datetime) -> datetime:
        """Give the moment before which a build must have been uploaded to go."""
        return now - max(YOUNGEST, timedelta(days=self.days or 0))


class RuleSource(StrEnum):
    """Who chose a value of a rule."""

    APPLICATION = "application"
    ORGANIZATION = "organization"
    REQUEST = "request"
    """Whoever asks tries it out."""


@dataclass(frozen=True, slots=True)
class EffectiveRule:
    """The rule that counts for an app, and who chose each of its values."""

    rule: Rule
    days_source: RuleSource | None = None
    per_publication_source: RuleSource | None = None


def effective(own: Rule, default: Rule, tried: Rule | None = None) -> EffectiveRule:
    """Take each value from whoever tries one, else from the app, else from its organization."""
    choices = (
        (RuleSource.REQUEST, tried or Rule()),
        (RuleSource.APPLICATION, own),
        (RuleSource.ORGANIZATION, default),
    )
    days = next(((rule.days, source) for source, rule in choices if rule.days is not None), (None, None))
    count = next(
        ((rule.per_publication, source) for source, rule in choices if rule.per_publication is not None), (None, None)
    )
    return EffectiveRule(Rule(days[0], count[0]), days[1], count[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """Somebody's word that a build is to stay, whatever the rules say: for ever, or for the law."""

    build_id: BuildId
    reason: str
    pinned_by: Person
    pinned_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a build stands among those that a publication chooses among."""

    publication: str
    """Its slug."""
    rank: int | None
    """Counted from 1 for the newest of its system; `None` for a build that the publication names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the decision about a build depends on."""

    id: BuildId
    os: str
    status: BuildStatus
    created_at: datetime
    is_newest: bool
    pin: Pin | None
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a build, and why."""

    facts: Facts
    reason: Reason
    words: Sentence

    @property
    def sentence(self) -> str:
        """Why, in English."""
        return str(self.words)

    @property
    def goes(self) -> bool:
        """Whether the build is to be removed."""
        return self.reason.goes

    @property
    def publications(self) -> list[str]:
        """Name the publications that choose among builds like this one, where the reason is one of theirs."""
        if self.reason not in {Reason.PUBLISHED, Reason.SURPLUS}:
            return []
        return list(dict.fromkeys(place.publication for place in self.facts.places))


def decide(facts: Facts, rule: Rule, now: datetime) -> Verdict:
    """Say whether a build stays or goes: for the preview, for a run, and for the last look before a removal."""
    reason, words = _kept(facts, rule, now) or _outlived(facts, rule, now)
    return Verdict(facts, reason, words)


def _kept(facts: Facts, rule: Rule, now: datetime) -> tuple[Reason, Sentence] | None:
    if facts.pin is not None:
        said = {"name": _name(facts.pin.pinned_by), "reason": facts.pin.reason}
        return Reason.PINNED, Sentence("kept: pinned by {name}: {reason}", said)
    if facts.status in {BuildStatus.PENDING, BuildStatus.IN_PROGRESS}:
        return Reason.UNFINISHED, Sentence("kept: its processing has not ended")
    if facts.created_at > now - YOUNGEST:
        return Reason.RECENT, Sentence("kept: uploaded less than 24 hours ago")
    published = next(filter(None, (_published(place, rule) for place in facts.places)), None)
    if published is not None:
        return Reason.PUBLISHED, Sentence("kept: published to {place}", {"place": published})
    if facts.is_newest:
        system = facts.os or Term("its system")
        return Reason.NEWEST, Sentence("kept: the newest processed build for {system}", {"system": system})
    return None


def _published(place: Place, rule: Rule) -> Sentence | None:
    said = {"publication": place.publication, "rank": place.rank, "most": rule.kept_by_publication}
    if place.rank is None:
        return Sentence("{publication}, which names it", said)
    if place.rank <= rule.kept_by_publication:
        return Sentence("{publication} ({rank} of {most})", said)
    return None


def _outlived(facts: Facts, rule: Rule, now: datetime) -> tuple[Reason, Sentence]:
    if not rule.is_set:
        return Reason.NO_RULE, Sentence("kept: no rule is set")
    if rule.days is None:
        if not facts.places:
            text = "kept: no publication chooses among builds like this one, and no age is set"
            return Reason.UNPUBLISHED, Sentence(text)
        names = tuple(place.publication for place in facts.places)
        said = {"most": rule.kept_by_publication, "publications": names}
        return Reason.SURPLUS, Sentence("goes: beyond the newest {most} of {publications}", said)
    age = {"age": _days((now - facts.created_at) // _DAY), "days": _days(rule.days)}
    if facts.created_at > now - timedelta(days=rule.days):
        return Reason.YOUNG, Sentence("kept: {age} old, of {days}", age)
    return Reason.OLD, Sentence("goes: {age} old, kept by no publication", age)


def read_back(text: str) -> Sentence | None:
    """Give the sentence that a build went into the trash with, of the text that is kept; nothing for another text."""
    found = re.fullmatch(r"goes: (?P<age>\d+) days? old, kept by no publication", text)
    if found:
        return Sentence("goes: {age} old, kept by no publication", {"age": _days(int(found["age"]))})
    found = re.fullmatch(r"goes: beyond the newest (?P<most>\d+) of (?P<publications>.+)", text, re.DOTALL)
    return Sentence("goes: beyond the newest {most} of {publications}", found.groupdict()) if found else None


def _days(number: int) -> Sentence:
    return Sentence("{number} day" if number == 1 else "{number} days", {"number": number})


def _name(person: Person) -> str:
    return f"{person.first_name} {person.last_name}".strip() or person.email or Term("the operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionQuery(Paging):
    """Which verdicts of a preview, which page, and which rule to try instead of the saved one."""

    goes: bool | None = None
    """`None` for both."""
    tried: Rule = Rule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One line of a preview."""

    verdict: Verdict
    app_id: AppId
    app_slug: str
    version_name: str
    version_code: str
    bytes: int
    """Of all its files, each once: what its removal for good would free."""


@dataclass(frozen=True, slots=True)
class Totals:
    """How many builds go and what that frees, and how many stay."""

    goes: int = 0
    bytes: int = 0
    stays: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What the rules would do now."""

    page: Page[Judged]
    totals: Totals
    rule: EffectiveRule
    """Of the app; of an organization its default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How the last application of an app's rule ended."""

    started_at: datetime
    finished_at: datetime
    builds: int
    bytes: int


class TrashReason(StrEnum):
    """Why a build is in the trash."""

    RETENTION = "retention"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrashedBuild:
    """A build that is gone for everybody, and can be brought back until a moment."""

    build_id: BuildId
    organization_id: OrganizationId
    app_id: AppId
    version_name: str
    version_code: str
    os: str
    status: str
    bytes: int
    created_at: datetime
    """When it was uploaded."""
    reason: TrashReason
    sentence: str
    trashed_by: Person
    trashed_at: datetime
    expires_at: datetime
