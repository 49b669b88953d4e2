"""Answers that are kept for as long as the database says that nothing has changed."""

import threading
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 500


@dataclass(slots=True)
class Kept(Generic[T]):
    """Answers by what was asked, all of one state of the database. May be used from any thread."""

    most: int = MOST
    _mark: object = None
    _answers: dict[Hashable, T] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, mark: object, asked: Hashable) -> T | None:
        """Give the answer that was kept under the same mark, if there is one."""
        with self._lock:
            return self._answers.get(asked) if mark == self._mark else None

    def put(self, mark: object, asked: Hashable, answer: T) -> None:
        """Keep an answer that was read after the mark; what has another mark is forgotten."""
        with self._lock:
            if mark != self._mark or len(self._answers) >= self.most:
                self._answers.clear()
                self._mark = mark
            self._answers[asked] = answer
