"""Notifications by mail, the mails themselves, and what people wish to hear of (contract 1.1)."""

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.mail import Delivery, MailState, NotificationState
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import CHANGING, CREDENTIAL, SCOPED
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE, WORKSPACE_TOKEN, Credentials
from seatrial.web.openapi.groups import conditions
from seatrial.web.openapi.lists import page, paging
from seatrial.web.openapi.notation import (
    ENTITY_ID,
    Json,
    Operation,
    array,
    boolean,
    entity_id,
    json_body,
    moment,
    nullable,
    number,
    parameter,
    record,
    ref,
    response,
    shared,
    string,
    success,
)
from seatrial.wire.fields import LANGUAGES
from seatrial.wire.notifications import OUTCOMES, SORTS

TAG = "Notifications"

_SESSION: Credentials = ({"sessionToken": []},)
_STATES = [state.value for state in MailState]
_DELIVERY = string(
    "`all`: a mail for every build; `digest`: one a day; `none`.", enum=[each.value for each in Delivery]
)
_MAIL_ID, _NOTIFICATION_ID = "6a1b2c3d4e5f60718293a4b5", "6a1b2c3d4e5f60718293a4b6"
_ORGANIZATION = shared("organizationId")
_APP = WORKSPACE.parameters
_BUILD = (*_APP, shared("buildId"))
_NOTIFICATION = parameter("notificationId", "path", entity_id(), "The notification's id.")
_MAIL = parameter("mailId", "path", entity_id(), "The mail's id.")
_NO_ID_OR_ONE = string(pattern=f"^$|{ENTITY_ID}")
_HTML = {"text/html": {"schema": string()}}
_MAIL_EXAMPLE = {
    "id": _MAIL_ID,
    "kind": "notification",
    "email": "ada@example.com",
    "name": "Ada Marsh",
    "language": "en",
    "status": "refused",
    "reason": "employee",
    "detail": "testers",
    "application": examples.APP_ID,
    "build": examples.BUILD_ID,
    "notification": _NOTIFICATION_ID,
    "attempts": 1,
    "lostAnswers": 0,
    "answer": "550 5.1.1 no such user",
    "history": [
        {"at": examples.MOMENT, "status": "queued", "note": ""},
        {"at": examples.MOMENT, "status": "sending", "note": ""},
        {"at": examples.MOMENT, "status": "refused", "note": "550 5.1.1 no such user"},
    ],
    "createdAt": examples.MOMENT,
    "updatedAt": examples.MOMENT,
}
_TELLING_EXAMPLE = {
    "id": _NOTIFICATION_ID,
    "application": examples.APP_ID,
    "build": examples.BUILD_ID,
    "turn": 0,
    "requestedBy": {"id": "", "email": "ci@example.com"},
    "notifyCollaborators": False,
    "notifyEmployees": True,
    "notifyMessage": "Please look at the login",
    "notifyLanguage": "en",
    "filter": [["testers"]],
    "status": "told",
    "reason": "",
    "recipients": 2,
    "mails": dict.fromkeys(_STATES, 0) | {"sent": 1, "refused": 1},
    "createdAt": examples.MOMENT,
    "updatedAt": examples.MOMENT,
}
_PREFERENCE_EXAMPLE = {
    "organization": {"id": examples.ORGANIZATION_ID, "name": "Harbour Mobile", "slug": "harbour-mobile"},
    "app": None,
    "delivery": "all",
    "updatedAt": None,
}
_CANDIDATE_EXAMPLE = {
    "email": "ada@example.com",
    "name": "Ada Marsh",
    "language": "en",
    "reason": "employee",
    "detail": "testers",
    "outcome": "mail",
}


def schemas() -> dict[str, Json]:
    """Give the schemas of notifications and mails."""
    telling = {
        "id": entity_id(),
        "application": entity_id(),
        "build": entity_id("The build may be gone."),
        "turn": number("0 is what the upload asked for.", minimum=0),
        "requestedBy": record({"id": string(), "email": string()}),
        "notifyCollaborators": boolean(),
        "notifyEmployees": boolean(),
        "notifyMessage": string(),
        "notifyLanguage": string("Empty: each person's own."),
        "filter": array(array(string())),
        "status": string(enum=[state.value for state in NotificationState]),
        "reason": string("Why nobody was told: `nobody`, `deleted`, `disabled`, `not processed`, `internal error`."),
        "recipients": number("People for whom there is a mail, sent or not.", minimum=0),
        "mails": record({state: number(minimum=0) for state in _STATES}, "How many are in which state."),
        "createdAt": moment(),
        "updatedAt": moment(),
    }
    step = record({"at": moment(), "status": string(enum=_STATES), "note": string()})
    mail = {
        "id": entity_id(),
        "kind": string("`notification`, `digest`, or the name of a letter such as `invitation_user`."),
        "email": string(),
        "name": string(),
        "language": string(),
        "status": string(enum=_STATES),
        "reason": string("`collaborator`, `employee` or nothing."),
        "detail": string("The role or the groups that were meant; of a skipped mail why."),
        "application": nullable(entity_id()),
        "build": nullable(entity_id()),
        "notification": nullable(entity_id()),
        "attempts": number(minimum=0),
        "lostAnswers": number("How often it was handed over and no answer was heard.", minimum=0),
        "answer": string("The mail server's last words."),
        "history": array(step, "Every state it was in."),
        "createdAt": moment(),
        "updatedAt": moment(),
    }
    named = {"id": entity_id(), "name": string(), "slug": string()}
    candidate = {
        "email": string(),
        "name": string(),
        "language": string("What the mail would be written in."),
        "reason": string(enum=["collaborator", "employee"]),
        "detail": string("The role, or the groups that match."),
        "outcome": string("What would become of it.", enum=list(OUTCOMES)),
    }
    preference = {
        "organization": record(named),
        "app": nullable(record(named)),
        "delivery": _DELIVERY,
        "updatedAt": nullable(moment("Null where nothing was said.")),
    }
    return {
        "Notification": record(telling),
        "NotificationPage": page(ref("Notification")),
        "Mail": record(mail),
        "MailPage": page(ref("Mail")),
        "NotificationCandidate": record(candidate),
        "NotificationCandidatePage": page(ref("NotificationCandidate")),
        "MailPreference": record(preference),
    }


