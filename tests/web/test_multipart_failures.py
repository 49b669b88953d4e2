"""What fails in the middle of a form, and who waits for whom: nothing may be left, whatever happens."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from seatrial.domain.errors import InsufficientStorage, InvalidRequest
from seatrial.storage import BlobWriter
from seatrial.storage.memory import MemoryBlobStore
from seatrial.web.multipart import FormLimits, read_form
from tests.web.forms import BOUNDARY, CONTENT_TYPE, body, part, receive, receive_from


def test_a_full_store_is_told_and_leaves_nothing() -> None:
    store = MemoryBlobStore(capacity=5 << 20)
    with pytest.raises(InsufficientStorage):
        receive(body(part("icon", b"x", "i"), part("build", bytes(20 << 20), "a")), store=store)
    assert store.holds_nothing()


def test_an_error_of_the_opener_passes_and_leaves_nothing() -> None:
    store = MemoryBlobStore()

    def open_file(name: str, _filename: str, _content_type: str) -> BlobWriter | None:
        if name == "second":
            raise InvalidRequest({"second": "not here"})
        return store.writer(f"form/{name}")

    async def stream() -> AsyncIterator[bytes]:
        yield body(part("first", b"x", "a"), part("second", b"x", "b"))

    with pytest.raises(InvalidRequest) as error:
        asyncio.run(receive_from(stream(), open_file, FormLimits(), store))
    assert error.value.fields == {"second": "not here"}
    assert store.holds_nothing()


def test_an_uncommitted_form_leaves_nothing_when_its_block_ends() -> None:
    store = MemoryBlobStore()

    async def upload(threads: ThreadPoolExecutor) -> None:
        async def stream() -> AsyncIterator[bytes]:
            yield body(part("kept", b"x", "a"), part("left", b"x", "a"))

        form = await read_form(
            stream(),
            CONTENT_TYPE,
            None,
            lambda name, _filename, _type: store.writer(f"form/{name}"),
            limits=FormLimits(),
            threads=threads,
        )
        async with form:
            assert form.files[0].writer
            form.files[0].writer.commit()
            raise KeyError

    with ThreadPoolExecutor(1) as threads, pytest.raises(KeyError):
        asyncio.run(upload(threads))
    with store.open("form/kept") as file:
        assert file.read() == b"x"
    with pytest.raises(FileNotFoundError):
        store.open("form/left")
    store.writer("form/left").cancel()


class SlowWriter:
    """A writer that shows when it is used and waits to be let go on."""

    def __init__(self) -> None:
        self.key = "slow"
        self.size = 0
        self.busy = threading.Event()
        self.go_on = threading.Event()
        self.log: list[str] = []
        self.most_waiting = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.log.append("write begins")
        self.busy.set()
        self.go_on.wait()
        self.size += len(data)
        self.log.append("write ends")

    def commit(self) -> object:  # a form never commits
        raise AssertionError

    def cancel(self) -> None:
        self.log.append("cancel")


async def endless(sent: list[int]) -> AsyncIterator[bytes]:
    yield part("build", b"", "a")[:-2]
    while True:
        sent.append(1 << 20)
        yield bytes(1 << 20)
        await asyncio.sleep(0)


def test_a_slow_store_stops_the_reading_and_cancellation_waits_for_the_running_write() -> None:
    writer, sent = SlowWriter(), list[int]()

    async def scenario(threads: ThreadPoolExecutor) -> None:
        upload = asyncio.create_task(
            read_form(
                endless(sent),
                CONTENT_TYPE,
                None,
                lambda *_args: writer,  # type: ignore[arg-type]  # its commit is never called
                limits=FormLimits(),
                threads=threads,
            )
        )
        await asyncio.to_thread(writer.busy.wait)
        for _ in range(1000):
            await asyncio.sleep(0)
        assert sum(sent) <= 4 << 20
        upload.cancel()
        for _ in range(3):
            await asyncio.sleep(0)
            upload.cancel()  # an impatient one
        await asyncio.sleep(0)
        assert not upload.done()
        assert "cancel" not in writer.log
        writer.go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await upload

    with ThreadPoolExecutor(1) as threads:
        asyncio.run(scenario(threads))
    assert writer.log == ["write begins", "write ends", "cancel"]


def test_a_pool_that_was_shut_down_leaves_nothing_either() -> None:
    store = MemoryBlobStore()

    async def scenario() -> None:
        threads = ThreadPoolExecutor(1)

        async def stream() -> AsyncIterator[bytes]:
            yield part("build", bytes(2 << 20), "a")
            threads.shutdown()
            yield part("build", bytes(2 << 20), "a")

        with pytest.raises(RuntimeError, match="shutdown"):
            await read_form(
                stream(), CONTENT_TYPE, None, lambda *_: store.writer("form/a"), limits=FormLimits(), threads=threads
            )

    asyncio.run(scenario())
    assert store.holds_nothing()


def test_a_refused_form_closes_its_stream_at_once() -> None:
    closed = []

    async def stream() -> AsyncIterator[bytes]:
        try:
            while True:
                yield part("a", b"")
        finally:
            closed.append(True)

    async def scenario() -> None:
        with ThreadPoolExecutor(1) as threads, pytest.raises(InvalidRequest):
            await read_form(stream(), CONTENT_TYPE, None, lambda *_: None, limits=FormLimits(fields=0), threads=threads)
        assert closed == [True]

    asyncio.run(scenario())


def test_a_client_that_goes_away_leaves_nothing() -> None:
    store = MemoryBlobStore()

    async def stream() -> AsyncIterator[bytes]:
        yield part("build", bytes(3 << 20), "a")
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        asyncio.run(receive_from(stream(), lambda *_: store.writer("form/a"), FormLimits(), store))
    assert store.holds_nothing()


def test_many_slow_uploads_share_one_thread() -> None:
    store, turns = MemoryBlobStore(), 20

    async def trickle(number: int) -> AsyncIterator[bytes]:
        for piece in (part("build", b"%d" % number * 100_000, "a"), b"--" + BOUNDARY + b"--"):
            for _ in range(turns):
                await asyncio.sleep(0)
            yield piece

    async def all_at_once(threads: ThreadPoolExecutor) -> list[int]:
        forms = await asyncio.gather(
            *(
                read_form(
                    trickle(number),
                    CONTENT_TYPE,
                    None,
                    lambda _name, _filename, _type, number=number: store.writer(f"form/{number}"),  # type: ignore[misc]  # bound here
                    limits=FormLimits(),
                    threads=threads,
                )
                for number in range(50)
            )
        )
        sizes = [form.files[0].size for form in forms]
        for form in forms:
            form.cancel()
        return sizes

    with ThreadPoolExecutor(1) as threads:
        sizes = asyncio.run(all_at_once(threads))
    assert sizes == [100_000 * len(str(number)) for number in range(50)]
    assert store.holds_nothing()


def test_a_body_in_tiny_chunks_costs_no_memory() -> None:
    pieces = []

    class Counter(SlowWriter):
        def write(self, data: bytes | bytearray | memoryview) -> None:
            pieces.append(len(data))

    async def stream() -> AsyncIterator[bytes]:
        yield part("build", b"", "a")[:-2]
        for _ in range(2000):
            yield b"xy"
        yield b"\r\n--" + BOUNDARY + b"--"

    async def scenario(threads: ThreadPoolExecutor) -> int:
        form = await read_form(
            stream(),
            CONTENT_TYPE,
            None,
            lambda *_: Counter(),  # type: ignore[arg-type]  # its commit is never called
            limits=FormLimits(),
            threads=threads,
        )
        return form.files[0].size

    with ThreadPoolExecutor(1) as threads:
        assert asyncio.run(scenario(threads)) == sum(pieces) == 4000
