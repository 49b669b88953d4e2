"""The few requests to object stores that obstore has no call for."""

from collections.abc import Mapping

import httpx

from seatrial.storage.object_store import CONNECT_SECONDS, REQUEST_SECONDS

MOMENT = 60
"""Seconds that the signature of one request is good for."""


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
        raise httpx.HTTPError(f"status {answer.status_code} {answer.text[:500]}")
