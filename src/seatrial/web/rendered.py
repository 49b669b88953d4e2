"""Builds as the JSON that was made of them, kept by revision: a list of a hundred is then a hundred look-ups."""

import threading
from collections import OrderedDict
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
    """The most recently used renderings, up to a number of bytes. May be used from any thread."""

    max_bytes: int = MAX_BYTES
    _kept: OrderedDict[tuple[BuildRef, object], bytes] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def render(self, links: Links, app: ApplicationInfo, refs: Sequence[BuildRef], load: Load) -> list[object]:
        """Give each build's JSON, ready to be written; only those not seen in this revision are read and made."""
        view = (links, app)
        with self._lock:
            found = {ref: self._look(ref, view) for ref in refs}
        missing = [ref for ref, rendered in found.items() if rendered is None]
        if missing:
            builds = load([ref.id for ref in missing])
            made = {ref: encode(build_json(builds[ref.id], links)) for ref in missing}
            with self._lock:
                for ref, rendered in made.items():
                    self._keep(ref, view, rendered)
            found |= made
        return [ready(rendered) for rendered in found.values() if rendered is not None]

    def _look(self, ref: BuildRef, view: object) -> bytes | None:
        rendered = self._kept.get((ref, view))
        if rendered is not None:
            self._kept.move_to_end((ref, view))
        return rendered

    def _keep(self, ref: BuildRef, view: object, rendered: bytes) -> None:
        before = self._kept.pop((ref, view), b"")
        self._kept[ref, view] = rendered
        self._bytes += len(rendered) - len(before)
        while self._bytes > self.max_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped)
