"""Who is to be told of a build: collaborators and employees, each address once, in pages in the order of addresses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)

from seatrial.db.recipients import in_audience, is_reachable, joined_by_hash, matching
from seatrial.db.tables import (
    app_collaborators,
    employee_groups,
    employees,
    groups,
    mail_preferences,
    mails,
    memberships,
    users,
)
from seatrial.domain.access import MemberRole
from seatrial.domain.group import group_key
from seatrial.domain.ids import AppId, AudienceId, BuildId, OrganizationId
from seatrial.domain.mail import Candidate, Delivery, MailState, Reason, Wanted

_ANY_APP = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What people are to be told of."""

    organization_id: OrganizationId
    app_id: AppId
    build_id: BuildId | None
    wanted: Wanted
    audiences: tuple[AudienceId, ...] = ()
    """Whose people hear of it as well, by the publications that give it."""
    unreachable_too: bool = False
    """Whether to name people who are switched off, for whoever wonders why they hear nothing."""


def page(tx: Connection, news: News, *, after: str = "", offset: int = 0, limit: int) -> list[Candidate]:
    """Find the next people behind an address; who is collaborator and employee comes once, as a collaborator."""
    people = _people(tx, news, after)
    if people is None:
        return []
    with joined_by_hash(tx):
        rows = tx.execute(select(people).order_by(people.c.email).offset(offset).limit(limit)).all()
    emails = [row.email for row in rows]
    deliveries = _deliveries(tx, news, emails)
    told = _told(tx, news, emails)
    matched = _matched(tx, news, [row.id for row in rows if row.reason == Reason.EMPLOYEE.value])
    return [
        Candidate(
            email=row.email,
            name=f"{row.first_name} {row.last_name}".strip(),
            language=row.language,
            reason=Reason(row.reason),
            detail=matched.get(row.id, row.detail),
            delivery=deliveries.get(row.email, Delivery.ALL),
            reachable=bool(row.reachable),
            already=told.get(row.email, ""),
        )
        for row in rows
    ]


def count(tx: Connection, news: News) -> int:
    """Count the people whom `page` finds."""
    people = _people(tx, news, "")
    if people is None:
        return 0
    with joined_by_hash(tx):
        found: int = tx.execute(select(func.count()).select_from(people)).scalar_one()
    return found


def delivery_of(
    tx: Connection, organization_id: OrganizationId, app_id: str, emails: Sequence[str]
) -> dict[str, Delivery]:
    """Look up what people want of an app; who said nothing is not in it."""
    rows = tx.execute(
        select(mail_preferences).where(
            mail_preferences.c.organization_id == organization_id,
            mail_preferences.c.email.in_(emails),
            mail_preferences.c.app_id.in_([_ANY_APP, app_id]),
        )
    )
    found: dict[str, Delivery] = {}
    for row in sorted(rows, key=lambda row: row.app_id != _ANY_APP):  # what was said about the app itself comes last
        found[row.email] = Delivery(row.delivery)
    return found


def _people(tx: Connection, news: News, after: str) -> Subquery | None:
    arms: list[Select[Any]] = []
    if news.wanted.collaborators:
        arms.append(_collaborators(news).where(users.c.email > after))
    if news.wanted.employees or news.audiences:
        arms.append(_employees(tx, news).where(employees.c.email > after))
    if not arms:
        return None
    return (arms[0] if len(arms) == 1 else union_all(*arms)).subquery("people")


def _collaborators(news: News) -> Select[Any]:
    in_app = and_(app_collaborators.c.app_id == news.app_id, app_collaborators.c.user_id == users.c.id)
    return (
        select(
            users.c.id,
            users.c.email,
            users.c.first_name,
            users.c.last_name,
            users.c.language,
            literal(Reason.COLLABORATOR.value).label("reason"),
            func.coalesce(app_collaborators.c.role, memberships.c.role).label("detail"),
            literal(1).label("reachable"),
        )
        .select_from(users)
        .join(memberships, memberships.c.user_id == users.c.id)
        .outerjoin(app_collaborators, in_app)
        .where(
            memberships.c.organization_id == news.organization_id,
            or_(memberships.c.role != MemberRole.UNASSIGNED.value, app_collaborators.c.id.is_not(None)),
        )
    )


def _employees(tx: Connection, news: News) -> Select[Any]:
    where: list[ColumnElement[bool]] = [employees.c.organization_id == news.organization_id]
    if not news.unreachable_too:
        where.append(is_reachable())
    ids = matching(tx, news.organization_id, news.wanted.groups) if news.wanted.employees else None
    if ids is not None or not news.wanted.employees:
        meant = [] if ids is None else [employees.c.id.in_(ids)]
        where.append(or_(*meant, *(in_audience(tx, news.organization_id, each) for each in news.audiences)))
    if news.wanted.collaborators:
        collaborators = _collaborators(news).subquery()
        where.append(employees.c.email.not_in(select(collaborators.c.email)))
    return select(
        employees.c.id,
        employees.c.email,
        employees.c.first_name,
        employees.c.last_name,
        employees.c.language,
        literal(Reason.EMPLOYEE.value).label("reason"),
        literal("").label("detail"),
        case((is_reachable(), 1), else_=0).label("reachable"),
    ).where(*where)


def _deliveries(tx: Connection, news: News, emails: Sequence[str]) -> dict[str, Delivery]:
    return delivery_of(tx, news.organization_id, news.app_id, emails)


def _told(tx: Connection, news: News, emails: Sequence[str]) -> dict[str, str]:
    if news.build_id is None:
        return {}
    rows = tx.execute(
        select(mails.c.email, mails.c.state).where(
            mails.c.build_id == news.build_id,
            mails.c.email.in_(emails),
            mails.c.state != MailState.SKIPPED.value,
        )
    )
    return {row.email: row.state for row in rows}


def _matched(tx: Connection, news: News, ids: Sequence[str]) -> dict[str, str]:
    """Say for each employee which of the clauses was met first, in the words that it was asked for with."""
    clauses = news.wanted.groups
    if not clauses or not ids:
        return {}
    keys = {group_key(name) for clause in clauses for name in clause}
    mine: dict[str, set[str]] = {}
    rows = tx.execute(
        select(employee_groups.c.employee_id, groups.c.key)
        .join(groups, groups.c.id == employee_groups.c.group_id)
        .where(employee_groups.c.employee_id.in_(ids), groups.c.key.in_(keys))
    )
    for row in rows:
        mine.setdefault(row.employee_id, set()).add(row.key)
    return {
        employee_id: next((", ".join(each) for each in clauses if all(group_key(name) in has for name in each)), "")
        for employee_id, has in mine.items()
    }
