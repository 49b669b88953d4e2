"""People's own accounts: profile, password, sessions, second factor."""

from seatrial.domain import errors
from seatrial.domain.member import LONGEST_PASSWORD, SHORTEST_PASSWORD, SignInMethod
from seatrial.domain.membership import MemberKind
from seatrial.domain.second_factor import LONGEST_CODE
from seatrial.web.openapi import examples
from seatrial.web.openapi.collaborators import PERSON
from seatrial.web.openapi.errors import CREDENTIAL, Kind
from seatrial.web.openapi.faces import Credentials
from seatrial.web.openapi.lists import page, paging
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    boolean,
    entity_id,
    json_body,
    moment,
    nullable,
    number,
    record,
    ref,
    shared,
    string,
    success,
)
from seatrial.wire.bodies import NAME_LIMIT
from seatrial.wire.fields import LANGUAGES
from seatrial.wire.users import EMAIL_LIMIT

TAG = "Accounts"

_SESSION: Credentials = ({"sessionToken": []},)
_BODY: tuple[Kind, ...] = (*CREDENTIAL, errors.InvalidRequest, errors.PayloadTooLarge)
_PROVEN: tuple[Kind, ...] = (*_BODY, errors.WrongCredentials, errors.TooManyRequests)
_CODED: tuple[Kind, ...] = (*_PROVEN, errors.SecondFactorNeeded, errors.Conflict)
_NAME = nullable(string(maxLength=NAME_LIMIT))
_NEW_PASSWORD = string(minLength=SHORTEST_PASSWORD, maxLength=LONGEST_PASSWORD)
_PASSWORD = string("The one of now; needed where the account has one.", maxLength=LONGEST_PASSWORD)
_CODE = string("Of the authenticator app, or a recovery code.", maxLength=LONGEST_CODE)
_STATE_EXAMPLE = {"enabled": True, "recoveryCodesLeft": 10}
_PROFILE_EXAMPLE = examples.PERSON | {
    "fullName": "Ada Marsh",
    "language": "de",
    "type": "user",
    "twoFactor": _STATE_EXAMPLE,
    "createdAt": examples.MOMENT,
}
_CODES_EXAMPLE = {"enabled": True, "recoveryCodes": ["7hqz-m4kd-x2vb-9rtw"]}


def schemas() -> dict[str, Json]:
    """Give the schemas of accounts."""
    session = {
        "id": entity_id(),
        "current": boolean("Whether it is the one that asks."),
        "method": string(enum=[method.value for method in SignInMethod]),
        "userAgent": string(),
        "createdAt": moment(),
        "lastUsedAt": nullable(moment("To the minute.")),
        "expiresAt": moment("When it ends, if it is not renewed."),
    }
    profile = PERSON | {
        "fullName": string(),
        "language": string("Of mails; empty for none chosen."),
        "type": string(enum=[kind.value for kind in MemberKind]),
        "twoFactor": ref("TwoFactor"),
        "createdAt": moment(),
    }
    return {
        "Profile": record(profile, "Somebody who is signed in; `twoFactor` is of sessions.", optional=("twoFactor",)),
        "TwoFactor": record({"enabled": boolean(), "recoveryCodesLeft": number()}),
        "RecoveryCodes": record({"enabled": boolean(), "recoveryCodes": array(string("Good once."))}),
        "OwnSession": record(session, "One of somebody's own sessions."),
        "OwnSessionPage": page(ref("OwnSession")),
    }


def operations() -> list[Operation]:
    """Describe the routes of accounts."""
    return [*_profile(), *_sessions(), *_resets(), *_two_factor()]


def _profile() -> list[Operation]:
    names = {"firstName": _NAME, "lastName": _NAME, "language": nullable(string(enum=["", *LANGUAGES]))}
    changed = record({"changed": boolean(const=True)})
    passwords = {"password": _PASSWORD, "newPassword": _NEW_PASSWORD}
    example = {"password": "a long enough one", "newPassword": "another long enough one"}
    return [
        Operation(
            id="showProfile",
            method="get",
            path="/v1/auth/profile",
            tag=TAG,
            summary="Who is signed in",
            description="By a session, by a member's secret (`stm_...`), or with an app token by `x-sdk-auth-token`.",
            credentials=({"sessionToken": []}, {"memberToken": []}, {"appToken": []}),
            parameters=(shared("sdkAuthToken"),),
            answers={200: success("The account.", "ProfileAnswer", ref("Profile"), _PROFILE_EXAMPLE)},
            errors=(*CREDENTIAL, errors.ApiDisabled),
        ),
        Operation(
            id="updateProfile",
            method="put",
            path="/v1/auth/profile",
            tag=TAG,
            summary="Change one's own names and language",
            credentials=_SESSION,
            body=json_body("ProfileChanges", names, {"firstName": "Ada", "language": "de"}),
            answers={200: success("The account.", "ProfileAnswer", ref("Profile"), _PROFILE_EXAMPLE)},
            errors=_BODY,
        ),
        Operation(
            id="changePassword",
            method="put",
            path="/v1/auth/password",
            tag=TAG,
            summary="Choose another password",
            description="Every other session of the person ends, and the person is written to.",
            credentials=_SESSION,
            body=json_body("PasswordChange", passwords, example, required=["password", "newPassword"]),
            answers={200: success("It is another one now.", "ChangedAnswer", changed, {"changed": True})},
            errors=(*_PROVEN, errors.Conflict),
        ),
    ]


