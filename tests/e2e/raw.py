"""Requests byte for byte, past any client's opinion of what is proper."""

import json
import socket

from tests.server import Json, Server


def exchange(server: Server, request: bytes) -> tuple[int, Json]:
    """Send bytes, read one answer as old clients do: to the end of its Content-Length."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as stream:
            status = int(stream.readline().split()[1])
            length = 0
            while (line := stream.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            answer: Json = json.loads(stream.read(length))
    return status, answer
