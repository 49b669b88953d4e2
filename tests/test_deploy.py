"""What is in `deploy/`: read by the programs that will read it, as far as this machine has them."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its types are another package

from seatrial.config import Settings

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
    named = set(
        re.findall(r"SEATRIAL_[A-Z_]+", "".join(path.read_text() for path in DEPLOY.rglob("*") if path.is_file()))
    )
    fields = Settings.model_fields
    for name in named:
        section, _, rest = name.removeprefix("SEATRIAL_").lower().partition("__")
        assert section in fields, name
        if rest:
            model = fields[section].annotation
            assert model is not None
            assert rest in model.model_fields, name
    assert len(named) > 4
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
