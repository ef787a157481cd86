"""Attacks by the header of a client assertion: algorithms, names of keys, keys brought along, extensions (RFC 7515, RFC 8725)."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from typing import Any

from joserfc.jwk import ECKey, OctKey

from tests.attack.attack import FAILED, INVALID_CLIENT, Answer, refused
from tests.attack.fault import (
    AMBIGUOUS_KID,
    ANY_ALGORITHM,
    ANY_CRIT,
    ANY_CURVE,
    ANY_HEADER,
    ANY_JKU,
    ANY_KEY_TYPE,
    ANY_KID,
    KEY_IN_JWK,
    KEY_IN_X5C,
    KID_IS_A_PATH,
    KID_IS_IN_A_QUERY,
    NO_KID,
    PUBLIC_KEY_AS_SECRET,
    REPEATED_MEMBERS,
    STOCK,
    STOCK_384,
    STUMBLES,
    UNVERIFIED,
    without_header_rule,
)
from tests.attack.signer import b64, ec_key, public, signed_bytes
from tests.attack.stage import Stage

Run = Callable[[Stage], Answer]


def _header(key: Any = None, algorithm: str | None = None, **changes: Any) -> Run:
    """A good assertion but for its header, and perhaps its key."""
    return lambda stage: stage.token(stage.ehr.form(stage.ehr.assertion(changes, key=key, algorithm=algorithm)))


def _bytes(header: bytes) -> Run:
    """A header of these very bytes, signed as it should be."""
    return lambda stage: stage.token(stage.ehr.form(stage.ehr.assertion(header)))


def _lab(algorithm: str) -> Run:
    return lambda stage: stage.token(stage.lab.form(stage.lab.assertion({"alg": algorithm}, algorithm=algorithm)))


def _unsigned(algorithm: str) -> Run:
    return lambda stage: stage.token(stage.ehr.form(stage.ehr.assertion({"alg": algorithm}).rpartition(".")[0] + "."))


def _keyed_by_public_key(stage: Stage) -> Answer:
    head = stage.ehr.assertion({"alg": "HS256"}).rpartition(".")[0]
    code = hmac.digest(stage.ehr.key.as_pem(private=False), head.encode(), "sha256")
    return stage.token(stage.ehr.form(f"{head}.{b64(code)}"))


def _mine() -> ECKey:
    return ec_key("mine")


def _curve(curve: str, algorithm: str) -> Run:
    def run(stage: Stage) -> Answer:
        other = ec_key(f"of {curve}", curve)
        signer = stage.planted(other, public(other))
        return stage.token(signer.form(signer.assertion({"alg": algorithm}, algorithm=algorithm)))

    return run


def _rsa_as_ec(stage: Stage) -> Answer:
    return stage.token(stage.lab.form(stage.lab.assertion({"alg": "ES384"}, algorithm="RS384")))


def _kid_of_another_client(stage: Stage) -> Answer:
    key = stage.rival.key
    return stage.token(stage.ehr.form(stage.ehr.assertion({"kid": key.kid}, key=key)))


def _same_kid_twice(stage: Stage) -> Answer:
    """Whoever could add a key to the set names it like the one that stands there."""
    mine = ECKey.generate_key("P-384", {"kid": "ec-1"})
    signer = stage.planted(ec_key(), public(ec_key(), mine))
    return stage.token(signer.form(signer.assertion(key=mine)))


def _jku(change: Callable[[str], str]) -> Run:
    def run(stage: Stage) -> Answer:
        signer = stage.remote()
        return stage.token(signer.form(signer.assertion({"jku": change(f"https://{list(stage.internet.names)[-1]}/jwks.json")})))

    return run


def _path_in_kid(stage: Stage) -> Answer:
    return stage.token(stage.ehr.form(stage.ehr.assertion({"alg": "HS256", "kid": "../dev/null"}, key=OctKey.import_key(bytes(32)), algorithm="HS256")))


def _query_in_kid(stage: Stage) -> Answer:
    x = json.dumps({name: part for name, part in _mine().as_dict(private=False).items() if name in ("kty", "crv", "x", "y")}, separators=(",", ":"))
    return stage.token(stage.ehr.form(stage.ehr.assertion({"kid": f"x' UNION SELECT '{x}"}, key=_mine())))


def _proof_of_possession(stage: Stage) -> Answer:
    """What was signed for an API call, sent in to prove the client."""
    return stage.token(stage.ehr.form(stage.ehr.assertion({"typ": "dpop+jwt", "jwk": stage.ehr.key.as_dict(private=False)})))


def _not_signed(header: bytes) -> Run:
    def run(stage: Stage) -> Answer:
        return stage.token(stage.ehr.form(signed_bytes(header, stage.ehr.claims(), "", None) + "AAAA"))

    return run


def _encrypted(stage: Stage) -> Answer:
    """Five parts, and a `zip` that would unpack to a gigabyte."""
    return stage.token(stage.ehr.form("eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIiwiemlwIjoiREVGIn0..AAAA.AAAA.AAAA"))


_KIND = without_header_rule("typ must be")
_KID = without_header_rule("kid must name")
_KEY_SELECTION = "SMART 2.2 client-confidential-asymmetric, key selection"
_ALGORITHMS = "SMART 2.2 client-confidential-asymmetric, algorithms"

ATTACKS = refused(
    INVALID_CLIENT,
    ("An assertion says that it needs no signature", "RFC 8725 3.2; CVE-2026-28802", _unsigned("none"), ANY_ALGORITHM & UNVERIFIED),
    ("An assertion says in odd capitals that it needs no signature", "RFC 8725 2.1", _unsigned("nOnE"), ANY_ALGORITHM & UNVERIFIED),
    ("An assertion names no algorithm", "RFC 7515 4.1.1", _header(alg=None), STUMBLES, FAILED),
    (
        "An assertion's algorithm is a list of one",
        "RFC 7515 4.1.1",
        _bytes(b'{"alg":["ES384"],"typ":"JWT","kid":"ec-1"}'),
        without_header_rule("alg must be") & ANY_KEY_TYPE & ANY_HEADER,
        FAILED,
    ),
    ("An assertion is signed with the public key as an HMAC secret", "RFC 8725 2.1; CVE-2022-39174", _keyed_by_public_key, ANY_ALGORITHM & PUBLIC_KEY_AS_SECRET),
    ("An assertion is signed with RS256, which SMART does not name", _ALGORITHMS, _lab("RS256"), STOCK),
    ("An assertion is signed with RS512, for which its key was not registered", "RFC 8725 3.1", _lab("RS512"), ANY_ALGORITHM),
    ("An assertion is signed with PS384, another padding on the same key", "RFC 8725 3.1", _lab("PS384"), ANY_ALGORITHM),
    ("An assertion is signed on the curve P-256", _ALGORITHMS, _curve("P-256", "ES256"), ANY_CURVE),
    ("An assertion is signed on the curve P-521", "RFC 8725 3.1", _curve("P-521", "ES512"), ANY_CURVE),
    ("An assertion's algorithm is of another kind than its key", "RFC 8725 3.1", _rsa_as_ec, ANY_KEY_TYPE & UNVERIFIED),
    ("An assertion brings its key along in jwk", "CVE-2026-27962", _header(_mine(), jwk=_mine().as_dict(private=False)), KEY_IN_JWK),
    ("An assertion brings its key along in x5c", "RFC 8725 3.10", _header(_mine(), x5c=[_mine().as_pem(private=False).decode()]), KEY_IN_X5C),
    ("A jku where the keys are registered here", _KEY_SELECTION, _header(jku="https://evil.example/keys"), STOCK_384),
    ("A jku of the attacker's where the keys lie at a URL", _KEY_SELECTION, _jku(lambda _: "https://evil.example/keys"), ANY_JKU),
    ("A jku that begins with the registered URL", "RFC 8725 3.10", _jku(lambda url: f"{url}/../../mine"), ANY_JKU),
    ("A jku with the registered host as its user name", "RFC 3986 7.6", _jku(lambda url: url.replace("/jwks", "@evil.example/jwks")), ANY_JKU),
    ("A jku that differs from the registered URL in capitals alone", "RFC 8725 3.10", _jku(str.upper), ANY_JKU),
    ("A jku that is empty and might pass for none", "RFC 8725 3.10", _header(jku=""), ANY_JKU),
    ("A jku that is no text", "RFC 7515 4.1.2", _bytes(b'{"alg":"ES384","typ":"JWT","kid":"ec-1","jku":1}'), without_header_rule("jku must be") & ANY_JKU & UNVERIFIED),
    ("An assertion demands by crit what nobody here understands", "CVE-2025-59420", _header(crit=["bork"], bork=1), ANY_CRIT),
    ("An assertion's crit names nothing", "RFC 7515 4.1.11", _header(crit=[]), ANY_CRIT),
    ("An assertion says that its payload is not encoded", "RFC 7797 7", _header(b64=False), ANY_CRIT),
    ("An assertion names no key", _KEY_SELECTION, _header(kid=None), _KID & NO_KID & ANY_KID),
    ("An assertion names a key that is not there", _KEY_SELECTION, _header(kid="nobody"), ANY_KID),
    ("An assertion's kid is a list", "RFC 7515 4.1.4", _header(kid=["ec-1"]), _KID & ANY_KID & UNVERIFIED),
    ("An assertion's kid is a path to a file of known content", "RFC 8725 3.10", _path_in_kid, KID_IS_A_PATH),
    ("An assertion's kid completes a query with a key of the attacker's", "RFC 8725 3.10", _query_in_kid, KID_IS_IN_A_QUERY),
    ("An assertion's kid is a key's in other capitals", _KEY_SELECTION, _header(kid="EC-1"), ANY_KID),
    ("An assertion is signed by another client's key under its name", "RFC 8725 3.8", _kid_of_another_client, KEY_IN_JWK & UNVERIFIED & ANY_KID),
    ("A second key was added under the kid of the first", _KEY_SELECTION, _same_kid_twice, AMBIGUOUS_KID),
    ("An assertion does not say that it is a JWT", "SMART 2.2 client-confidential-asymmetric, header", _header(typ=None), _KIND),
    ("An access token of another server's is sent as an assertion", "RFC 8725 3.11; RFC 9068 4", _header(typ="at+jwt"), STOCK_384),
    ("A proof of possession is sent as an assertion", "RFC 8725 3.11; RFC 9449 4.2", _proof_of_possession, STOCK_384),
    ("An assertion's typ is a number", "RFC 7515 4.1.9", _bytes(b'{"alg":"ES384","typ":1,"kid":"ec-1"}'), _KIND & UNVERIFIED),
    ("An assertion names two algorithms, the last a good one", "RFC 7515 4", _bytes(b'{"alg":"none","typ":"JWT","kid":"ec-1","alg":"ES384"}'), REPEATED_MEMBERS),
    ("An assertion's header is a number", "RFC 7515 5.2", _not_signed(b"7"), STUMBLES, FAILED),
    ("An assertion's header is nested beyond any stack", "CVE-2025-62706", _not_signed(b"[" * 1500), STUMBLES, FAILED),
    ("An assertion's header is no UTF-8", "RFC 7515 5.2", _not_signed(b'{"alg":"ES384\xff"}'), STUMBLES, FAILED),
    ("An assertion is encrypted and packed", "GHSA-g7f3-828f-7h7m", _encrypted, STUMBLES, FAILED),
)
