"""A pipeline that keeps uploading to whichever server answers: `network_client.py APK TOKEN COUNT URL...`.

Prints a line of JSON for each build that was acknowledged: its id, the SHA-256 of its bytes, the server. Run by
test_lost_network.py on a machine of its own.
"""

import hashlib
import itertools
import json
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

_PATIENCE = httpx.Timeout(8, connect=2)
_MOST_TRIES = 60


def upload(client: httpx.Client, urls: list[str], apk: bytes, number: int) -> dict[str, str]:
    """Upload one build, its bytes unlike all others', to one server after the other until one takes it."""
    content = apk + number.to_bytes(4, "big")  # behind the end of the zip: a comment too long, which readers pass over
    key = str(uuid.uuid4())
    for url in itertools.islice(itertools.cycle(urls[number % len(urls) :] + urls[: number % len(urls)]), _MOST_TRIES):
        try:
            answer = client.post(
                f"{url}/v1/integrations/builds",
                files={"build": ("app.apk", content)},
                headers={"Idempotency-Key": key},
            )
        except httpx.TransportError:
            continue
        if answer.status_code == 200:
            return {
                "id": answer.json()["data"]["id"],
                "sha256": hashlib.sha256(content).hexdigest(),
                "server": url,
                "key": key,
            }
        if answer.status_code < 500 and answer.status_code not in {409, 429}:
            raise AssertionError(answer.text)
        time.sleep(0.5)
    raise AssertionError(f"nobody took build {number}")


def main(apk: str, token: str, count: int, urls: list[str]) -> None:
    """Upload builds, three at a time, and say of each when it was acknowledged."""
    content = Path(apk).read_bytes()
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(timeout=_PATIENCE, headers=headers, trust_env=False) as client, ThreadPoolExecutor(3) as threads:
        for acknowledged in threads.map(lambda number: upload(client, urls, content, number), range(count)):
            sys.stdout.write(json.dumps(acknowledged) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:])
