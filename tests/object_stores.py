"""Real object stores for the tests: SeaweedFS for S3, and Azurite for Azure where npm can bring it."""

import hmac
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx

from seatrial.domain.build import StorageProvider
from seatrial.domain.clock import utc_now
from seatrial.domain.ids import new_entity_id
from seatrial.domain.storage_provider import REGIONS, Bucket, ProviderKind
from seatrial.storage.azure_signing import AzureSigner
from seatrial.storage.object_store import ObjectBlobStore
from seatrial.storage.opening import open_object_store
from seatrial.storage.s3_signing import S3Signer
from seatrial.storage.scratch import Scratch
from tests.processes import die_with_parent

ACCESS_KEY, SECRET_KEY = "AKIATESTTESTTEST", "a-secret-of-the-tests-and-of-nobody-else"  # made up
AZURITE = Path(__file__).resolve().parents[1] / ".tools/azurite/node_modules/azurite"
AZURE_ACCOUNT = "devstoreaccount1"
# Published with Azurite, the same everywhere.
AZURE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
BUCKET = "seatrial-tests"
"""The bucket and the container that are there already."""
_START_SECONDS = 60


@dataclass
class ObjectServer:
    """A running store; `endpoint` is its URL, `process` may be stopped by a test that looks what then happens."""

    endpoint: str
    process: subprocess.Popen[bytes]
    log: Path


def s3_signer(endpoint: str, bucket: str) -> S3Signer:
    return S3Signer(f"{endpoint}/{bucket}", "us-east-1", ACCESS_KEY, SECRET_KEY)


def make_bucket(server: ObjectServer, name: str) -> str:
    """Make a bucket as soon as the store can."""
    give_up = time.monotonic() + _START_SECONDS
    while True:
        answer = httpx.put(s3_signer(server.endpoint, name).url("PUT", "", 60, utc_now()))
        if answer.is_success or answer.status_code == 409:
            return name
        assert time.monotonic() < give_up, answer.text
        time.sleep(0.1)


def list_bucket(server: ObjectServer, bucket: str, query: Mapping[str, str] | None = None) -> str:
    """Give what the store says is in a bucket, as XML."""
    return _listed(server.endpoint, bucket, query or {"list-type": "2"})


def s3_settings(endpoint: str, prefix: str) -> dict[str, str]:
    """Give the settings of a server that keeps its files below a prefix of the tests' bucket."""
    said = {"PROVIDER": "s3", "BUCKET": BUCKET, "ENDPOINT": endpoint, "PREFIX": prefix}
    said |= {"ACCESS_KEY": ACCESS_KEY, "SECRET_KEY": SECRET_KEY}
    return {f"SEATRIAL_STORAGE__{name}": value for name, value in said.items()}


def keys_below(endpoint: str, prefix: str) -> set[str]:
    """Name what is stored below a prefix of the tests' bucket."""
    found = re.findall("<Key>(.*?)</Key>", _listed(endpoint, BUCKET, {"list-type": "2", "prefix": f"{prefix}/"}))
    return {key.removeprefix(f"{prefix}/") for key in found}


def _listed(endpoint: str, bucket: str, query: Mapping[str, str]) -> str:
    answer = httpx.get(s3_signer(endpoint, bucket).url("GET", "", 60, utc_now(), query))
    answer.raise_for_status()
    return answer.text


