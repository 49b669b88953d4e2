"""The first run: whoever started the server gets one link to create its owner."""

from dataclasses import dataclass, field
from hmac import compare_digest

from seatrial.domain.errors import Conflict, EntityNotFound, InvalidRequest
from seatrial.domain.member import LONGEST_PASSWORD, SHORTEST_PASSWORD
from seatrial.domain.tokens import TokenKind, derived, digest
from seatrial.services.workspaces import NewWorkspace, Workspaces


@dataclass(frozen=True, slots=True)
class Setup:
    """Lets the holder of the link make the workspace; the link ends with its use.

    All servers of a house give the same one: which of them answers is for a balancer to say.
    """

    workspaces: Workspaces
    seed: str = field(repr=False)
    """What these servers alone know."""

    def is_open(self) -> bool:
        """Whether there is an owner to create yet."""
        return not self.workspaces.exists()

    def link_secret(self) -> str:
        """Give the secret at the end of the link, to be printed where only the operator reads."""
        return derived(TokenKind.SETUP, self.seed).secret

    def check(self, secret: str) -> None:
        """Let only the link's holder go on.

        Raises EntityNotFound, also when the link was used: then nothing is here any more.
        """
        if not compare_digest(digest(secret), derived(TokenKind.SETUP, self.seed).digest) or not self.is_open():
            raise EntityNotFound

    def create(self, secret: str, *, organization: str, app: str, email: str, password: str) -> NewWorkspace:
        """Make the workspace and its owner.

        Raises EntityNotFound, InvalidRequest.
        """
        self.check(secret)
        fields = {"organization": organization, "app": app, "email": email}
        missing = {name: "must not be empty" for name, value in fields.items() if not value.strip()}
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            missing["password"] = f"must be {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
        if missing:
            raise InvalidRequest(missing)
        try:
            return self.workspaces.create(
                organization=organization.strip(), app=app, email=email.strip(), password=password
            )
        except Conflict:
            raise EntityNotFound from None
