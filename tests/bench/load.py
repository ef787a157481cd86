"""A small HTTP client that costs little beside the server it measures: many connections, one request in flight on each."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
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

    def check(body: bytes) -> None:
        assert len(body) == len(expected), "the answer has another length than the first"

    return _measured(url, repeat(_request("GET", url, headers), count), count, connections, check)


def post_forms(url: str, forms: Sequence[str], *, headers: dict[str, str] | None = None, connections: int = 16) -> tuple[Rate, list[bytes]]:
    """Post each form once; the answers as they came, in any order. Raises AssertionError where one is not 200."""
    answers: list[bytes] = []
    whole = {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {})
    requests = (_request("POST", url, whole, form) for form in forms)
    return _measured(url, requests, len(forms), connections, answers.append), answers


def _request(method: str, url: str, headers: dict[str, str], body: str = "") -> bytes:
    address = urlsplit(url)
    target = address.path + (f"?{address.query}" if address.query else "")
    lines = {"Host": address.netloc} | headers | ({"Content-Length": str(len(body))} if body else {})
    return "".join([f"{method} {target} HTTP/1.1\r\n", *(f"{name}: {value}\r\n" for name, value in lines.items()), "\r\n", body]).encode()


def _measured(url: str, requests: Iterator[bytes], count: int, connections: int, done: Callable[[bytes], None]) -> Rate:
    address = urlsplit(url)
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        opened = socket.create_connection((address.hostname, address.port), timeout=30)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(opened, selectors.EVENT_READ, _Connection(opened))
    times = _run(selector, requests, count, done)
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    selector.close()
    return Rate(count / times.pop(), median(times))


def _run(selector: selectors.BaseSelector, requests: Iterator[bytes], count: int, done: Callable[[bytes], None]) -> list[float]:
    """The time of each answer in seconds, and at the end the time of the whole."""
    times: list[float] = []
    started = time.perf_counter()
    idle = [key.data for key in selector.get_map().values()]
    while len(times) < count:
        while idle and (request := next(requests, None)) is not None:
            connection = idle.pop()
            connection.sent_at = time.perf_counter()
            connection.socket.sendall(request)
        ready = selector.select(timeout=30)
        assert ready, "the server did not answer within 30 seconds"
        for key, _ in ready:
            body = _answered(key.data)
            if body is not None:
                times.append(time.perf_counter() - key.data.sent_at)
                done(body)
                idle.append(key.data)
    times.append(time.perf_counter() - started)
    return times


def _answered(connection: _Connection) -> bytes | None:
    """Read what has come; the body when the answer is complete."""
    more = connection.socket.recv(262_144)
    assert more, "the server closed the connection"
    received = connection.received
    received += more
    head = received.find(_END_OF_HEAD)
    if head < 0:
        return None
    assert received.startswith(b"HTTP/1.1 200"), f"answered {received[:12].decode(errors='replace')}"
    lower = received[: head + 2].lower()
    at = lower.index(_LENGTH) + len(_LENGTH)
    begin, length = head + len(_END_OF_HEAD), int(lower[at : lower.index(b"\r\n", at)])
    if len(received) < begin + length:
        return None
    body = bytes(received[begin : begin + length])
    received.clear()
    return body
