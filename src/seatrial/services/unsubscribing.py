"""Links by which people without an account say what they want to hear of, and what those links carry."""

from dataclasses import dataclass

import msgspec

from seatrial.domain.errors import EntityNotFound
from seatrial.storage.sealing import Sealer, Unsealable

PREFIX = "stl_"
"""Logs black out what begins like this."""
_LONGEST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Who holds a link, and which app's mail it was in; without an app it was a summary of all."""

    organization_id: str
    app_id: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class UnsubscribeTokens:
    """Tokens that say who somebody is, sealed: nobody can make one, read one, or need one row of ours to check it."""

    sealer: Sealer

    def seal(self, *, organization_id: str, app_id: str, email: str, language: str) -> str:
        """Make the token of a person."""
        packed = msgspec.json.encode(["unsubscribe", organization_id, app_id, email, language])
        return PREFIX + self.sealer.seal(packed).rstrip("=")

    def open(self, token: str) -> Subscriber:
        """Read a token.

        Raises EntityNotFound for anything that is none of ours.
        """
        if len(token) > _LONGEST or not token.isascii() or not token.startswith(PREFIX):
            raise EntityNotFound
        sealed = token.removeprefix(PREFIX)
        try:
            said = msgspec.json.decode(self.sealer.open(sealed + "=" * (-len(sealed) % 4)))
        except (Unsealable, msgspec.DecodeError):
            raise EntityNotFound from None
        match said:
            case ["unsubscribe", str(organization_id), str(app_id), str(email), str(language)]:
                return Subscriber(organization_id=organization_id, app_id=app_id, email=email, language=language)
        raise EntityNotFound
