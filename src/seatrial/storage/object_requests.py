"""The few requests to object stores that obstore has no call for."""

from collections.abc import Mapping

import httpx

from seatrial.storage.object_store import CONNECT_SECONDS, REQUEST_SECONDS
from seatrial.storage.refusals import bucket_is_missing, forbids_a_list

MOMENT = 60
"""Seconds that the signature of one request is good for."""
PING_SECONDS = 3
"""For each step of asking for a sign of life."""


class StoreClient:
    """Sends requests whose right is in their URL."""

    def __init__(self) -> None:
        self._client = httpx.Client(
            timeout=httpx.Timeout(REQUEST_SECONDS, connect=CONNECT_SECONDS), follow_redirects=False, trust_env=False
        )

    def close(self) -> None:
        """End connections."""
        self._client.close()

    def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        *,
        missing_is_fine: bool = False,
    ) -> httpx.Response:
        """Give the answer.

        Raises httpx.HTTPError, also for one that refuses.
        """
        answer = self._client.request(method, url, headers=headers, content=content)
        if answer.is_success or (missing_is_fine and answer.status_code == httpx.codes.NOT_FOUND):
            return answer
        raise _refused(answer)

    def ping(self, link: str) -> None:
        """Ask for an object that need not be there.

        Raises httpx.HTTPError where that is not answered, or the store or its bucket cannot be used.
        """
        answer = self._client.get(link, timeout=PING_SECONDS)
        is_missing = answer.status_code == httpx.codes.NOT_FOUND and not bucket_is_missing(answer.text)
        # Who may not list is told so of whatever is not there.
        if not (answer.is_success or is_missing or forbids_a_list(answer.text)):
            raise _refused(answer)


def _refused(answer: httpx.Response) -> httpx.HTTPError:
    return httpx.HTTPError(f"status {answer.status_code} {answer.text[:500]}")
