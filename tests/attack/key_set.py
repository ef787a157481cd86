"""Attacks by a client's key set: weak and foreign keys in it, and the URL it lies at (RFC 7517, RFC 8725, SSRF)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import cache
from typing import Any
from unittest.mock import patch

import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import RSAKey

from gateway.net import line
from gateway.net.client import Outgoing
from gateway.smart import jwks, jwks_url
from tests.attack.attack import FAILED, INVALID_CLIENT, Answer, Attack, fault, refused, replaced
from tests.attack.internet import ELSEWHERE, PUBLIC, SILENT, Speak, dribbling, http, key_set, saying
from tests.attack.signer import Signer, ec_key, public
from tests.attack.stage import Stage

Run = Callable[[Stage], Answer]


def _asks(signer: Signer, stage: Stage, **header: Any) -> Answer:
    return stage.token(signer.form(signer.assertion(header)))


def _entry(key: Any = None, **changes: Any) -> dict[str, Any]:
    """The public key as a member of a set, changed; None takes a member away."""
    whole = (key or ec_key()).as_dict(private=False) | changes
    return {name: value for name, value in whole.items() if value is not None}


def _served(document: Callable[[], Any], key: Callable[[], Any] = ec_key) -> Run:
    """A client whose key set, at its URL, reads so."""
    return lambda stage: _asks(stage.remote(document(), key=key()), stage)


def _one(key: Callable[[], Any] = ec_key, **changes: Any) -> Run:
    return _served(lambda: {"keys": [_entry(key(), **changes)]}, key)


@cache
def _rsa(kid: str, exponent: int, bits: int) -> RSAKey:
    made = rsa.generate_private_key(public_exponent=exponent, key_size=bits)
    return RSAKey.import_key(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), {"kid": kid})


def _short() -> RSAKey:
    return _rsa("short", 65537, 1024)


def _three() -> RSAKey:
    """Sound, but for its exponent: with 3, a careless check of the padding lets anybody sign (CVE-2006-4339)."""
    return _rsa("three", 3, 2048)


def _host() -> str:
    return f"{uuid.uuid4().hex}.example.net"


def _at(*addresses: str, host: str | None = None) -> Run:
    """A client whose URL names a host at these addresses, where its good key set lies."""

    def run(stage: Stage) -> Answer:
        name = host or _host()
        stage.internet.lay(name.rpartition("@")[2], key_set(public(ec_key())), *addresses)
        return _asks(stage.planted(ec_key(), url=f"https://{name}/{uuid.uuid4().hex}.json"), stage)

    return run


def _rebound(stage: Stage) -> Answer:
    """The name resolves to a public address when it is looked at, and to a private one when it is connected to."""
    name = _host()
    stage.internet.lay(name, key_set(public(ec_key())), "10.0.0.7")
    stage.internet.names[name] = [[SILENT], ["10.0.0.7"]]
    return _asks(stage.planted(ec_key(), url=f"https://{name}/jwks.json"), stage)


def _one_of_two(stage: Stage) -> Answer:
    """Only the first address is looked at, and the second one answers."""
    name = _host()
    stage.internet.lay(name, key_set(public(ec_key())), ELSEWHERE, "10.0.0.7")
    del stage.internet.hosts[ELSEWHERE]
    return _asks(stage.planted(ec_key(), url=f"https://{name}/jwks.json"), stage)


def _says(reply: Callable[[bytes], bytes | Speak]) -> Run:
    """Its web server answers so, where it should send the key set."""

    def run(stage: Stage) -> Answer:
        name = _host()
        found = reply(key_set(public(ec_key())))
        stage.internet.lay(name, found if callable(found) else saying(found))
        return _asks(stage.planted(ec_key(), url=f"https://{name}/jwks.json"), stage)

    return run


def _redirects(stage: Stage) -> Answer:
    there, here = _host(), _host()
    stage.internet.lay(there, key_set(public(ec_key())), ELSEWHERE)
    stage.internet.lay(here, http(b"", f"Location: https://{there}/jwks.json", status="302 Found"))
    return _asks(stage.planted(ec_key(), url=f"https://{here}/jwks.json"), stage)


def _withdrawn(stage: Stage) -> Answer:
    """A key that its owner has withdrawn still signs, after the time for which it might be kept."""
    signer = stage.remote(None, "Cache-Control: max-age=60")
    assert _asks(signer, stage).is_granted
    stage.internet.hosts[PUBLIC] = saying(key_set(public(ec_key("new"))))
    stage.clock.forward(seconds=61)
    return _asks(signer, stage)


def _not_kept(stage: Stage) -> Answer:
    """The owner forbids to keep the set at all, and withdraws the key at once."""
    signer = stage.remote(None, "Cache-Control: no-store")
    assert _asks(signer, stage).is_granted
    stage.internet.hosts[PUBLIC] = saying(key_set(public(ec_key("new"))))
    return _asks(signer, stage)


def _looks(stage: Stage) -> Answer:
    """Made-up key names make us fetch again and again: somebody else's server is attacked through us."""
    signer = stage.remote()
    for at in range(40):
        _asks(signer, stage, kid=f"made-up-{at}")
    fetched = len(stage.internet.reached)
    return Answer(0, "few look-ups") if fetched <= 20 else Answer(200)


