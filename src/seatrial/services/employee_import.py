"""Employees from a list: many at once, in one transaction, by e-mail address."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from seatrial.db import audit_log, employees, group_members
from seatrial.db.engine import Database
from seatrial.domain.access import OrganizationScope, Permission
from seatrial.domain.employee import Employee, EmployeeOrigin, EmployeeType
from seatrial.domain.employee_list import ImportReport, LineOutcome, ListedEmployee, ListedOutcome, ListError
from seatrial.domain.group import group_key
from seatrial.domain.ids import EmployeeId, new_entity_id
from seatrial.services.idempotency import Idempotency, Repeated, meaning

_SPELLINGS = {"first_name": "firstName", "last_name": "lastName", "language": "language"}


@dataclass(slots=True)
class _Plan:
    """What a list makes of what is there."""

    made: list[Employee] = field(default_factory=list)
    changed: list[tuple[Employee, dict[str, object]]] = field(default_factory=list)
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unchanged: int = 0
    lines: list[ListedOutcome] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EmployeeImport:
    """Takes lists of employees in."""

    db: Database
    idempotency: Idempotency
    now: Callable[[], datetime]

    def run(
        self,
        scope: OrganizationScope,
        listed: Sequence[ListedEmployee],
        wrong: Sequence[ListError] = (),
        *,
        dry_run: bool = False,
        key: str = "",
        means: str = "",
    ) -> ImportReport:
        """Take in who is new and change who is known, all or nobody; the same list again changes nothing.

        A column that the list has not, and an empty cell, leave a value as it is; `tags` replace those set by hand.
        A dry run says what would happen. `key` and `means` are for `once`.

        Raises Forbidden, Conflict where somebody else takes one of them in at the same moment, Repeated.
        """
        scope.require(Permission.EMPLOYEE_CREATE)
        scope.require(Permission.EMPLOYEE_UPDATE)
        now = self.now()
        if dry_run:
            with self.db.read() as tx:
                plan = _plan(tx, scope, listed, now)
        else:
            with self.db.transaction() as tx:
                answer = self.idempotency.claim(tx, scope, key, means)
                plan = _plan(tx, scope, listed, now)
                _carry_out(tx, scope, plan, now)
                detail: dict[str, object] = {"created": len(plan.made), "updated": len(plan.changed)}
                audit_log.record(tx, scope, "employee.import", scope.organization_id, now, detail)
                if key:
                    answer(msgspec.to_builtins(_report(plan, wrong, dry_run=False)))
        return _report(plan, wrong, dry_run=dry_run)

    def once(
        self, scope: OrganizationScope, listed: Sequence[ListedEmployee], wrong: Sequence[ListError], key: str
    ) -> tuple[ImportReport, bool]:
        """Take a list in under an idempotency key; tells whether it was done before, and then what was said of it.

        Raises what `run` raises, and Conflict for a key that was used for something else.
        """
        scope.require(Permission.EMPLOYEE_CREATE)
        means = meaning("employees", [listed, wrong], ())
        if self.idempotency.answer(scope, key, means) is None:
            with suppress(Repeated):
                return self.run(scope, listed, wrong, key=key, means=means), False
        return msgspec.convert(self.idempotency.answer(scope, key, means), ImportReport), True


def _report(plan: _Plan, wrong: Sequence[ListError], *, dry_run: bool) -> ImportReport:
    return ImportReport(
        created=len(plan.made),
        updated=len(plan.changed),
        unchanged=plan.unchanged,
        errors=tuple(wrong),
        dry_run=dry_run,
        lines=tuple(plan.lines),
    )


def _plan(tx: Connection, scope: OrganizationScope, listed: Sequence[ListedEmployee], now: datetime) -> _Plan:
    plan = _Plan()
    known = employees.by_email(tx, scope, [one.email for one in listed])
    by_hand = group_members.names_of(tx, group_members.EMPLOYEES, [one.id for one in known.values()], by_hand=True)
    for one in listed:
        before = known.get(one.email)
        if before is None:
            made = _new(scope, one, now)
            plan.made.append(made)
            if one.tags:
                plan.tags[made.id] = one.tags
            plan.lines.append(ListedOutcome(line=one.line, email=one.email, outcome=LineOutcome.CREATED))
            continue
        said = {"first_name": one.first_name, "last_name": one.last_name, "language": one.language}
        values: dict[str, object] = {
            name: value for name, value in said.items() if value and value != getattr(before, name)
        }
        has_new_tags = one.tags is not None and _keys(one.tags) != _keys(by_hand.get(before.id, ()))
        if has_new_tags and one.tags is not None:
            plan.tags[before.id] = one.tags
        if values or has_new_tags:
            plan.changed.append((before, values))
        else:
            plan.unchanged += 1
        changed = (*(_SPELLINGS[name] for name in values), *(("tags",) if has_new_tags else ()))
        outcome = LineOutcome.UPDATED if changed else LineOutcome.UNCHANGED
        plan.lines.append(ListedOutcome(line=one.line, email=one.email, outcome=outcome, changed=changed))
    return plan


def _carry_out(tx: Connection, scope: OrganizationScope, plan: _Plan, now: datetime) -> None:
    employees.insert_employees(tx, ((one, None) for one in plan.made))
    employees.update_names(tx, plan.changed, now)
    group_members.replace(tx, group_members.EMPLOYEES, scope.organization_id, plan.tags, now)


def _new(scope: OrganizationScope, one: ListedEmployee, now: datetime) -> Employee:
    return Employee(
        id=EmployeeId(new_entity_id()),
        organization_id=scope.organization_id,
        email=one.email,
        first_name=one.first_name,
        last_name=one.last_name,
        picture="",
        origin=EmployeeOrigin.IMPORT,
        type=EmployeeType.TRADITIONAL,
        language=one.language,
        disabled=False,
        tags=(),
        last_seen_at=None,
        created_at=now,
        updated_at=now,
    )


def _keys(tags: Sequence[str]) -> set[str]:
    return {group_key(tag) for tag in tags}
