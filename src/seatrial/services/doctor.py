"""Looks at everything that a server needs, side by side and in bounded time."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from seatrial.domain.access import OrganizationScope, Permission
from seatrial.domain.finding import Finding, Level, wrong

Look = Callable[[], Iterable[Finding]]
SECONDS = 30.0
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Doctor:
    """Calls each look once, and reports the findings in the order of the looks."""

    looks: Mapping[str, Look]
    seconds: float = SECONDS

    def examine_for(self, scope: OrganizationScope) -> list[Finding]:
        """Do as `examine` for somebody who may know.

        Raises Forbidden.
        """
        scope.require(Permission.ORGANIZATION_UPDATE)
        return self.examine()

    def examine(self) -> list[Finding]:
        """Look at everything; a look that fails or takes too long is a finding itself."""
        pool = ThreadPoolExecutor(_AT_ONCE, "doctor")
        try:
            deadline = time.monotonic() + self.seconds
            running = {name: pool.submit(_all_of, look) for name, look in self.looks.items()}
            found: list[Finding] = []
            for name, future in running.items():
                wait([future], max(0.0, deadline - time.monotonic()))
                if not future.done():
                    found.append(
                        wrong(name, f"There was no answer within {self.seconds:g} seconds.", "Try it by hand.")
                    )
                elif (error := future.exception()) is not None:
                    found.append(wrong(name, f"It could not be looked at: {str(error) or type(error).__name__}.", ASK))
                else:
                    found += future.result()
            return found
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


ASK = "If that says nothing to you, report it as a fault of Seatrial."


def is_well(found: Iterable[Finding]) -> bool:
    """Whether nothing is an error."""
    return all(one.level is not Level.ERROR for one in found)


def _all_of(look: Look) -> list[Finding]:
    return list(look())
