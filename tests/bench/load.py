"""A small HTTP client that costs little beside the server it measures: many connections, one request in flight on each."""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple
from urllib.parse import urlsplit

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"


class Rate(NamedTuple):
    """What one round measured."""

    per_s: float
    median_s: float


@dataclass
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)


def load(url: str, headers: dict[str, str], expected: bytes, *, count: int, connections: int = 16) -> Rate:
    """Get `url` `count` times over kept-alive connections. Raises AssertionError where an answer is not 200 or not as long as `expected`."""
    address = urlsplit(url)
    target = address.path + (f"?{address.query}" if address.query else "")
    request = "".join([f"GET {target} HTTP/1.1\r\nHost: {address.netloc}\r\n", *(f"{name}: {value}\r\n" for name, value in headers.items()), "\r\n"]).encode()
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        opened = socket.create_connection((address.hostname, address.port), timeout=30)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(opened, selectors.EVENT_READ, _Connection(opened))
    times = _run(selector, request, len(expected), count)
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    selector.close()
    return Rate(count / times.pop(), median(times))


def _run(selector: selectors.BaseSelector, request: bytes, expected_length: int, count: int) -> list[float]:
    """The time of each answer in seconds, and at the end the time of the whole."""
    times: list[float] = []
    started = time.perf_counter()
    idle = [key.data for key in selector.get_map().values()]
    unsent = count
    while len(times) < count:
        while idle and unsent:
            connection = idle.pop()
            connection.sent_at = time.perf_counter()
            connection.socket.sendall(request)
            unsent -= 1
        ready = selector.select(timeout=30)
        assert ready, "the server did not answer within 30 seconds"
        for key, _ in ready:
            if _answered(key.data, expected_length):
                times.append(time.perf_counter() - key.data.sent_at)
                idle.append(key.data)
    times.append(time.perf_counter() - started)
    return times


def _answered(connection: _Connection, expected_length: int) -> bool:
    """Read what has come; True when the answer is complete."""
    more = connection.socket.recv(262_144)
    assert more, "the server closed the connection"
    received = connection.received
    received += more
    head = received.find(_END_OF_HEAD)
    if head < 0:
        return False
    assert received.startswith(b"HTTP/1.1 200"), f"answered {received[:12].decode(errors='replace')}"
    lower = received[: head + 2].lower()
    at = lower.index(_LENGTH) + len(_LENGTH)
    assert int(lower[at : lower.index(b"\r\n", at)]) == expected_length, "the answer has another length than the first"
    if len(received) < head + len(_END_OF_HEAD) + expected_length:
        return False
    received.clear()
    return True