@contextmanager
def seaweedfs() -> Iterator[ObjectServer]:
    """Run SeaweedFS for the block, in a folder of its own; it tells nobody of itself."""
    with tempfile.TemporaryDirectory(prefix="seatrial-seaweedfs-") as said:
        folder = Path(said)
        identity = {"name": "tests", "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]}
        identities = {"identities": [identity | {"actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}
        (folder / "s3.json").write_text(json.dumps(identities))
        (folder / "data").mkdir()
        program = Path(sys.executable).with_name("weed")
        s3, *ports = _free_ports(9)
        names = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc")
        arguments = [
            *(f"-{name}={port}" for name, port in zip(names, ports, strict=False)),
            f"-s3.port={s3}",
            f"-s3.port.grpc={ports[6]}",
            f"-s3.config={folder / 's3.json'}",
            f"-dir={folder / 'data'}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-volume.max=0",
            "-master.volumeSizeLimitMB=256",
            "-master.telemetry=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            f"-s3.localSocket={folder / 's3.sock'}",
            f"-filer.localSocket={folder / 'filer.sock'}",
        ]
        command: list[str | Path] = [program, "server", "-s3", "-filer", *arguments]
        with _running(command, folder, f"http://127.0.0.1:{s3}") as server:
            make_bucket(server, BUCKET)
            yield server


@contextmanager
def azurite() -> Iterator[ObjectServer]:
    """Run Azurite's blob service for the block."""
    with tempfile.TemporaryDirectory(prefix="seatrial-azurite-") as said:
        folder = Path(said)
        (port,) = _free_ports(1)
        node = shutil.which("node")
        assert node is not None
        arguments = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(folder), "--silent"]
        command: list[str | Path] = [node, AZURITE / "dist/src/blob/main.js", *arguments, "--disableTelemetry"]
        with _running(command, folder, f"http://127.0.0.1:{port}") as server:
            server.endpoint += f"/{AZURE_ACCOUNT}"
            make_container(server, BUCKET)
            yield server


def has_azurite() -> bool:
    return AZURITE.is_dir() and shutil.which("node") is not None


def make_container(server: ObjectServer, name: str) -> str:
    """Make a container."""
    answer = httpx.put(_account_url(server, name), headers={"x-ms-version": "2020-12-06"})
    assert answer.status_code in {201, 409}, answer.text
    return name


def _account_url(server: ObjectServer, container: str) -> str:
    """Give a URL that makes a container, by a signature for the whole account."""
    end = (utc_now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    # Source: "Create an account SAS", version 2020-12-06.
    parts = [AZURE_ACCOUNT, "rwdlac", "b", "sco", "", end, "", "", "2020-12-06", "", ""]
    signature = hmac.new(b64decode(AZURE_KEY), "\n".join(parts).encode(), "sha256").digest()
    said = {"sv": "2020-12-06", "ss": "b", "srt": "sco", "sp": "rwdlac", "se": end}
    query = urlencode(said | {"sig": b64encode(signature).decode()})
    return f"{server.endpoint}/{container}?restype=container&{query}"


def azure_signer(server: ObjectServer, container: str) -> AzureSigner:
    return AzureSigner(f"{server.endpoint}/{container}", AZURE_ACCOUNT, container, AZURE_KEY)


@contextmanager
def _running(command: list[str | Path], folder: Path, endpoint: str) -> Iterator[ObjectServer]:
    log = folder / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            cwd=folder,
            env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder)},
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509  # one system call, no lock, nothing that another thread holds
        )
    try:
        _wait(process, log, endpoint)
        yield ObjectServer(endpoint, process, log)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(30)


def _wait(process: subprocess.Popen[bytes], log: Path, endpoint: str) -> None:
    give_up = time.monotonic() + _START_SECONDS
    while True:
        try:
            httpx.get(endpoint)
        except httpx.TransportError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < give_up, "it does not answer"
            time.sleep(0.05)
        else:
            return


def _free_ports(count: int) -> list[int]:
    """Find ports that are free, and stay so for a moment: all are held until the last one is found."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def bucket_of(server: ObjectServer, kind: ProviderKind, name: str = BUCKET, prefix: str = "") -> Bucket:
    """Describe a bucket; Google's are spoken to by the S3 interface, which no emulator has: SeaweedFS takes it."""
    return Bucket(
        kind=kind,
        name=name,
        region=REGIONS[ProviderKind.S3],
        endpoint=server.endpoint,
        prefix=prefix,
        access_key=AZURE_ACCOUNT if kind is ProviderKind.AZURE else ACCESS_KEY,
    )


def store_in(
    server: ObjectServer, kind: ProviderKind, copies: Path, secret: str = "", bucket: Bucket | None = None
) -> ObjectBlobStore:
    """Open a store."""
    chosen = bucket or bucket_of(server, kind, prefix="" if kind is ProviderKind.S3 else "some/prefix")
    provider = StorageProvider(id=new_entity_id(), name=kind.value, region=chosen.region, bucket=chosen.name)
    right = AZURE_KEY if kind is ProviderKind.AZURE else SECRET_KEY
    return open_object_store(provider, chosen, secret or right, Scratch(copies), utc_now)