def _off_curve() -> dict[str, Any]:
    return {"keys": [_entry(y=ec_key("other").as_dict(private=False)["y"])]}


def _beside(**more: Any) -> Run:
    """A good key, and beside it this."""
    return _served(lambda: {"keys": [_entry(), more]})


def _many() -> dict[str, Any]:
    return {"keys": [_entry(), *({"kty": "EC", "kid": str(at)} for at in range(200))]}


def _tarpit(stage: Stage) -> Answer:
    with patch.object(jwks_url, "TIMEOUT_S", 0.2):
        return _says(lambda good: dribbling(good, 0.05))(stage)


# Faults


def _always_follows(session: requests.Session, **parts: Any) -> Any:
    return _REQUEST(session, **parts | {"allow_redirects": True})


def _first_alone(self: Any, scheme: str, host: str, port: int) -> Any:
    """Looks at the name once, and connects to what it finds when it looks again."""
    first = line.socket.getaddrinfo(host, port)[0]
    if not line.is_public(first[4][0]):
        raise line.PartnerAway("private")
    return [(each[0], each[4]) for each in line.socket.getaddrinfo(host, port)]


_REQUEST = requests.Session.request

NOT_CAUGHT = fault("a key that cannot be read is not passed over", replaced(jwks, "ValueError", LookupError, new=True))
WEAK_RSA = fault("RSA keys of every strength are taken", replaced(jwks, "_is_strong", lambda *_: True))
PRIVATE_KEYS = fault("private keys in a set are passed over", replaced(jwks, "PRIVATE", frozenset()))
ANY_USE = fault("use, alg and key_ops of a key are not looked at", replaced(jwks, "_may_verify", lambda *_: True))
ANY_ADDRESS = fault("every address may be reached", replaced(line, "is_public", lambda _: True))
ANY_URL = fault("every URL may be asked", replaced(Outgoing, "_check_url", lambda *_: None))
LOOKED_AT_ONCE = fault("a name is resolved to be looked at, and again to be reached; the first address counts", replaced(line.Line, "_addresses", _first_alone))
FOLLOWS = fault("redirects are followed", replaced(requests.Session, "request", _always_follows))
ANY_SIZE = fault("an answer may be of any size", replaced(jwks_url, "MAX_BYTES", 10**8))
NO_HURRY = fault("an answer may take its time", replaced(line.Line, "cut", lambda _: None))
ANY_STATUS = fault("the status of an answer is not looked at", replaced(jwks_url, "_read", lambda reply: jwks.signing_keys(reply.document())))
MANY_KEYS = fault("a set may hold any number of keys", replaced(jwks, "MOST_KEYS", 10**6))
KEPT_FOR_EVER = fault("key sets are kept for ever", replaced(jwks_url, "_fresh_s", lambda _: 10**6))
NO_PAUSE = fault("an unknown kid always makes us look", replaced(jwks_url, "REFETCH_GAP_S", 0), replaced(jwks_url, "LOOKS_A_MINUTE", 10**6))

_SSRF = "ASVS 5.0 1.3.6; RFC 7591 5; CWE-918"
_SET = "RFC 7517 5"

