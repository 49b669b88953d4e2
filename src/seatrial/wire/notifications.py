"""Notifications, mails and wishes as JSON (contract 1.1; decisions 4, 7, 8, 9 and 36)."""

from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.domain.build import Notification
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.ids import is_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.mail import Candidate, Delivery, Mail, MailQuery, MailState, Telling
from seatrial.wire import bodies, fields, groups
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp
from seatrial.wire.uploads import MESSAGE_LIMIT

SORTS = ("createdAt",)
_EMAIL_LIMIT = 256


@dataclass(frozen=True, slots=True)
class WantedNotification:
    """Whom to tell, and of which build, if one was named."""

    notification: Notification
    build_id: str | None


@dataclass(frozen=True, slots=True)
class WantedPreference:
    """What a person chooses, for one app or for all apps of an organization."""

    organization: str
    app: str | None
    delivery: Delivery


def wanted_notification(body: bytes) -> WantedNotification:
    """Read whom to tell, in the words of an upload; no body at all asks for the app's own settings.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body) if body.strip() else {}
    build_id = bodies.line(_EMAIL_LIMIT)("buildId", said.get("buildId"))
    return WantedNotification(
        Notification(
            collaborators=_flag("notifyCollaborators", said.get("notifyCollaborators")),
            employees=_flag("notifyEmployees", said.get("notifyEmployees")),
            message=bodies.line(MESSAGE_LIMIT)("notifyMessage", said.get("notifyMessage")),
            language=bodies.language("notifyLanguage", said.get("notifyLanguage")),
            groups=groups.from_json("filter", said.get("filter")),
        ),
        build_id or None,
    )


def wanted_preference(body: bytes) -> WantedPreference:
    """Read what a person chooses.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    organization = bodies.line(_EMAIL_LIMIT)("organization", said.get("organization"))
    if not organization:
        raise InvalidRequest({"organization": "is required: its id or slug"})
    app = bodies.line(_EMAIL_LIMIT)("app", said.get("app")) or None
    if said.get("delivery") is None:
        raise InvalidRequest({"delivery": f"is required: one of {', '.join(Delivery)}"})
    return WantedPreference(organization, app, Delivery(bodies.word(*Delivery)("delivery", said["delivery"])))


def notifications_query(params: Params) -> ListQuery:
    """Read which notifications to list.

    Raises InvalidRequest.
    """
    return list_query(params, SORTS)


def mails_query(params: Params) -> MailQuery:
    """Read which mails to list; several filters hold together.

    Raises InvalidRequest.
    """
    listed = list(params)
    paging = list_query(listed, SORTS, ("email",))
    said = {name: text.strip() for name, text in listed if text.strip()}
    state = MailState(fields.word("status", said["status"].lower(), MailState)) if "status" in said else None
    return MailQuery(
        state=state,
        email=paging.email,
        app_id=_id(said, "app"),
        build_id=_id(said, "build"),
        notification_id=_id(said, "notification"),
        descending=paging.descending,
        page=paging.page,
        limit=paging.limit,
    )


def notification_json(telling: Telling, counts: Mapping[MailState, int]) -> dict[str, object]:
    """Show one telling of a build."""
    wanted = telling.wanted
    return {
        "id": telling.id,
        "application": telling.app_id,
        "build": telling.build_id,
        "turn": telling.turn,
        "requestedBy": {"id": telling.requested_by.get("id", ""), "email": telling.requested_by.get("email", "")},
        "notifyCollaborators": wanted.collaborators,
        "notifyEmployees": wanted.employees,
        "notifyMessage": wanted.message,
        "notifyLanguage": wanted.language,
        "filter": [list(clause) for clause in wanted.groups],
        "status": telling.state.value,
        "reason": telling.reason,
        "recipients": sum(counts.values()),
        "mails": {state.value: counts.get(state, 0) for state in MailState},
        "createdAt": timestamp(telling.created_at),
        "updatedAt": timestamp(telling.updated_at),
    }


def mail_json(mail: Mail) -> dict[str, object]:
    """Show one mail without what it says."""
    return {
        "id": mail.id,
        "kind": mail.kind,
        "email": mail.email,
        "name": mail.name,
        "language": mail.language,
        "status": mail.state.value,
        "reason": mail.reason,
        "detail": mail.detail,
        "application": mail.app_id,
        "build": mail.build_id,
        "notification": mail.notification_id,
        "attempts": mail.attempts,
        "lostAnswers": mail.lost,
        "answer": mail.answer,
        "history": [{"at": timestamp(step.at), "status": step.state.value, "note": step.note} for step in mail.history],
        "createdAt": timestamp(mail.created_at),
        "updatedAt": timestamp(mail.updated_at),
    }


def candidate_json(candidate: Candidate, language: str, *, can_send: bool) -> dict[str, object]:
    """Show a person who would be told, and how, or why not."""
    return {
        "email": candidate.email,
        "name": candidate.name,
        "language": language,
        "reason": candidate.reason.value,
        "detail": candidate.detail,
        "outcome": outcome(candidate, can_send=can_send),
    }


def outcome(candidate: Candidate, *, can_send: bool) -> str:
    """Say in a word what would become of telling a person."""
    if not candidate.reachable:
        return "disabled"
    if candidate.already:
        return "told"
    if candidate.delivery is Delivery.NONE:
        return "unsubscribed"
    if candidate.delivery is Delivery.DIGEST:
        return "digest"
    return "mail" if can_send else "noMailSettings"


OUTCOMES = ("mail", "digest", "unsubscribed", "told", "disabled", "noMailSettings")


def _flag(name: str, value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return fields.flag(name, value)
    raise InvalidRequest({name: "must be true or false"})


def _id(said: Mapping[str, str], name: str) -> str | None:
    if name not in said:
        return None
    if not is_entity_id(said[name]):
        raise InvalidRequest({name: "must be an id of 24 hex digits"})
    return said[name].lower()
