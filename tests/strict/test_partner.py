"""Our side as a client of partners, against one that checks every word of the published contract, and that keeps its own copy of our keys."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from gateway.channel.backend_client import BackendClient
from gateway.net.client import Outgoing, Reply
from gateway.net.line import PartnerAway
from gateway.smart.key import ALGORITHMS, OwnKeys, load, public_jwks
from gateway.smart.practice_key import PracticeKeys
from gateway.smart.rotation import LEAD_S, OVERLAP_S, rotate
from tests.world import StillClock, own_keys

BASE = "https://partner.example.org/r4"
TOKEN_URL = "https://partner.example.org/auth/token"
SCOPE = "system/Task.cruds"
KID, ALGORITHM = 0, 1


class StrictPartner(Outgoing):
    """SMART 2.2.0 client-confidential-asymmetric and backend-services as a partner may read them: whatever else is sent is refused."""

    def __init__(self, clock: StillClock, keys: dict[str, Any]) -> None:
        super().__init__()
        self.clock, self.known = clock, keys
        self.taken: list[tuple[str, str]] = []
        """(kid, algorithm) of every assertion that was taken."""
        self.refused = 0
        self.jtis: set[str] = set()
        self.offered: Any = ["RS384", "ES384"]
        self.live: set[str] = set()
        self.asked: list[str] = []

    def request(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, data: Any = None, **_: Any) -> Reply:
        self.asked.append(url.removeprefix("https://partner.example.org"))
        if url == f"{BASE}/.well-known/smart-configuration":
            assert (method, data) == ("GET", None)
            assert dict(headers or {}) == {"Accept": "application/json"}
            return _reply({"token_endpoint": TOKEN_URL, "token_endpoint_auth_signing_alg_values_supported": self.offered})
        if url == TOKEN_URL:
            assert method == "POST"
            return self._token(dict(headers or {}), data)
        bearer = (headers or {})["Authorization"].removeprefix("Bearer ")
        return Reply(200 if bearer in self.live else 401, {}, b"{}")

    def _token(self, headers: dict[str, str], form: dict[str, str]) -> Reply:
        assert headers == {"Accept": "application/json"}, "no Authorization header: the assertion is the only proof"
        assert set(form) == {"grant_type", "scope", "client_assertion_type", "client_assertion"}
        assert (form["grant_type"], form["scope"]) == ("client_credentials", SCOPE)
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        header = json.loads(base64.urlsafe_b64decode(form["client_assertion"].split(".")[0] + "=="))
        assert set(header) == {"alg", "kid", "typ"}, "no jku: whether we are known by our address is the partner's matter"
        assert header["typ"] == "JWT"
        assert header["alg"] in self.offered
        found = [key for key in KeySet.import_key_set(self.known) if key.kid == header["kid"] and key.alg == header["alg"]]
        if len(found) != 1:
            self.refused += 1
            return _reply({"error": "invalid_client"}, 401)
        claims = jwt.decode(form["client_assertion"], found[0], algorithms=[header["alg"]]).claims
        self._check(claims)
        self.taken.append((header["kid"], header["alg"]))
        value = f"token-{len(self.taken)}"
        self.live.add(value)
        return _reply({"access_token": value, "token_type": "bearer", "expires_in": 300, "scope": SCOPE})

    def _check(self, claims: Mapping[str, Any]) -> None:
        now = self.clock().timestamp()
        assert set(claims) == {"iss", "sub", "aud", "exp", "jti"}
        assert claims["iss"] == claims["sub"] == "us"
        assert claims["aud"] == TOKEN_URL
        assert isinstance(claims["exp"], int)
        assert now < claims["exp"] <= now + 300
        assert 16 <= len(claims["jti"]) <= 255
        assert claims["jti"] not in self.jtis
        self.jtis.add(claims["jti"])


def _reply(document: dict[str, Any], status: int = 200) -> Reply:
    return Reply(status, {}, json.dumps(document).encode())


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def keys(tmp_path: Path, clock: StillClock) -> PracticeKeys:
    path = tmp_path / "gateway.jwks.json"
    path.touch(0o600)
    path.write_bytes(own_keys())
    return PracticeKeys(OwnKeys(path, clock), clock)


@pytest.fixture
def partner(clock: StillClock, keys: PracticeKeys) -> StrictPartner:
    return StrictPartner(clock, public_jwks(keys.published("p")))


@pytest.fixture
def us(partner: StrictPartner, keys: PracticeKeys, clock: StillClock) -> BackendClient:
    return BackendClient(partner, keys.signing, clock).of("p")


def _ask(us: BackendClient) -> int:
    return us.request("GET", BASE, "Task", client_id="us", scope=SCOPE).status


def test_the_contract_is_kept(us: BackendClient, partner: StrictPartner, clock: StillClock) -> None:
    for _ in range(3):
        assert _ask(us) == 200
        clock.forward(seconds=271)
    assert len(partner.taken) == 3


@pytest.mark.parametrize(("offered", "chosen"), [(["RS384", "ES384"], "ES384"), (["RS384"], "RS384"), (["RS256", "RS384"], "RS384"), (["ES384"], "ES384")])
def test_the_partner_says_which_algorithms_it_takes(us: BackendClient, partner: StrictPartner, offered: list[str], chosen: str) -> None:
    partner.offered = offered
    assert _ask(us) == 200
    assert partner.taken[0][ALGORITHM] == chosen


@pytest.mark.parametrize("offered", [[], ["RS256"], ["none", "HS256"], "ES384", {"ES384": 1}])
def test_a_partner_that_takes_none_of_ours_is_asked_for_nothing(us: BackendClient, partner: StrictPartner, offered: Any) -> None:
    partner.offered = offered
    with pytest.raises(PartnerAway, match="neither ES384 nor RS384"):
        _ask(us)
    assert partner.asked == ["/r4/.well-known/smart-configuration"]


def test_after_a_rotation_a_partner_that_reads_our_address_sees_no_break(us: BackendClient, partner: StrictPartner, keys: PracticeKeys, clock: StillClock) -> None:
    """It reads our key set every five minutes, as we let it."""
    before = keys.signing("p")[0].kid
    rotate(keys.gateway.path, clock().timestamp())
    for _ in range(LEAD_S // 300 + 2):
        partner.known = public_jwks(keys.published("p"))
        clock.forward(seconds=300)
        assert _ask(us) == 200
    assert partner.refused == 0
    assert before == partner.taken[0][KID] != partner.taken[-1][KID]


def test_a_partner_that_holds_a_copy_of_our_old_keys_is_reached_until_the_overlap_is_over(us: BackendClient, partner: StrictPartner, keys: PracticeKeys, clock: StillClock) -> None:
    before = keys.signing("p")[0].kid
    rotate(keys.gateway.path, clock().timestamp())
    clock.forward(seconds=LEAD_S + 1)
    assert _ask(us) == 200
    assert (partner.refused, partner.taken[-1][KID]) == (1, before)
    clock.forward(seconds=OVERLAP_S)
    with pytest.raises(PartnerAway, match="invalid_client"):
        _ask(us)


def test_a_partner_that_knows_none_of_our_keys_is_asked_for_a_token_once_or_twice(us: BackendClient, partner: StrictPartner, keys: PracticeKeys, clock: StillClock) -> None:
    partner.known = {"keys": public_jwks(load(keys.gateway.path))["keys"][2:]}
    with pytest.raises(PartnerAway, match="invalid_client"):
        _ask(us)
    for _ in range(3):
        rotate(keys.gateway.path, clock().timestamp(), ALGORITHMS[:1])
    clock.forward(seconds=LEAD_S)
    partner.asked.clear()
    with pytest.raises(PartnerAway, match="invalid_client"):
        _ask(us)
    assert partner.asked.count("/auth/token") == 2


def test_each_practice_proves_itself_with_its_own_keys_and_holds_its_own_token(us: BackendClient, partner: StrictPartner, keys: PracticeKeys) -> None:
    keys.create("second")
    other = us.of("second")
    partner.known = {"keys": [*public_jwks(keys.published("p"))["keys"], *public_jwks(keys.published("second"))["keys"]]}
    assert [_ask(each) for each in (us, other, us, other)] == [200] * 4
    assert [kid for kid, _ in partner.taken] == [keys.signing("p")[0].kid, keys.signing("second")[0].kid]
    assert partner.asked.count("/r4/.well-known/smart-configuration") == 1


def test_a_token_that_is_no_longer_taken_is_replaced_once(us: BackendClient, partner: StrictPartner) -> None:
    assert _ask(us) == 200
    partner.live.clear()
    assert _ask(us) == 200
    assert len(partner.taken) == 2


def test_neither_keys_nor_tokens_are_in_a_refusal(us: BackendClient, partner: StrictPartner, keys: PracticeKeys) -> None:
    partner.known = {"keys": public_jwks(load(keys.gateway.path))["keys"][2:]}
    with pytest.raises(PartnerAway) as refused:
        _ask(us)
    assert str(refused.value) == "the partner gave our client no token (invalid_client)"
