"""The outgoing client: where it does not go, what it does not wait for, what it does not say."""

from __future__ import annotations

import logging
import socket
import threading
import time

import pytest

from gateway.net.client import Outgoing
from gateway.net.line import PartnerAway, is_public
from tests.net.world import Answer, ok, saying, serving

INSIDE = [
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "169.254.170.2",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "2002:a9fe:a9fe::1",
    "100::1",
    "5f00::1",
]
OUTSIDE = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", INSIDE)
def test_an_inside_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_outside_address_is_public(address: str) -> None:
    assert is_public(address)


SPELLINGS = [
    "https://127.0.0.1/", "https://localhost/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://0/", "https://[::1]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://169.254.169.254/latest/meta-data/", "https://[fd00:ec2::254]/", "https://10.0.0.1:8443/x",
    "https://LOCALHOST/", "https://127.0.0.1./", "https://①②⑦.0.0.1/",
    "http://127.0.0.1/", "http://1.1.1.1/", "ftp://1.1.1.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "//127.0.0.1/", "127.0.0.1", "",
    "https://", "https:///x", "https://a:b@1.1.1.1/", "https://1.1.1.1\\@127.0.0.1/", "https://1.1.1.1 .example/", "https://[::1",
    "https://1.1.1.1:99999/", "https://1.1.1.1/\r\nX: y",
]  # fmt: skip


@pytest.mark.parametrize("url", SPELLINGS)
def test_no_spelling_of_an_inside_address_is_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a connection was tried"))
    with pytest.raises(PartnerAway):
        Outgoing().request("GET", url)


