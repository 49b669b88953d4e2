"""What a server answers to its own doctor, who comes through the street: signed, so that nobody else is served."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from seatrial.domain.errors import EntityNotFound
from seatrial.storage.signing import UrlSigner

LIFE_SECONDS = 60
FILE = bytes(number * 7 % 251 for number in range(32 << 10))
"""A file that the doctor knows by heart."""
_ASKED, _ANSWERED = "doctor", "doctor answered"


@dataclass(frozen=True, slots=True)
class Probes:
    """Signs questions, believes signed ones, and signs answers, so that the doctor knows who answered."""

    signer: UrlSigner
    now: Callable[[], datetime]

    def path(self, probe: str) -> str:
        """Give the path and query of a question, good for a minute."""
        nonce, expires = secrets.token_hex(12), int(self.now().timestamp()) + LIFE_SECONDS
        signature = self.signer.sign(_ASKED, probe, nonce, expires=expires)
        return f"/v1/doctor/{probe}?nonce={nonce}&expires={expires}&signature={signature}"

    def check(self, probe: str, nonce: str, expires: str, signature: str) -> str:
        """Believe a question; gives the proof that this server answers it.

        Raises EntityNotFound.
        """
        ends = int(expires) if expires.isascii() and expires.isdigit() and len(expires) < 12 else 0
        now = int(self.now().timestamp())
        # A question whose life is longer than any of ours is none of ours, whatever its signature says.
        if not self.signer.verify(signature, _ASKED, probe, nonce, expires=ends, now=now):
            raise EntityNotFound
        return self.signer.sign(_ANSWERED, nonce, expires=ends)

    def is_proof(self, path: str, proof: str) -> bool:
        """Whether an answer to the question with this path comes from a server with our keys."""
        query = dict(pair.partition("=")[::2] for pair in path.partition("?")[2].split("&"))
        ends = int(query["expires"])
        return self.signer.verify(proof, _ANSWERED, query["nonce"], expires=ends, now=ends - 1)