def _sessions() -> list[Operation]:
    one = {
        "id": examples.BUILD_ID,
        "current": True,
        "method": "password",
        "userAgent": "Mozilla/5.0",
        "createdAt": examples.MOMENT,
        "lastUsedAt": None,
        "expiresAt": examples.MOMENT,
    }
    gone = record({"deleted": boolean(const=True)})
    others = record({"deleted": number("How many.")})
    return [
        Operation(
            id="listOwnSessions",
            method="get",
            path="/v1/auth/sessions",
            tag=TAG,
            summary="One's own sessions",
            credentials=_SESSION,
            parameters=paging("createdAt"),
            answers={200: success("A page.", "OwnSessionPageAnswer", ref("OwnSessionPage"), examples.page(one))},
            errors=(*CREDENTIAL, errors.InvalidRequest),
        ),
        Operation(
            id="endOtherSessions",
            method="delete",
            path="/v1/auth/sessions",
            tag=TAG,
            summary="End all of one's sessions but this one",
            credentials=_SESSION,
            answers={200: success("They have ended.", "EndedSessionsAnswer", others, {"deleted": 2})},
            errors=CREDENTIAL,
        ),
        Operation(
            id="endSession",
            method="delete",
            path="/v1/auth/sessions/{sessionId}",
            tag=TAG,
            summary="End one of one's sessions",
            credentials=_SESSION,
            parameters=(shared("sessionId"),),
            answers={200: success("It has ended.", "EndedSessionAnswer", gone, {"deleted": True})},
            errors=(*CREDENTIAL, errors.EntityNotFound),
        ),
    ]


def _resets() -> list[Operation]:
    email = {"email": string(minLength=1, maxLength=EMAIL_LIMIT)}
    reset = {"token": string(minLength=1, maxLength=LONGEST_PASSWORD), "password": _NEW_PASSWORD}
    accepted, changed = record({"accepted": boolean(const=True)}), record({"changed": boolean(const=True)})
    example = {"token": "stp_Qw3hO0rTt1yPzK8cM5nXb7dWw9sJj2fA", "password": "another long enough one"}
    return [
        Operation(
            id="forgotPassword",
            method="post",
            path="/v1/auth/forgot",
            tag=TAG,
            summary="Ask for a link to choose another password",
            description="The answer is the same, and takes the same time, whether somebody has the address or not.",
            body=json_body("ForgottenPassword", email, {"email": "ada@example.com"}, required=["email"]),
            answers={200: success("Heard.", "AcceptedAnswer", accepted, {"accepted": True})},
            errors=(errors.InvalidRequest, errors.PayloadTooLarge, errors.TooManyRequests),
        ),
        Operation(
            id="resetPassword",
            method="post",
            path="/v1/auth/reset",
            tag=TAG,
            summary="Choose another password with the secret of a link",
            description="The link works once. Every session of the person ends.",
            body=json_body("PasswordReset", reset, example, required=["token", "password"]),
            answers={200: success("It is another one now.", "ChangedAnswer", changed, {"changed": True})},
            errors=(errors.InvalidRequest, errors.PayloadTooLarge, errors.EntityNotFound),
        ),
    ]


def _two_factor() -> list[Operation]:
    path = "/v1/auth/twoFactor"
    enrolment = record(
        {
            "secret": string("To be typed into an authenticator app."),
            "uri": string("The same as `otpauth://totp/...`."),
            "qrCode": string("The same to be scanned: an SVG in a `data:` URL."),
        }
    )
    example = {
        "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "uri": "otpauth://totp/Seatrial:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Seatrial",
        "qrCode": "data:image/svg+xml;charset=utf-8,%3Csvg...",
    }
    proof = {"password": _PASSWORD, "code": _CODE}
    proven = {"password": "a long enough one", "code": "123456"}
    off = record({"enabled": boolean(const=False)})
    codes = success(
        "On, and the codes for a lost device, this once.", "CodesAnswer", ref("RecoveryCodes"), _CODES_EXAMPLE
    )
    return [
        Operation(
            id="showTwoFactor",
            method="get",
            path=path,
            tag=TAG,
            summary="Whether there is a second factor",
            credentials=_SESSION,
            answers={200: success("The state.", "TwoFactorAnswer", ref("TwoFactor"), _STATE_EXAMPLE)},
            errors=CREDENTIAL,
        ),
        Operation(
            id="beginTwoFactor",
            method="post",
            path=path,
            tag=TAG,
            summary="Make a secret for an authenticator app",
            description="Codes are asked for once the first one is confirmed.",
            credentials=_SESSION,
            body=json_body("TwoFactorBegin", {"password": _PASSWORD}, {"password": "a long enough one"}),
            answers={200: success("The secret, this once.", "EnrolmentAnswer", enrolment, example)},
            errors=(*_PROVEN, errors.Conflict),
        ),
        Operation(
            id="confirmTwoFactor",
            method="post",
            path=f"{path}/confirm",
            tag=TAG,
            summary="Ask for codes from now on",
            credentials=_SESSION,
            body=json_body("TwoFactorConfirm", {"code": _CODE}, {"code": "123456"}, required=["code"]),
            answers={200: codes},
            errors=_CODED,
        ),
        Operation(
            id="disableTwoFactor",
            method="post",
            path=f"{path}/disable",
            tag=TAG,
            summary="Ask for no codes any more",
            credentials=_SESSION,
            body=json_body("TwoFactorDisable", proof, proven),
            answers={200: success("Off.", "TwoFactorOffAnswer", off, {"enabled": False})},
            errors=_CODED,
        ),
        Operation(
            id="regenerateRecoveryCodes",
            method="post",
            path=f"{path}/recoveryCodes",
            tag=TAG,
            summary="Make new recovery codes",
            description="The old ones end.",
            credentials=_SESSION,
            body=json_body("TwoFactorRegenerate", proof, proven),
            answers={200: codes},
            errors=_CODED,
        ),
    ]
