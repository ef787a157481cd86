"""An internet in this process: names, the addresses they resolve to, and what answers there. Nothing leaves the machine.

The rules of gateway/net stand in the way as they do outside; only the socket at the end is one of ours, and TLS is left out.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from unittest.mock import patch

from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection

from gateway.net import client as net_client
from gateway.net.line import Line

PUBLIC = "93.184.215.14"
ELSEWHERE = "203.0.114.9"
SILENT = "198.35.26.96"
"""A public address at which nothing answers."""
_TLS = {
    "cert_reqs",
    "ca_certs",
    "ca_cert_dir",
    "key_file",
    "cert_file",
    "key_password",
    "ssl_context",
    "ssl_version",
    "ssl_minimum_version",
    "assert_hostname",
    "assert_fingerprint",
}

Speak = Callable[[socket.socket], None]


class Internet:
    """`names`: host -> the addresses of each look-up, the last of them for all that follow. `hosts`: address -> what it says."""

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.hosts: dict[str, Speak] = {}
        self.reached: list[str] = []

    def lay(self, host: str, reply: Speak | bytes, *addresses: str) -> None:
        """A host that answers so, at these addresses."""
        self.names[host] = [list(addresses or (PUBLIC,))]
        for address in addresses or (PUBLIC,):
            self.hosts[address] = reply if callable(reply) else saying(reply)

    @contextmanager
    def around(self) -> Iterator[None]:
        """While this lasts, the gateway's outgoing connections end here."""
        with ExitStack() as all_of:
            all_of.enter_context(patch.object(socket, "getaddrinfo", self._resolve))
            all_of.enter_context(patch.object(Line, "_connected", lambda line, _family, address: self._connect(line, address[0])))
            all_of.enter_context(patch.object(net_client, "_SecurePool", _Pool))
            yield

    def _resolve(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        looks = self.names.get(host)
        if looks is None:
            raise socket.gaierror
        found = looks.pop(0) if len(looks) > 1 else looks[0]
        return [(socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    def _connect(self, line: Line, address: str) -> socket.socket:
        self.reached.append(address)
        if address not in self.hosts:
            raise OSError
        ours, theirs = socket.socketpair()
        line._taps.append(ours.dup())  # noqa: SLF001 (as the Line itself does)
        ours.settimeout(5)
        threading.Thread(target=_serve, args=(theirs, self.hosts[address]), daemon=True).start()
        return ours


class _Connection(HTTPConnection):
    def _new_conn(self) -> Any:
        return net_client._line.get().open("https", self.host, self.port)  # noqa: SLF001 (the request at hand)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection

    def __init__(self, host: str, port: int | None = None, **options: Any) -> None:
        super().__init__(host, port, **{name: value for name, value in options.items() if name not in _TLS})


def _serve(line: socket.socket, speak: Speak) -> None:
    with line, suppress(OSError):
        read = b""
        while b"\r\n\r\n" not in read and (more := line.recv(4096)):
            read += more
        speak(line)


def saying(reply: bytes) -> Speak:
    return lambda line: line.sendall(reply)


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def key_set(document: Any, *headers: str) -> bytes:
    return http(json.dumps(document).encode(), *headers)


def dribbling(reply: bytes, pause_s: float) -> Speak:
    """Each byte of the body's end comes so late that the whole is late, while no single wait is long."""

    def speak(line: socket.socket) -> None:
        head, tail = reply[:-8], reply[-8:]
        line.sendall(head)
        for at in range(len(tail)):
            time.sleep(pause_s)
            line.sendall(tail[at : at + 1])

    return speak
