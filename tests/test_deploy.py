"""What is in `deploy/`: read by the programs that will read it, as far as this machine has them."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml  # type: ignore[import-untyped]  # its types are another package
from typer.testing import CliRunner

from seatrial.cli.main import app
from seatrial.storage.local import FILE_MODE, FOLDER_MODE
from tests.postgres import Postgres
from tests.said_names import unknown_settings
from tests.server import SEATRIAL, Process, environment, started

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SECONDS = 60


def program(*names: str) -> str:
    for name in names:
        found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
        if found:
            return found
    pytest.skip(f"{names[0]} is not installed")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return read


def test_units_are_what_systemd_understands(tmp_path: Path) -> None:
    verify = program("systemd-analyze")
    (tmp_path / "seatrial").write_text("#!/bin/sh\n")
    (tmp_path / "seatrial").chmod(0o755)
    for unit in UNITS:
        text = unit.read_text().replace("/opt/seatrial/.venv/bin/seatrial", str(tmp_path / "seatrial"))
        (tmp_path / unit.name.replace("@", "@one")).write_text(text)
    units = [tmp_path / unit.name.replace("@", "@one") for unit in UNITS]
    done = subprocess.run(
        [verify, "verify", "--man=no", *units], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "seatrial" in line]
    assert not ours, done.stderr


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name)
def test_units_are_boxed_in(unit: Path, tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    copy = tmp_path / unit.name.replace("@", "@one")
    copy.write_text(unit.read_text())
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", "--threshold=25", copy],
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


def test_every_setting_that_is_named_exists(compose: dict[str, Any]) -> None:
    text = "".join(path.read_text() for path in DEPLOY.rglob("*") if path.is_file())
    assert list(unknown_settings(text)) == []
    assert text.count("SEATRIAL_") > 4
    assert compose["name"] == "seatrial"


def test_the_compose_file_is_two_servers_and_two_workers_that_stop_in_order(compose: dict[str, Any]) -> None:
    services = compose["services"]
    kinds = {name: service.get("command", [""])[0] for name, service in services.items()}
    assert sorted(kinds.values()) == ["", "", "serve", "serve", "worker", "worker"]
    for name, kind in kinds.items():
        if kind:
            assert "--no-worker" in services[name]["command"] or kind == "worker"
            assert services[name]["stop_grace_period"] == "60s"
            assert services[name]["read_only"] is True
            assert services[name]["depends_on"]["postgres"]["condition"] == "service_healthy"
    for service in services.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("./"):
                assert source == "./tls" or (DEPLOY / source).exists(), source
            else:
                assert source in compose["volumes"], source
        assert set(service["networks"]) <= set(compose["networks"])
    [subnet] = compose["networks"]["inside"]["ipam"]["config"]
    assert subnet["subnet"] in services["api-1"]["environment"]["SEATRIAL_TRUSTED_PROXIES"]


@pytest.mark.parametrize(
    "command",
    [
        *re.findall(r"^ExecStart=\S+ (.*)$", "\n".join(unit.read_text() for unit in UNITS), re.MULTILINE),
        *re.findall(r"doctor$", (ROOT / "docs/how-to/deploy.md").read_text(), re.MULTILINE),
    ],
)
def test_every_command_that_is_given_is_understood(command: str) -> None:
    done = CliRunner().invoke(app, [*command.split(), "--help"])
    assert done.exit_code == 0, done.output


def test_the_units_let_a_proxy_read_the_files_that_it_is_to_send() -> None:
    """As docs/how-to/behind-nginx-or-caddy.md has it: in a folder that the sandbox lets through, for the group."""
    said = re.search(r"SEATRIAL_STORAGE__DIRECTORY=(\S+)", (ROOT / "docs/how-to/behind-nginx-or-caddy.md").read_text())
    assert said
    for unit in UNITS:
        if unit.suffix == ".service":
            text = unit.read_text()
            assert f"ReadWritePaths=-{said[1]}\n" in text
            [mask] = re.findall(r"^UMask=(\d+)$", text, re.MULTILINE)
            assert (FILE_MODE & ~int(mask, 8), FOLDER_MODE & ~int(mask, 8)) == (0o640, 0o750)


def test_what_the_compose_file_starts_comes_up_together_on_nothing(
    compose: dict[str, Any], postgres: Postgres, tmp_path: Path
) -> None:
    """Two servers and a worker, all at once: the owner's link is good on either server, whichever printed it."""
    url, running = postgres.fresh_database(), []
    try:
        for name in ("api-1", "api-2", "worker-1"):
            service = compose["services"][name]
            said = service["environment"] | {
                "SEATRIAL_DATABASE_URL": url,
                "SEATRIAL_DATA_DIR": str(tmp_path / "data"),
                "SEATRIAL_PUBLIC_URL": "https://builds.example.com",
            }
            command = [SEATRIAL, *service["command"]]
            if "SEATRIAL_METRICS__WORKER_LISTEN" in said:
                said["SEATRIAL_METRICS__WORKER_LISTEN"] = "127.0.0.1:0"
            else:
                command += ["--port", "0"]
            with (tmp_path / f"{name}.log").open("w") as log:
                running.append((name, started(command, environment(said), None, log.fileno())))
        printed = {name: _until_ready(process, tmp_path / f"{name}.log") for name, process in running}
        places = {name: re.search(r"http://[\d.]+:(\d+)$", text.strip()) for name, text in printed.items()}
        ports = {name: found[1] for name, found in places.items() if found}
        links = re.findall(r"https://builds.example.com(/setup/\S+)", "".join(printed.values()))
        assert (len(links), len(set(links))) == (2, 1)
        for name, port in ports.items():
            assert httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False, timeout=SECONDS).status_code == 200
            if name.startswith("api"):
                assert (
                    httpx.get(f"http://127.0.0.1:{port}{links[0]}", trust_env=False, timeout=SECONDS).status_code == 200
                )
        assert len(ports) == 3
        for _, process in running:
            process.terminate()
        assert [process.wait(SECONDS) for _, process in running] == [0, 0, 0]
    finally:
        for _, process in running:
            process.kill()
            process.wait(SECONDS)
            if process.stdout is not None:
                process.stdout.close()


