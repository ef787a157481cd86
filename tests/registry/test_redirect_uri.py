"""Which addresses an app may register, and which of them a request may name."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.smart.redirect_uri import is_origin, is_redirect_uri, is_sent_to, is_web_address, origins_of

GOOD = [
    "https://app.example.org/back",
    "https://app.example.org",
    "https://app.example.org:8443/back?next=%2Fhome&x=1",
    "https://[2001:db8::1]/back",
    "http://127.0.0.1/back",
    "http://127.0.0.1:49152/back",
    "http://[::1]:8000/back",
    "http://localhost:3000/",
    "org.example.app:/back",
    "org.example.app://back",
    "com.example-app.two+x:/oauth?x=1",
]
BAD = {
    "nothing": "",
    "no scheme": "app.example.org/back",
    "no host": "https:///back",
    "http elsewhere": "http://app.example.org/back",
    "a loopback that only begins so": "http://127.0.0.1.evil.example/",
    "a localhost that only begins so": "http://localhost.evil.example/",
    "a localhost that only ends so": "http://evil.localhost/",
    "another number of loopback": "http://127.1/",
    "loopback as one number": "http://2130706433/",
    "every address": "http://0.0.0.0/",
    "user name": "https://user@evil.example/",
    "user name that looks like the host": "https://app.example.org@evil.example/",
    "port that hides a host": "http://localhost:80@evil.example/",
    "loopback with a user": "http://user:pw@127.0.0.1/",
    "user name in a scheme of its own": "org.example.app://user@evil.example/",
    "fragment": "https://app.example.org/back#here",
    "empty fragment": "https://app.example.org/back#",
    "backslash": "https://app.example.org\\@evil.example/",
    "wildcard": "https://*.example.org/back",
    "wildcard in the path": "https://app.example.org/*",
    "space": "https://app.example.org/ba ck",
    "tab": "https://app.example.org/ba\tck",
    "line break": "https://app.example.org/\r\nLocation:x",
    "NUL": "https://app.example.org/\x00",
    "not ASCII": "https://\u0430pp.example.org/",
    "full stop of another script": "https://app\u3002example.org/",
    "javascript": "javascript:alert(1)",
    "data": "data:text/html,x",
    "file": "file:///etc/passwd",
    "about": "about:blank",
    "a scheme without a dot": "myapp://back",
    "a dotted scheme and nothing": "org.example.app:",
    "half an escape": "https://app.example.org/%2",
    "escape in the host": "https://app%2eexample.org/",
    "port nought": "https://app.example.org:0/",
    "port too high": "https://app.example.org:65536/",
    "port not a number": "https://app.example.org:abc/",
    "colon without a port": "https://app.example.org:/",
    "port with a nought before": "https://app.example.org:0443/",
    "broken IPv6": "https://[::1/",
    "IPv6 with a zone": "https://[fe80::1%25eth0]/",
    "two dots": "https://app..example.org/",
    "a dot first": "https://.example.org/",
    "quotes": 'https://app.example.org/"x"',
    "angle": "https://app.example.org/<x>",
    "too long": "https://app.example.org/" + "a" * 1000,
    "in capitals on loopback": "http://LOCALHOST/",
}
HOSTS = st.sampled_from(["127.0.0.1", "localhost", "[::1]", "app.example.org", "evil.example", "127.0.0.1.evil.example", "localhost:80@evil.example"])
PIECES = st.sampled_from(
    ["http", "https", "org.example.app", "javascript", ":", "//", "/", "@", "\\", "#", "?", "*", ".", "%", "%2e", "\x00", "\t", " ", "8080", "[::1]", "\u0430"]
)


@pytest.mark.parametrize("uri", GOOD)
def test_these_may_be_registered(uri: str) -> None:
    assert is_redirect_uri(uri)


@pytest.mark.parametrize("uri", BAD.values(), ids=BAD)
def test_these_may_not_be_registered(uri: str) -> None:
    assert not is_redirect_uri(uri)
    assert not is_web_address(uri)
    assert not is_origin(uri)


@given(uri=st.one_of(st.text(max_size=60), st.lists(st.one_of(PIECES, HOSTS, st.text(max_size=4)), max_size=8).map("".join)))
@example("http://localhost:80@evil.example")
def test_whatever_is_accepted_leads_where_it_seems_to(uri: str) -> None:
    """By Python's reading and by a browser's, which takes a backslash for a slash and leaves out tabs and line breaks (WHATWG URL)."""
    if not is_redirect_uri(uri):
        return
    assert uri.isascii()
    assert not set(uri) & set('\\#* \t\r\n"<>^`{|}')
    assert all(character.isprintable() for character in uri)
    parts = urlsplit(uri)
    assert "@" not in parts.netloc
    if parts.scheme == "http":
        assert parts.hostname in ("127.0.0.1", "localhost", "::1")
    assert parts.scheme in ("http", "https") or "." in parts.scheme


@given(host=HOSTS, port=st.one_of(st.none(), st.integers(0, 70000)), scheme=st.sampled_from(["http", "https"]))
def test_plain_http_stays_on_this_machine(host: str, port: int | None, scheme: str) -> None:
    uri = f"{scheme}://{host}{'' if port is None else f':{port}'}/back"
    local = host in ("127.0.0.1", "localhost", "[::1]")
    assert is_redirect_uri(uri) == ("@" not in host and (port is None or 0 < port < 65536) and (scheme == "https" or local))


@pytest.mark.parametrize(
    ("asked", "registered", "native", "wanted"),
    [
        ("https://app.example.org/back", "https://app.example.org/back", False, True),
        ("https://app.example.org/back/", "https://app.example.org/back", True, False),
        ("https://app.example.org/back?x=1", "https://app.example.org/back", True, False),
        ("https://app.example.org:443/back", "https://app.example.org/back", True, False),
        ("https://APP.example.org/back", "https://app.example.org/back", True, False),
        ("https://app.example.org/%62ack", "https://app.example.org/back", True, False),
        ("http://127.0.0.1:51004/back", "http://127.0.0.1/back", True, True),
        ("http://[::1]:51004/back", "http://[::1]/back", True, True),
        ("http://127.0.0.1:51004/back", "http://127.0.0.1/back", False, False),
        ("http://127.0.0.1:51004/other", "http://127.0.0.1/back", True, False),
        ("http://127.0.0.1:51004/back#x", "http://127.0.0.1/back", True, False),
        ("http://127.0.0.1:51004/back", "http://127.0.0.1:8000/back", True, False),
        ("http://localhost:51004/back", "http://localhost/back", True, False),
        ("http://[::1]:51004/back", "http://127.0.0.1/back", True, False),
        ("http://127.0.0.1:80@evil.example/back", "http://127.0.0.1/back", True, False),
        ("http://127.0.0.1:0/back", "http://127.0.0.1/back", True, False),
        ("", "https://app.example.org/back", True, False),
    ],
)
def test_a_request_names_its_address_character_by_character_but_for_the_port_of_a_native_app(asked: str, registered: str, native: bool, wanted: bool) -> None:
    assert is_sent_to(asked, [registered], native=native) is wanted


@pytest.mark.parametrize("origin", ["https://app.example.org/", "https://app.example.org?x", "org.example.app://x", "null", "*", "app.example.org", "http://app.example.org"])
def test_an_origin_has_nothing_behind_it(origin: str) -> None:
    assert not is_origin(origin)


def test_the_origins_of_some_addresses_are_each_named_once() -> None:
    assert origins_of(["https://A.example/x", "https://a.example:443/y", "org.example.app:/z", "http://[::1]:80/"]) == ["https://a.example", "http://[::1]"]
