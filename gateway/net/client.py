"""The one outgoing HTTP client. Whatever goes wrong is one error, PartnerAway, whose words name no address, header or body.

Addresses come from partners (a JWKS URL, a FHIR base), so a request may only reach the public internet over https. The
rule is applied to the address that the name resolved to, on the very socket that is opened, so that a name which resolves
differently a second time gains nothing. `allow_private` opens private addresses, over http too, for tests and for partners on
the same network; http never leaves a private network.
"""

from __future__ import annotations

import json as json_module
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from gateway.net.line import Line, PartnerAway

logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # its lines carry whole addresses, query included, and bytes of answers

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 65536
_MAX_BYTES = 32 * 1024 * 1024
_HEADERS = {"User-Agent": "handoff", "Accept-Encoding": "identity", "Connection": "close"}

_line: ContextVar[Line] = ContextVar("line")


@dataclass(frozen=True)
class Reply:
    """What the other side answered, whatever its status. Header names are found in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> Any:
        """The body as JSON. Raises PartnerAway where it is none."""
        try:
            return json_module.loads(self.body)
        except (ValueError, RecursionError):
            raise PartnerAway("the partner's answer is not JSON", self.status) from None

    def __repr__(self) -> str:
        return f"Reply(status={self.status}, {len(self.body)} bytes)"


class Outgoing:
    """Sends one request over one connection of its own: nothing (cookies, proxies, .netrc) is carried from one partner to the next."""

    def __init__(self, *, allow_private: bool = False, ca_file: str | None = None) -> None:
        self.allow_private = allow_private
        self._verify: bool | str = ca_file or True

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: bytes | Mapping[str, str] | None = None,
        json: Any = None,
        timeout_s: float = 10.0,
        max_bytes: int = _MAX_BYTES,
    ) -> Reply:
        """Answers within `timeout_s` in all and `max_bytes` of body, or raises PartnerAway. Redirects are not followed."""
        self._check_url(url)
        line = Line(self.allow_private, timeout_s)
        clock = Timer(timeout_s, line.cut)
        clock.daemon = True
        clock.start()
        before = _line.set(line)
        try:
            return self._send(line, max_bytes, method=method, url=url, headers=dict(headers or {}), data=data, json=json, timeout=timeout_s)
        except requests.exceptions.SSLError:
            raise PartnerAway("the partner's TLS certificate or protocol was not accepted") from None
        except (requests.exceptions.Timeout, TimeoutError):
            raise PartnerAway(_LATE) from None
        except (requests.RequestException, HTTPError, OSError, ValueError):
            raise PartnerAway(_LATE if line.was_cut else "the connection broke or the answer was not HTTP") from None
        finally:
            clock.cancel()
            _line.reset(before)
            line.close()

    def _send(self, line: Line, max_bytes: int, **parts: Any) -> Reply:
        with requests.Session() as session:
            session.trust_env = False
            session.headers = CaseInsensitiveDict(_HEADERS)
            session.mount("http://", _CheckedAdapter())
            session.mount("https://", _CheckedAdapter())
            response = session.request(**parts, stream=True, allow_redirects=False, verify=self._verify)
            reply = Reply(response.status_code, response.headers, _bounded(response, max_bytes))
        _check_reply(line, reply)
        return reply

    def _check_url(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            known = bool(parts.hostname) and parts.port != 0
        except ValueError:
            known = False
        if not known or parts.username is not None or parts.password is not None or not url.isprintable() or "\\" in url:
            raise PartnerAway("the address is not a plain http or https URL")
        if parts.scheme != "https" and not (parts.scheme == "http" and self.allow_private):
            raise PartnerAway("the address must be https")


_LATE = "the partner did not answer in time"


def _bounded(response: requests.Response, max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in response.raw.stream(_CHUNK, decode_content=False):
        body += chunk
        if len(body) > max_bytes:
            raise PartnerAway("the partner's answer is too large", response.status_code)
    return bytes(body)


def _check_reply(line: Line, reply: Reply) -> None:
    if line.was_cut:  # a body that ends with the connection would otherwise pass for a whole one
        raise PartnerAway(_LATE)
    if reply.status in _REDIRECTS:
        raise PartnerAway("the partner answered with a redirect, which is not followed", reply.status)
    if reply.headers.get("Content-Encoding", "identity") != "identity":
        raise PartnerAway("the partner's answer is compressed, which was not asked for", reply.status)


class _PlainConnection(HTTPConnection):
    def _new_conn(self) -> Any:
        return _line.get().open("http", self.host, self.port)


class _SecureConnection(HTTPSConnection):
    def _new_conn(self) -> Any:
        return _line.get().open("https", self.host, self.port or 443)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _CheckedAdapter(HTTPAdapter):
    """Opens every socket through the Line of the request at hand."""

    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        super().init_poolmanager(*sizes, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
