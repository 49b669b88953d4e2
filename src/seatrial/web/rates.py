"""Request rates at the door: who asks too often is told when to come back, before anything is looked up.

A process lets requests in from a lease, fetches the next one when half of it is used, and waits only where requests
come faster than leases. The first lease of a credential or network is given on trust and paid for by the second one, so
that a passer-by costs no write. Where the database does not answer nobody is refused here: it has other troubles.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from seatrial.domain.errors import SeatrialError, TooManyRequests
from seatrial.services.login_limits import network_of
from seatrial.services.request_rates import Lease, RateKind, RequestRates
from seatrial.web.context import Context
from seatrial.web.edge import QUIET_PATHS
from seatrial.web.errors import answer

MOST_KEYS = 50_000
"""Credentials and networks that a process remembers; whoever was forgotten begins anew."""
FREE: Final = "/static/"

log = structlog.get_logger()
Network = IPv4Network | IPv6Network


@dataclass(slots=True)
class _Bucket:
    credit: int
    owed: int
    blocked_until: float = 0.0
    fetching: asyncio.Task[None] | None = None


class Rates:
    """The leases of one process; used on one event loop."""

    def __init__(self, leases: RequestRates, proxies: Sequence[Network]) -> None:
        self._leases = leases
        self._buckets: dict[tuple[RateKind, str], _Bucket] = {}
        self._proxies = tuple(proxies)
        self._network = lru_cache(maxsize=10_000)(self._look_up)

    async def admit(self, context: Context, scope: Scope) -> None:
        """Let a request in.

        Raises TooManyRequests.
        """
        client = scope.get("client")
        if client and RateKind.ADDRESS in self._leases.rates and (network := self._network(client[0])):
            await self._spend(context, RateKind.ADDRESS, network)
        if RateKind.CREDENTIAL in self._leases.rates and (credential := _credential(scope)):
            await self._spend(context, RateKind.CREDENTIAL, credential)

    async def _spend(self, context: Context, kind: RateKind, name: str) -> None:
        lease, bucket = self._leases.rates[kind].lease, self._bucket(kind, name)
        loop = asyncio.get_running_loop()
        while True:
            is_blocked = bucket.blocked_until > 0 and loop.time() < bucket.blocked_until
            if bucket.credit > 0:
                bucket.credit -= 1
                if bucket.credit < lease / 2 and bucket.fetching is None and not is_blocked:
                    bucket.fetching = asyncio.create_task(self._fetch(context, kind, name, bucket))
                return
            if is_blocked:
                raise TooManyRequests(math.ceil(bucket.blocked_until - loop.time()))
            if bucket.fetching is None:
                bucket.fetching = asyncio.create_task(self._fetch(context, kind, name, bucket))
            await asyncio.shield(bucket.fetching)

    async def _fetch(self, context: Context, kind: RateKind, name: str, bucket: _Bucket) -> None:
        owed, bucket.owed = bucket.owed, 0
        try:
            lease = await context.write(lambda: self._leases.take(kind, name, owed))
        except SeatrialError as error:
            log.warning("request rates are not counted", reason=repr(error))
            lease = Lease(self._leases.rates[kind].lease)
        finally:
            bucket.fetching = None
        bucket.credit += lease.granted
        if not lease.granted:
            bucket.blocked_until = asyncio.get_running_loop().time() + lease.retry_after

    def _bucket(self, kind: RateKind, name: str) -> _Bucket:
        bucket = self._buckets.get((kind, name))
        if bucket is None:
            if len(self._buckets) >= MOST_KEYS:
                del self._buckets[next(iter(self._buckets))]
            first = self._leases.rates[kind].lease
            bucket = self._buckets[kind, name] = _Bucket(credit=first, owed=first)
        return bucket

    def _look_up(self, address: str) -> str:
        """Give the network to count an address under; none for a trusted proxy, which speaks for many."""
        try:
            parsed = ip_address(address.partition("%")[0])
        except ValueError:
            return ""
        return "" if any(parsed in proxy for proxy in self._proxies) else network_of(address)


class Pace:
    """ASGI middleware that refuses what comes too often."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or say when to come back."""
        if scope["type"] == "http" and scope["path"] not in QUIET_PATHS and not scope["path"].startswith(FREE):
            context: Context = scope["app"].state.context
            try:
                await context.rates.admit(context, scope)
            except TooManyRequests as error:
                await answer(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _credential(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            said: str = value.decode("latin-1")
            return said
    return ""
