"""Addresses that an app may register, and the origins that follow from them.

RFC 8252 section 7 and RFC 9700 section 2.1: https; plain http on this machine alone; or a private-use scheme that holds a dot, as a domain of the
app's maker does. An address is taken character by character later, so nothing that two readers could read differently is let in here.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

LONGEST_URI = 1000
_LOOPBACK = ("127.0.0.1", "[::1]", "localhost")
_LOOPBACK_ADDRESSES = ("127.0.0.1", "[::1]")
_CUSTOM_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
_PLAIN = re.compile(r"[!$%&'()+,./0-9:;=?@A-Z\[\]_a-z~-]+")
"""What RFC 3986 knows, without `*` (no wildcard is meant) and `#` (no fragment may be)."""
_ESCAPES = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


def is_redirect_uri(uri: str) -> bool:
    """May a browser be sent back there?"""
    parts = _split(uri)
    if parts is None:
        return False
    if parts.scheme in ("http", "https"):
        return _is_web(parts)
    return bool(_CUSTOM_SCHEME.fullmatch(parts.scheme)) and bool(parts.path or parts.netloc)


def is_web_address(uri: str) -> bool:
    """https, or http on this machine."""
    parts = _split(uri)
    return parts is not None and parts.scheme in ("http", "https") and _is_web(parts)


def is_origin(origin: str) -> bool:
    """A scheme, a host, perhaps a port; nothing after it."""
    return is_web_address(origin) and not urlsplit(origin).path and "?" not in origin


def is_sent_to(asked: str, registered: Iterable[str], *, native: bool) -> bool:
    """Whether a request's address is a registered one, character by character (RFC 9700 section 2.1).

    `native`: where one was registered at 127.0.0.1 or [::1] without a port, any port is meant; the system chooses it anew each time (RFC 8252 section 7.3).
    """
    known = set(registered)
    return asked in known or (native and _without_port(asked) in known)


def origins_of(uris: Iterable[str]) -> list[str]:
    """As a browser writes them (RFC 6454 section 6.2): lower case, and no port where it is the scheme's own."""
    web = [parts for uri in uris if (parts := urlsplit(uri)).scheme in ("http", "https")]
    return list(dict.fromkeys(_origin(parts) for parts in web))


def _split(uri: str) -> SplitResult | None:
    if not 0 < len(uri) <= LONGEST_URI or not _PLAIN.fullmatch(uri) or _ESCAPES.search(uri):
        return None
    try:
        parts = urlsplit(uri)
        return parts if "@" not in parts.netloc and parts.port != 0 and not parts.netloc.endswith(":") else None
    except ValueError:
        return None


def _is_web(parts: SplitResult) -> bool:
    host = parts.netloc.removesuffix(f":{parts.port}") if parts.port is not None else parts.netloc
    if parts.scheme == "http":
        return host in _LOOPBACK
    return _is_ipv6(host) or bool(_HOST.fullmatch(host))


def _is_ipv6(host: str) -> bool:
    try:
        return host.startswith("[") and host.endswith("]") and "%" not in host and bool(ipaddress.IPv6Address(host[1:-1]))
    except ValueError:
        return False


def _without_port(uri: str) -> str | None:
    """A loopback address without its port; None for every other."""
    parts = _split(uri)
    if parts is None or parts.scheme != "http" or parts.port is None:
        return None
    host = parts.netloc.removesuffix(f":{parts.port}")
    return parts._replace(netloc=host).geturl() if host in _LOOPBACK_ADDRESSES else None


def _origin(parts: SplitResult) -> str:
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in (None, {"http": 80, "https": 443}[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