ATTACKS = [
    *refused(
        INVALID_CLIENT,
        ("A key set holds an RSA key of 1024 bits", "RFC 8725 3.5; RFC 7518 3.3", _one(_short), WEAK_RSA),
        ("A key set holds an RSA key with the exponent 3", "CVE-2006-4339; RFC 8725 3.4", _one(_three), WEAK_RSA),
        ("A key set holds a point that is on no curve", "RFC 8725 3.4", _served(_off_curve), NOT_CAUGHT, FAILED),
        ("A key set holds its private key", "RFC 7517 9.2", _served(lambda: {"keys": [ec_key().as_dict(private=True)]}), PRIVATE_KEYS),
        ("A key set holds a symmetric key beside a good one", "SMART 2.2 client-confidential-asymmetric, registration", _beside(kty="oct", k="AAAA", kid="s"), PRIVATE_KEYS),
        ("A key set says that its key is for encryption", "RFC 7517 4.2", _one(use="enc"), ANY_USE),
        ("A key set says that its key is for another algorithm", "RFC 7517 4.4", _one(alg="ES256"), ANY_USE),
        ("A key set says that its key signs and does not verify", "RFC 7517 4.3", _one(key_ops=["sign"]), ANY_USE),
        ("A key set of two hundred keys", "RFC 6819 4.6.7", _served(_many), MANY_KEYS),
        ("A key that its owner has withdrawn", "SMART 2.2 client-confidential-asymmetric, Cache-Control", _withdrawn, KEPT_FOR_EVER),
        ("A key that was withdrawn from a set that may not be kept", "SMART 2.2 client-confidential-asymmetric, Cache-Control", _not_kept, KEPT_FOR_EVER),
        ("A key set's name leads to this machine", _SSRF, _at("127.0.0.1"), ANY_ADDRESS),
        ("A key set's name leads to this machine in IPv6", _SSRF, _at("::1"), ANY_ADDRESS),
        ("A key set's name leads to the address of no machine", _SSRF, _at("0.0.0.0"), ANY_ADDRESS),
        ("A key set's name leads into a private network", _SSRF, _at("10.20.30.40"), ANY_ADDRESS),
        ("A key set's name leads into a carrier's network", _SSRF, _at("100.64.0.1"), ANY_ADDRESS),
        ("A key set's name leads into a private network in IPv6", _SSRF, _at("fd00::1"), ANY_ADDRESS),
        ("A key set's name leads to a cloud's metadata", _SSRF, _at("169.254.169.254"), ANY_ADDRESS),
        ("A key set's name leads to a neighbour on the link", _SSRF, _at("fe80::1"), ANY_ADDRESS),
        ("A key set's name leads to a private address inside an IPv6 one", _SSRF, _at("::ffff:10.0.0.1"), ANY_ADDRESS),
        ("A key set's name leads to a private address behind NAT64", _SSRF, _at("64:ff9b::a00:1"), ANY_ADDRESS),
        ("A key set's name leads to a private address behind 6to4", _SSRF, _at("2002:a00:1::1"), ANY_ADDRESS),
        ("A key set's name leads to everybody at once", _SSRF, _at("224.0.0.1"), ANY_ADDRESS),
        ("A key set's host is a number that means this machine", _SSRF, _at("127.0.0.1", host="2130706433"), ANY_ADDRESS),
        ("A key set's name leads elsewhere once it was looked at", f"{_SSRF} (rebinding)", _rebound, LOOKED_AT_ONCE),
        ("A key set's name has a private address behind a public one", _SSRF, _one_of_two, LOOKED_AT_ONCE),
        ("A key set's URL carries a user name that looks like a host", f"{_SSRF}; RFC 3986 7.6", _at(host="known.example.org@b.example.net"), ANY_URL),
        ("A key set's URL redirects", _SSRF, _redirects, FOLLOWS),
        ("A key set comes with an error's status", _SET, _says(lambda good: good.replace(b"200 OK", b"404 Not Found")), ANY_STATUS),
        ("A key set is larger than any honest one", _SSRF, _served(lambda: {"keys": [_entry()], "more": "m" * 100_000}), ANY_SIZE),
        ("A key set comes a byte at a time", f"{_SSRF} (slowloris)", _tarpit, NO_HURRY),
    ),
    Attack("Made-up key names make us fetch from a client's server without end", "security.md 1.6; RFC 6819 4.6.7", _looks, Answer(0, "few look-ups"), NO_PAUSE),
]
