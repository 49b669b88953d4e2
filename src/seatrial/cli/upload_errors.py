"""How an upload can end badly; each kind is one exit code.

UploadFailed(sentence)
 +-- Unreachable                       1  a local failure, or no usable answer
 |    +-- Uncertain                    1  whether the server took the form in cannot be known
 +-- Refused(status, code, data)       4  the server's own no
 +-- WaitTimedOut(build)               5  processing did not end in time
"""

from collections.abc import Mapping

Json = dict[str, object]


class UploadFailed(Exception):
    """An upload that did not succeed, with a sentence for people."""

    exit_code = 1

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Unreachable(UploadFailed):
    """A file that cannot be read, or a server that gives no usable answer."""


class Uncertain(Unreachable):
    """Everything was sent and no answer came, and the server could not be asked afterwards."""


class Refused(UploadFailed):
    """The server said no."""

    exit_code = 4

    def __init__(self, status: int, envelope: Json | None) -> None:
        error = envelope.get("error") if envelope else None
        self.status = status
        self.error: Mapping[str, object] = error if isinstance(error, dict) else {}
        message = self.error.get("message")
        self.message = message if isinstance(message, str) and message else f"HTTP {status}"
        super().__init__(self._sentence())

    @property
    def code(self) -> int:
        """The API's error code; the HTTP status where the answer carries none."""
        code = self.error.get("code")
        return code if isinstance(code, int) else self.status

    @property
    def data(self) -> object:
        """Machine-readable detail, where there is some."""
        return self.error.get("data")

    def _sentence(self) -> str:
        detail = self.data if isinstance(self.data, dict) else {}
        fields = detail.get("fields")
        named = fields if isinstance(fields, dict) else detail
        said = "; ".join(f"{name}: {text}" for name, text in named.items())
        return f"The server refused: {self.message} ({self.code})" + (f"; {said}." if said else ".")


class WaitTimedOut(UploadFailed):
    """The build was not processed in the time given."""

    exit_code = 5

    def __init__(self, build: Json, seconds: float) -> None:
        self.build = build
        super().__init__(
            f"Build {build.get('id')} was still {build.get('status')} after {seconds:g} s; it goes on being processed."
        )
