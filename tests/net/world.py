"""Servers on loopback that answer what a test tells them, bytes and all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[socket.socket], None]


@contextmanager
def serving(answer: Answer, address: str = "127.0.0.1", *, reads_head: bool = True) -> Iterator[tuple[str, list[bytes]]]:
    """The base address of a server that reads one request's head (or not), then does `answer`; and the heads it has read."""
    heads: list[bytes] = []
    listener = socket.create_server((address, 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                line, _ = listener.accept()
                with line, suppress(OSError):
                    if reads_head:
                        heads.append(_head(line))
                    answer(line)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://{address}:{listener.getsockname()[1]}", heads
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=10)


def saying(reply: bytes) -> Answer:
    return lambda line: line.sendall(reply)


def ok(body: bytes, *headers: str) -> bytes:
    head = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def _head(line: socket.socket) -> bytes:
    read = b""
    while b"\r\n\r\n" not in read and (more := line.recv(4096)):
        read += more
    return read
