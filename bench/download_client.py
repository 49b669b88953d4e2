"""A client that takes a file and drops its bytes inside the kernel, in a process of its own.

`python bench/download_client.py PORT PATH TOKEN SIZE` prints the seconds from the request to the last byte.
"""

import socket
import subprocess
import sys
import time


def get(port: int, path: str, token: str, size: int) -> float:
    """Give the seconds of one download of `size` bytes."""
    command = [sys.executable, "-S", __file__, str(port), path, token, str(size)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main(port: str, path: str, token: str, size: str) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", int(port))) as connection:
        start = time.perf_counter()
        connection.sendall(head.encode())
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        head, _, body = received.decode("latin-1").partition("\r\n\r\n")
        assert head.split()[1] == "200", head
        left, buffer = int(size) - len(body), bytearray(1 << 20)
        while left:
            taken = connection.recv_into(buffer, 0, socket.MSG_TRUNC)
            assert taken, f"{left} bytes are missing"
            left -= taken
        print(time.perf_counter() - start)


if __name__ == "__main__":
    main(*sys.argv[1:])
