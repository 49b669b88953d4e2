"""Download tokens and the list of downloads as JSON (contract 1.5 and 2.1)."""

from seatrial.domain.download import Download, DownloadToken
from seatrial.domain.errors import InvalidRequest
from seatrial.wire import bodies
from seatrial.wire.devices import device_json
from seatrial.wire.timestamps import timestamp

EMAIL_LIMIT = 256


def download_token_json(token: DownloadToken) -> dict[str, object]:
    """Show a fresh token and when it ends."""
    return {"token": token.secret, "expiresAt": timestamp(token.expires_at)}


def erased_email(body: bytes) -> str:
    """Read who is to be taken out of the log.

    Raises InvalidRequest.
    """
    email = bodies.line(EMAIL_LIMIT)("email", bodies.json_object(body).get("email"))
    if not email:
        raise InvalidRequest({"email": "is required"})
    return email


def download_json(download: Download) -> dict[str, object]:
    """Show one download and who made it; `user` or `employee` repeats the id of a member of that type."""
    member = download.member
    return {
        "id": download.id,
        "build": download.build_id,
        "from": download.origin,
        "member": {
            "type": download.member_type,
            "memberId": member.id,
            "email": member.email,
            "firstName": member.first_name,
            "lastName": member.last_name,
            "picture": member.picture,
            "user": member.id if download.member_type == "user" else "",
            "employee": member.id if download.member_type == "employee" else "",
        },
        "ipAddress": download.address,
        "userAgent": download.user_agent,
        "device": device_json(download.device),
        "createdAt": timestamp(download.created_at),
    }