def operations() -> list[Operation]:
    """Describe the routes of notifications and mails."""
    return [*_notifications(), _tell(), _preview(), *_mails(), *_preferences(), *_unsubscribe()]


def _notifications() -> list[Operation]:
    shown = examples.page(_TELLING_EXAMPLE)
    answers = {200: success("A page.", "NotificationPageAnswer", ref("NotificationPage"), shown)}
    mails = {200: success("A page.", "MailPageAnswer", ref("MailPage"), examples.page(_MAIL_EXAMPLE))}
    of_app, of_build = f"{WORKSPACE.prefix}/notifications", f"{WORKSPACE.prefix}/builds/{{buildId}}/notifications"
    return [
        _list("listNotifications", of_app, "List who was told of an app's builds", _APP, answers),
        _list("listNotificationsOfBuild", of_build, "List who was told of a build", _BUILD, answers),
        _list(
            "listMailsOfNotification",
            f"{of_app}/{{notificationId}}/mails",
            "List the people of a notification, and what became of their mails",
            (*_APP, _NOTIFICATION, *_filters("status", "email")),
            mails,
        ),
    ]


def _list(name: str, path: str, summary: str, parameters: tuple[Json, ...], answers: dict[int, Json]) -> Operation:
    return Operation(
        id=name,
        method="get",
        path=path,
        tag=TAG,
        summary=summary,
        credentials=WORKSPACE_TOKEN,
        permission=Permission.NOTIFICATION_LIST,
        parameters=(*parameters, *paging(*SORTS)),
        answers=answers,
        errors=(*SCOPED, errors.InvalidRequest),
    )


def _wanted(title: str, **more: Json) -> Json:
    properties = {
        "notifyCollaborators": nullable(boolean("Nothing or null: the app's own setting.")),
        "notifyEmployees": nullable(boolean("The same.")),
        "notifyMessage": nullable(string("Nothing: the app's own message.", maxLength=64 * 1024)),
        "notifyLanguage": nullable(string("Nothing: each person's own.", enum=[*LANGUAGES, ""])),
        "filter": conditions("Groups of employees"),
        **more,
    }
    example = {"notifyEmployees": True, "filter": [["testers", "android"], ["managers"]]}
    return json_body(title, properties, example) | {"required": False}


def _tell() -> Operation:
    return Operation(
        id="notifyOfBuild",
        method="post",
        path=f"{WORKSPACE.prefix}/builds/{{buildId}}/notifications",
        tag=TAG,
        summary="Tell people of a build who have not been told yet",
        description="The mails follow. Nobody hears of one build twice, however often this is asked.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.NOTIFICATION_CREATE,
        parameters=_BUILD,
        body=_wanted("WantedNotification"),
        answers={200: success("It is noted.", "NotificationAnswer", ref("Notification"), _TELLING_EXAMPLE)},
        errors=(*CHANGING, errors.BuildNotProcessed, errors.BuildDisabled),
    )


def _preview() -> Operation:
    shown = examples.page(_CANDIDATE_EXAMPLE)
    return Operation(
        id="previewNotification",
        method="post",
        path=f"{WORKSPACE.prefix}/notifications/preview",
        tag=TAG,
        summary="See who would be told, and why, before anything is sent",
        description="In the order of addresses. With `buildId`, `told` marks those who know of that build.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.NOTIFICATION_LIST,
        parameters=(*_APP, *paging(*SORTS)),
        body=_wanted("NotificationPreview", buildId=nullable(string("A build of the app.", maxLength=256))),
        answers={200: success("A page.", "NotificationCandidatePageAnswer", ref("NotificationCandidatePage"), shown)},
        errors=CHANGING,
    )


