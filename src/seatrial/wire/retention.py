"""Retention as JSON: rules, verdicts, pins and the trash."""

from seatrial.domain.access import Person
from seatrial.domain.listing import ListQuery
from seatrial.domain.retention import EffectiveRule, Judged, Pin, Preview, Run, TrashedBuild
from seatrial.wire import bodies
from seatrial.wire.pages import page_json
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp

TRASH_SORTS = ("trashedAt",)
REASON_LIMIT = 1000


def trash_query(params: Params) -> ListQuery:
    """Read which removed builds to list.

    Raises InvalidRequest.
    """
    return list_query(params, TRASH_SORTS)


def pin_reason(body: bytes) -> str:
    """Read why a build is to be kept.

    Raises InvalidRequest.
    """
    return bodies.line(REASON_LIMIT)("reason", bodies.json_object(body).get("reason"))


def rule_json(effective: EffectiveRule) -> dict[str, object]:
    """Show a rule, and who chose each of its values."""
    return {
        "buildRetentionDays": effective.rule.days,
        "buildRetentionDaysSource": effective.days_source,
        "buildsRetainedPerPublication": effective.rule.per_publication,
        "buildsRetainedPerPublicationSource": effective.per_publication_source,
    }


def applied_json(effective: EffectiveRule, run: Run | None) -> dict[str, object]:
    """Show an app's rule, and what it did last."""
    return rule_json(effective) | {
        "lastRunAt": timestamp(run.finished_at) if run else None,
        "lastRunBuilds": run.builds if run else 0,
        "lastRunBytes": run.bytes if run else 0,
    }


def preview_json(preview: Preview) -> dict[str, object]:
    """Show a page of verdicts, what they add up to, and the rule behind them."""
    totals = preview.totals
    return page_json(preview.page, [judged_json(one) for one in preview.page.items]) | {
        "totals": {"goes": totals.goes, "bytes": totals.bytes, "stays": totals.stays},
        "rule": rule_json(preview.rule),
    }


def judged_json(judged: Judged) -> dict[str, object]:
    """Show what becomes of one build, and why."""
    facts = judged.verdict.facts
    return {
        "id": facts.id,
        "application": judged.app_id,
        "applicationSlug": judged.app_slug,
        "versionName": judged.version_name,
        "versionCode": judged.version_code,
        "os": facts.os,
        "status": facts.status.value,
        "createdAt": timestamp(facts.created_at),
        "bytes": judged.bytes,
        "verdict": "goes" if judged.verdict.goes else "stays",
        "reason": judged.verdict.reason.value,
        "sentence": judged.verdict.sentence,
        "publications": judged.verdict.publications,
        "pin": pin_json(facts.pin) if facts.pin else None,
    }


def pin_json(pin: Pin) -> dict[str, object]:
    """Show a pin: why, by whom and since when a build is kept."""
    return {
        "build": pin.build_id,
        "reason": pin.reason,
        "pinnedBy": _person(pin.pinned_by),
        "pinnedAt": timestamp(pin.pinned_at),
    }


def trashed_json(trashed: TrashedBuild) -> dict[str, object]:
    """Show a removed build: what it was, why it is gone, and until when it can come back."""
    return {
        "id": trashed.build_id,
        "application": trashed.app_id,
        "versionName": trashed.version_name,
        "versionCode": trashed.version_code,
        "os": trashed.os,
        "status": trashed.status,
        "bytes": trashed.bytes,
        "createdAt": timestamp(trashed.created_at),
        "reason": trashed.reason.value,
        "sentence": trashed.sentence,
        "trashedBy": _person(trashed.trashed_by),
        "trashedAt": timestamp(trashed.trashed_at),
        "expiresAt": timestamp(trashed.expires_at),
    }


def _person(person: Person) -> dict[str, str]:
    return {
        "id": person.id,
        "email": person.email,
        "firstName": person.first_name,
        "lastName": person.last_name,
    }