def _until_ready(process: Process, log: Path) -> str:
    printed = ""
    assert process.stdout is not None
    for line in process.stdout:
        printed += line
        if " ready" in line:
            return printed
    raise AssertionError(log.read_text())


def test_docker_understands_the_compose_file() -> None:
    docker = program("docker")
    if subprocess.run([docker, "compose", "version"], capture_output=True, timeout=SECONDS, check=False).returncode:
        pytest.skip("docker compose is not installed")
    environment = {"POSTGRES_PASSWORD": "a", "SEATRIAL_PUBLIC_URL": "https://builds.example.com"}
    subprocess.run(
        [docker, "compose", "-f", DEPLOY / "compose.yaml", "config", "--quiet"],
        env=environment,
        timeout=SECONDS,
        check=True,
    )


def test_the_image_is_made_of_what_is_there_and_of_pinned_packages() -> None:
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
    assert all("latest" not in base for base in re.findall(r"^FROM (\S+)", text, re.MULTILINE))
    assert "--require-hashes -r requirements.lock" in text
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)
    version = re.search(r"python:3\.(\d+)-", text)
    assert version
    assert int(version[1]) >= 11


def test_nginx_understands_its_file(tmp_path: Path) -> None:
    nginx, openssl = program("nginx"), program("openssl")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=a", "-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    site = (DEPLOY / "nginx.conf").read_text().replace("/etc/ssl/seatrial", str(tmp_path))
    (tmp_path / "site.conf").write_text(
        re.sub(r"api-\d:8080", "127.0.0.1:8080", site, count=1).replace("api-2:8080", "127.0.0.2:8080")
    )
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/nginx.pid; events {{ }} http {{ access_log off; include {tmp_path}/site.conf; }}"
    )
    done = subprocess.run(
        [nginx, "-t", "-e", tmp_path / "log", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True,
        timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
