"""Builds as the JSON that was made of them, kept by revision: a list of a hundred is then a hundred look-ups."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from seatrial.domain.build import ApplicationInfo, BuildRef
from seatrial.services.builds import Load
from seatrial.wire.builds import build_json
from seatrial.wire.envelope import encode, ready
from seatrial.wire.links import Links

MAX_BYTES = 64 << 20


@dataclass(slots=True)
class RenderedBuilds:
    """Renderings up to a number of bytes, the oldest dropped first. May be used from any thread."""

    max_bytes: int = MAX_BYTES
    _views: dict[object, dict[BuildRef, bytes]] = field(default_factory=dict)
    """By everything else that shows in a build: the bases of its URLs, and its app."""
    _order: deque[tuple[object, BuildRef]] = field(default_factory=deque)
    _bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def render(self, links: Links, app: ApplicationInfo, refs: Sequence[BuildRef], load: Load) -> list[object]:
        """Give each build's JSON, ready to be written; only those not seen in this revision are read and made."""
        view = (links, app)
        with self._lock:
            kept = self._views.setdefault(view, {})
            found = {ref: kept.get(ref) for ref in refs}
        missing = [ref for ref, rendered in found.items() if rendered is None]
        if missing:
            builds = load([ref.id for ref in missing])
            made = {ref: encode(build_json(builds[ref.id], links)) for ref in missing}
            self._keep(view, made)
            found |= made
        return [ready(rendered) for rendered in found.values() if rendered is not None]

    def _keep(self, view: object, made: dict[BuildRef, bytes]) -> None:
        with self._lock:
            kept = self._views.setdefault(view, {})
            for ref, rendered in made.items():
                if ref not in kept:
                    kept[ref] = rendered
                    self._order.append((view, ref))
                    self._bytes += len(rendered)
            while self._bytes > self.max_bytes:
                self._drop_oldest()

    def _drop_oldest(self) -> None:
        view, ref = self._order.popleft()
        kept = self._views[view]
        self._bytes -= len(kept.pop(ref))
        if not kept:
            del self._views[view]
