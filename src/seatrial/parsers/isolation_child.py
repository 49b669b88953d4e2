"""The child's side of a parse pool: `python -m seatrial.parsers.isolation_child LIMITS PARENT_PID`.

It reads requests from standard input and writes answers to standard output, one file after another, until its
input ends. It knows no settings, no database and no secret.
"""

import contextlib
import ctypes
import gc
import importlib
import os
import resource
import signal
import sys
import traceback
from pathlib import Path
from typing import BinaryIO, NoReturn

import msgspec

from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import parse
from seatrial.parsers.icons import IconUnreadable, as_png
from seatrial.parsers.isolation_messages import (
    MAX_ANSWER,
    OUT_OF_MEMORY,
    Answer,
    AnyRequest,
    AttachmentRequest,
    Failed,
    Info,
    Invalid,
    ParseLimits,
    Picture,
    PictureRequest,
    Ready,
    Request,
    Understood,
    framed,
)
from seatrial.parsers.limits import current, use
from seatrial.parsers.mimetype import HEAD, mimetype_of

_LOADED_AHEAD = (
    "seatrial.parsers.apk",
    "seatrial.parsers.ipa",
    "seatrial.parsers.detect",
    "PIL.ImageOps",
    "PIL.PngImagePlugin",
    "PIL.JpegImagePlugin",
    "PIL.WebPImagePlugin",
)
_REQUESTS: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)
_OPEN_FILES = 64
_ICON_TYPES = ("image/png", "image/jpeg")
_MAX_DETAIL = 16_000
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Serve parse requests until the input ends."""
    limits = msgspec.json.decode(sys.argv[1], type=ParseLimits)
    requests, answers = _channels()
    _die_with(int(sys.argv[2]))
    for name in _LOADED_AHEAD:
        importlib.import_module(name)
    gc.freeze()
    use(limits.readers)
    _limit(limits)
    _send(answers, Ready(memory=_memory()))
    try:
        _serve(requests, answers, limits)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # there may be none left for words


def _serve(requests: BinaryIO, answers: BinaryIO, limits: ParseLimits) -> None:
    while length := requests.read(4):
        request = _REQUESTS.decode(requests.read(int.from_bytes(length, "big")))
        _renew_cpu_time(limits.cpu_seconds)
        answer = _answer(request)
        _send(answers, answer)
        if isinstance(answer, Failed):
            return


def _answer(request: AnyRequest) -> Answer:
    try:
        Path(request.path).open("rb").close()
    except OSError:
        return _failed(ProcessingCode.STORAGE_UNAVAILABLE, "The stored file cannot be opened; try again in a while.")
    try:
        return _read(request)
    except BuildFileInvalid as problem:
        return Invalid(code=problem.code, sentence=problem.sentence, memory=_memory())
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a defect of a parser is told to the parent, not printed and lost
        return _failed(
            ProcessingCode.INTERNAL,
            "The file could not be read because of a defect in this server; tell its administrator.",
        )


def _read(request: AnyRequest) -> Answer:
    path = Path(request.path)
    match request:
        case Request():
            return Info(info=parse(path), memory=_memory())
        case PictureRequest():
            return Picture(png=_icon(path), memory=_memory())
        case AttachmentRequest(build=build, build_format=found):
            # Attachments are few, and their readers many: loaded by the first child that gets one.
            from seatrial.parsers.attachment import understand

            return Understood(attachment=understand(path, Path(build) if build else None, found), memory=_memory())


def _icon(path: Path) -> bytes:
    """Read a submitted icon, which must be PNG or JPEG (contract 1.1, packageIcon)."""
    with path.open("rb") as file:
        data = file.read(current().icon_bytes + 1)
    if mimetype_of(data[:HEAD]) not in _ICON_TYPES:
        raise BuildFileInvalid(ProcessingCode.ICON_INVALID, "it is neither PNG nor JPEG")
    try:
        return as_png(data)
    except IconUnreadable as problem:
        raise BuildFileInvalid(ProcessingCode.ICON_INVALID, problem.reason) from None


def _failed(code: ProcessingCode, sentence: str) -> Failed:
    detail = traceback.format_exc()
    return Failed(code=code, sentence=sentence, detail=detail.encode(errors="replace").decode()[-_MAX_DETAIL:])


def _send(answers: BinaryIO, answer: Answer) -> None:
    try:
        frame = framed(answer)
    except ValueError:  # text with lone surrogates, which no parser may hand on
        frame = framed(_failed(ProcessingCode.INTERNAL, "The file holds text that cannot be stored."))
    if len(frame) > MAX_ANSWER:
        frame = framed(
            Failed(
                code=ProcessingCode.MANIFEST_INVALID,
                sentence="The file says more about itself than this server keeps.",
                detail=f"the answer has {len(frame)} bytes",
            )
        )
    answers.write(frame)
    answers.flush()


def _channels() -> tuple[BinaryIO, BinaryIO]:
    """Take input and output for the messages alone, so that no library can print into them."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return requests, answers


def _die_with(parent: int) -> None:
    """Die when the parent dies, in the middle of a file too; elsewhere than on Linux, at the next request."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        _quit()


def _quit() -> NoReturn:
    raise SystemExit(0)


def _limit(limits: ParseLimits) -> None:
    """Bound memory and open files; forbid core dumps and writing files."""
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        with contextlib.suppress(ValueError, OSError):  # a system that is stricter already, or has no such limit
            resource.setrlimit(kind, (value, value))


def _renew_cpu_time(seconds: int) -> None:
    """Allow `seconds` more than what the process has used; then SIGXCPU kills it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


def _memory() -> int:
    """Resident memory in bytes: now, on Linux; the highest so far, elsewhere."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main()
