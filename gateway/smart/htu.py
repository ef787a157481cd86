"""The address that a DPoP proof names (`htu`), in one spelling for all that mean the same.

RFC 9449 section 4.3 point 9: query and fragment are left aside, and what stays is normalised by syntax and scheme (RFC 3986 section
6.2.2 and 6.2.3). What would be unsafe to fold stays apart: an encoded slash is not a slash.
"""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes, urlsplit

LONGEST = 2048
_PORTS = {"https": 443, "http": 80}
_PLAIN_IN_A_SEGMENT = "!$&'()*+,;=:@~"
"""pchar of RFC 3986 section 3.3 besides letters, digits and `-._`: with or without `%` they reach the same resource here."""


def normal(url: str) -> str | None:
    """The one spelling; None for what is no absolute http or https address, or holds a user name."""
    if not 0 < len(url) <= LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or "%" in parts.netloc:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{shown}{_path(parts.path)}"


def _path(path: str) -> str:
    kept: list[str] = []
    segments = [_segment(one) for one in path.split("/")[1:]] or [""]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _segment(segment: str) -> str:
    return quote(unquote_to_bytes(segment), safe=_PLAIN_IN_A_SEGMENT)