def _resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Names resolve to each answer in turn; returns where connections were tried."""
    tried: list[str] = []
    left = list(answers)

    def getaddrinfo(_host: str, port: int, **_: object) -> list[object]:
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    def connect(_self: socket.socket, address: tuple[str, int]) -> None:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", connect)
    return tried


@pytest.mark.parametrize("found", [["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["10.0.0.1", "1.1.1.1"]], ids=["inside", "outside and inside", "inside and outside"])
def test_a_name_that_leads_inside_is_not_followed(found: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    tried = _resolving(monkeypatch, found)
    with pytest.raises(PartnerAway):
        Outgoing().request("GET", "https://partner.example.org/jwks")
    assert not tried


def test_a_name_is_resolved_once_and_that_address_is_the_one_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = _resolving(monkeypatch, ["1.1.1.1"], ["127.0.0.1"])
    with pytest.raises(PartnerAway):
        Outgoing().request("GET", "https://rebinding.example.org/jwks")
    assert tried == ["1.1.1.1"]


def test_where_private_addresses_are_allowed_http_still_stays_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = _resolving(monkeypatch, ["1.1.1.1"])
    with pytest.raises(PartnerAway):
        Outgoing(allow_private=True).request("GET", "http://partner.example.org/")
    assert not tried


def test_a_partner_inside_is_asked_where_that_is_allowed() -> None:
    with serving(saying(ok(b'{"a": 1}', "X-Kind: test"))) as (base, heads):
        reply = Outgoing(allow_private=True).request("POST", f"{base}/fhir?x=1", headers={"Accept": "application/json"}, data={"a": "b c"})
    assert (reply.status, reply.headers["x-kind"], reply.document()) == (200, "test", {"a": 1})
    assert heads[0].startswith(b"POST /fhir?x=1 HTTP/1.1\r\n")
    assert b"Content-Type: application/x-www-form-urlencoded" in heads[0]


def test_proxies_and_stored_passwords_of_the_machine_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with serving(saying(ok(b"{}", "Set-Cookie: a=b"))) as (base, heads):
        outgoing = Outgoing(allow_private=True)
        assert [outgoing.request("GET", base).status for _ in range(2)] == [200, 200]
    assert not [head for head in heads if b"Cookie" in head or b"Authorization" in head]


def _redirecting(status: int) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n".encode()


BROKEN: dict[str, tuple[bytes, str]] = {
    "a redirect": (_redirecting(302), "redirect"),
    "a permanent redirect": (_redirecting(308), "redirect"),
    "a body beyond the bound": (ok(b"x" * 3000), "too large"),
    "a body beyond the bound in chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"x" * 1024 + b"\r\n400\r\n" + b"x" * 1024 + b"\r\n0\r\n\r\n",
        "too large",
    ),
    "a body beyond the bound without end": (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3000, "too large"),
    "compression that was not asked for": (ok(b"\x1f\x8b", "Content-Encoding: gzip"), "compressed"),
    "a body cut short": (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", "broke"),
    "a broken chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "broke"),
    "no HTTP": (b"SSH-2.0-OpenSSH\r\n", "broke"),
    "nothing": (b"", "broke"),
    "a header without end": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "broke"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_answer_is_one_error_with_a_reason(name: str) -> None:
    answer, reason = BROKEN[name]
    with serving(saying(answer)) as (base, _), pytest.raises(PartnerAway, match=reason):
        Outgoing(allow_private=True).request("GET", base, max_bytes=2000)


def _dripping(before: bytes, drop: bytes, over: threading.Event) -> Answer:
    """Sends a byte now and then, so that no single read ever takes long."""

    def answer(line: socket.socket) -> None:
        line.sendall(before)
        while not over.wait(0.05):
            line.sendall(drop)

    return answer


DRIPS: dict[str, tuple[bytes, bytes]] = {
    "silence": (b"", b""),
    "the status line": (b"HTTP/1.1 200 ", b"O"),
    "the headers": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "the body": (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
    "a body that ends with the connection": (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    "the size of a chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
}


@pytest.mark.parametrize("name", DRIPS)
def test_a_partner_that_drips_is_cut_off_in_time(name: str) -> None:
    before, drop = DRIPS[name]
    over = threading.Event()
    started = time.monotonic()
    with serving(_dripping(before, drop, over)) as (base, _):
        try:
            with pytest.raises(PartnerAway, match="in time"):
                Outgoing(allow_private=True).request("GET", base, timeout_s=0.4)
        finally:
            over.set()
    assert time.monotonic() - started < 3


def test_a_tls_greeting_that_drips_is_cut_off_in_time() -> None:
    over = threading.Event()
    started = time.monotonic()
    with serving(_dripping(b"\x16\x03\x03\x40\x00", b"\x02", over)) as (base, _):
        try:
            with pytest.raises(PartnerAway):
                Outgoing(allow_private=True).request("GET", base.replace("http:", "https:"), timeout_s=0.4)
        finally:
            over.set()
    assert time.monotonic() - started < 3


def test_a_server_without_tls_is_not_spoken_to_over_https() -> None:
    with serving(saying(ok(b"{}"))) as (base, _), pytest.raises(PartnerAway):
        Outgoing(allow_private=True).request("GET", base.replace("http:", "https:"), timeout_s=0.3)


def test_an_address_where_nobody_listens_is_away() -> None:
    with pytest.raises(PartnerAway, match="does not answer"):
        Outgoing(allow_private=True).request("GET", "http://127.0.0.1:1/")


def test_an_answer_that_is_no_json_says_so() -> None:
    with serving(saying(ok(b"[" * 100_000))) as (base, _), pytest.raises(PartnerAway, match="not JSON"):
        Outgoing(allow_private=True).request("GET", base).document()


def test_neither_addresses_nor_bodies_are_logged_or_in_errors(caplog: pytest.LogCaptureFixture) -> None:
    said = []
    with caplog.at_level(logging.DEBUG):
        with serving(saying(ok(b'{"canary": 1}'))) as (base, _):
            said.append(repr(Outgoing(allow_private=True).request("POST", f"{base}/canary?canary=1", headers={"X": "canary"}, data=b"canary")))
        for answer in (b"canary", _redirecting(302).replace(b"169.254.169.254", b"canary"), b"HTTP/1.1 200 OK\r\ncanary canary\r\n\r\n" + b"canary" * 1000):
            with serving(saying(answer)) as (base, _), pytest.raises(PartnerAway) as away:
                Outgoing(allow_private=True).request("GET", f"{base}/canary?canary=1", max_bytes=100)
            said.append(f"{away.value!r} {away.value.__cause__!r} {away.value.__suppress_context__}")
    assert "canary" not in caplog.text + "".join(said)