def _filters(*names: str) -> tuple[Json, ...]:
    known = {
        "status": parameter("status", "query", string(enum=_STATES), "Only mails in this state."),
        "email": parameter("email", "query", string(maxLength=256), "Only to exactly this address, in any case."),
        "app": parameter("app", "query", _NO_ID_OR_ONE, "Only about this app; empty: all."),
        "build": parameter("build", "query", _NO_ID_OR_ONE, "Only about this build."),
        "notification": parameter("notification", "query", _NO_ID_OR_ONE, "Only of this notification."),
    }
    return tuple(known[name] for name in names)


def _mails() -> list[Operation]:
    path = f"{ORGANIZATION}/mails"
    one = success("The mail.", "MailAnswer", ref("Mail"), _MAIL_EXAMPLE)
    return [
        Operation(
            id="listMails",
            method="get",
            path=path,
            tag=TAG,
            summary="List an organization's mails, without what they say",
            description="`status=dead`, `refused` and `unknown` are those that did not arrive.",
            credentials=WORKSPACE_TOKEN,
            permission=Permission.MAIL_LIST,
            parameters=(
                _ORGANIZATION,
                *_filters("status", "email", "app", "build", "notification"),
                *paging(*SORTS),
            ),
            answers={200: success("A page.", "MailPageAnswer", ref("MailPage"), examples.page(_MAIL_EXAMPLE))},
            errors=(*SCOPED, errors.InvalidRequest),
        ),
        Operation(
            id="showMail",
            method="get",
            path=f"{path}/{{mailId}}",
            tag=TAG,
            summary="Show what became of a mail",
            credentials=WORKSPACE_TOKEN,
            permission=Permission.MAIL_LIST,
            parameters=(_ORGANIZATION, _MAIL),
            answers={200: one},
            errors=SCOPED,
        ),
        Operation(
            id="retryMail",
            method="post",
            path=f"{path}/{{mailId}}/retry",
            tag=TAG,
            summary="Send a mail once more that did not arrive",
            description="One that is `refused`, `dead` or `unknown`; any other state is 409.",
            credentials=WORKSPACE_TOKEN,
            permission=Permission.MAIL_UPDATE,
            parameters=(_ORGANIZATION, _MAIL),
            answers={200: one},
            errors=(*SCOPED, errors.Conflict),
        ),
    ]


def _preferences() -> list[Operation]:
    path = "/v1/auth/preferences"
    items = record({"items": array(ref("MailPreference"))})
    properties = {
        "organization": string("Its id or slug.", maxLength=256),
        "app": nullable(string("Its id or slug; nothing: all apps.", maxLength=256)),
        "delivery": _DELIVERY,
    }
    body = json_body(
        "WantedMailPreference",
        properties,
        {"organization": "harbour-mobile", "app": None, "delivery": "digest"},
        required=["organization", "delivery"],
    )
    chosen = success("It is noted.", "MailPreferenceAnswer", ref("MailPreference"), _PREFERENCE_EXAMPLE)
    listed = {"items": [_PREFERENCE_EXAMPLE]}
    return [
        Operation(
            id="listMailPreferences",
            method="get",
            path=path,
            tag=TAG,
            summary="What the signed-in person wishes to hear of",
            description="For each organization, and for each app about which something else was said.",
            credentials=_SESSION,
            answers={200: success("The wishes.", "MailPreferencesAnswer", items, listed)},
            errors=CREDENTIAL,
        ),
        Operation(
            id="setMailPreference",
            method="put",
            path=path,
            tag=TAG,
            summary="Choose what to hear of",
            description="A wish about a whole organization replaces those about its single apps.",
            credentials=_SESSION,
            body=body,
            answers={200: chosen},
            errors=(*CREDENTIAL, errors.EntityNotFound, errors.InvalidRequest, errors.PayloadTooLarge),
        ),
    ]


def _unsubscribe() -> list[Operation]:
    token = parameter("token", "path", string(minLength=1), "From a mail.")
    form: Json = {
        "title": "Wish",
        "type": "object",
        "properties": {
            "List-Unsubscribe": string("`One-Click` ends mails about the app; nothing else is read then (RFC 8058)."),
            "delivery": _DELIVERY,
            "scope": string(enum=["app", "all"]),
        },
        "anyOf": [{"required": ["List-Unsubscribe"]}, {"required": ["delivery"]}],
        "additionalProperties": True,
    }
    over = response("The link is none.", _HTML)
    return [
        Operation(
            id="showUnsubscribe",
            method="get",
            path="/unsubscribe/{token}",
            tag=TAG,
            summary="The page behind the link in a mail; changes nothing",
            parameters=(token,),
            answers={200: response("The choices.", _HTML), 404: over},
        ),
        Operation(
            id="unsubscribe",
            method="post",
            path="/unsubscribe/{token}",
            tag=TAG,
            summary="Its form, and the button of mail programs",
            parameters=(token,),
            body={"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
            answers={200: response("Done.", _HTML), 404: over},
            errors=(errors.InvalidRequest, errors.PayloadTooLarge),
        ),
    ]
