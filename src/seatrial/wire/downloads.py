"""Download tokens and the list of downloads as JSON (contract 1.5 and 2.1)."""

from seatrial.domain.download import Download, DownloadToken
from seatrial.wire.timestamps import timestamp


def download_token_json(token: DownloadToken) -> dict[str, object]:
    """Show a fresh token and when it ends."""
    return {"token": token.secret, "expiresAt": timestamp(token.expires_at)}


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
        "createdAt": timestamp(download.created_at),
    }
