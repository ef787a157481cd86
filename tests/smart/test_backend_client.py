"""Our side as a client of a partner; the partner here is another gateway's authorization server, over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.serving import make_server

from gateway.channel.backend_client import BackendClient
from gateway.fhir.outcome import OutcomeError
from gateway.http.discovery import discovery_blueprint
from gateway.http.oauth import oauth_blueprint
from gateway.net.client import Outgoing, Reply
from gateway.net.line import PartnerAway
from gateway.smart.client import add_client, revoke_client
from gateway.smart.discovery import Place
from gateway.smart.key import public_jwks
from gateway.smart.token import principal_of
from gateway.store.engine import Store
from tests.smart.world import StillClock

SCOPE = "system/Task.cruds"


@dataclass
class Partner:
    """A second gateway: its address, and what reached it."""

    base: str
    store: Store
    clock: StillClock
    client_id: str = ""
    takes_tokens: bool = True
    asked: list[str] = field(default_factory=list)

    @property
    def tokens_issued(self) -> int:
        return self.asked.count("/oauth/token")


@pytest.fixture(scope="module")
def our_keys() -> KeySet:
    return KeySet([ECKey.generate_key("P-384", {"kid": "e", "alg": "ES384"}), RSAKey.generate_key(2048, {"kid": "r", "alg": "RS384"})])


@pytest.fixture
def partner(store: Store, clock: StillClock, our_keys: KeySet) -> Iterator[Partner]:
    app = Flask("partner")
    running = make_server("127.0.0.1", 0, app, threaded=True)
    public_url = f"http://127.0.0.1:{running.port}"
    found = Partner(f"{public_url}/fhir", store, clock)
    app.register_blueprint(oauth_blueprint(store, clock, public_url, found.base))
    app.register_blueprint(discovery_blueprint(Place(public_url)))
    app.before_request(lambda: found.asked.append(request.path))
    app.add_url_rule("/fhir/Task", view_func=lambda: _task(found), methods=["POST"])
    found.client_id = add_client(store, clock, practice="p", name="Us", scope=SCOPE, jwks=public_jwks(our_keys), jwks_uri=None, role="partner", recipient=None)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield found
    running.shutdown()
    thread.join(timeout=10)
    running.server_close()


def _task(partner: Partner) -> Response:
    try:
        principal = principal_of(partner.store, partner.clock, request.headers["Authorization"].removeprefix("Bearer "))
    except OutcomeError as refusal:
        return Response(status=refusal.status)
    if not partner.takes_tokens:
        return Response(status=401)
    return Response(request.get_data() + principal.client_id.encode(), status=201, content_type=request.headers["Content-Type"])


@pytest.fixture
def us(our_keys: KeySet, clock: StillClock) -> BackendClient:
    return BackendClient(Outgoing(allow_private=True), our_keys, clock)


def _post(us: BackendClient, partner: Partner, **changes: Any) -> Reply:
    whole: dict[str, Any] = {"client_id": partner.client_id, "scope": SCOPE, "body": b"{}"}
    return us.request("POST", partner.base, "Task", **(whole | changes))


def test_we_prove_ourselves_to_a_partner_and_are_let_in(us: BackendClient, partner: Partner) -> None:
    reply = _post(us, partner)
    assert (reply.status, reply.body.decode()) == (201, "{}" + partner.client_id)
    assert reply.headers["Content-Type"].startswith("application/fhir+json")


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_either_of_our_keys_will_do(algorithm: str, partner: Partner, our_keys: KeySet) -> None:
    alone = KeySet([key for key in our_keys if key.alg == algorithm])
    assert _post(BackendClient(Outgoing(allow_private=True), alone, partner.clock), partner).status == 201


def test_a_token_is_kept_until_it_nears_its_end(us: BackendClient, partner: Partner) -> None:
    for seconds, issued in ((0, 1), (269, 1), (1, 2)):
        partner.clock.pass_by(seconds)
        assert _post(us, partner).status == 201
        assert partner.tokens_issued == issued
    assert partner.asked.count("/fhir/.well-known/smart-configuration") == 1


def test_a_token_that_is_no_longer_taken_is_replaced_once(us: BackendClient, partner: Partner) -> None:
    stale = us.token(partner.base, partner.client_id, SCOPE)
    with partner.store.write() as connection:
        connection.exec_driver_sql("DELETE FROM access_token")
    assert _post(us, partner).status == 201
    assert us.token(partner.base, partner.client_id, SCOPE) != stale
    assert partner.tokens_issued == 2


def test_a_partner_that_never_takes_our_token_is_asked_twice_and_no_more(us: BackendClient, partner: Partner) -> None:
    partner.takes_tokens = False
    assert _post(us, partner).status == 401
    assert partner.asked.count("/fhir/Task") == 2


def test_a_partner_that_refuses_us_says_why_in_its_code(us: BackendClient, partner: Partner) -> None:
    with pytest.raises(PartnerAway, match="invalid_scope") as away:
        us.token(partner.base, partner.client_id, "system/*.cruds")
    assert away.value.status == 400
    revoke_client(partner.store, partner.clock, partner.client_id)
    with pytest.raises(PartnerAway, match="invalid_client"):
        us.token(partner.base, partner.client_id, SCOPE)


def test_each_partner_scope_and_client_has_its_own_token(us: BackendClient, partner: Partner) -> None:
    first = us.token(partner.base, partner.client_id, SCOPE)
    assert us.token(f"{partner.base}/", partner.client_id, SCOPE) == first
    assert us.token(partner.base, partner.client_id, "system/Task.r") != first


class Script(Outgoing):
    """A partner that answers from a script, path by path."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        super().__init__()
        self.answers = answers

    def request(self, method: str, url: str, **_: Any) -> Reply:
        return Reply(200, {}, self.answers[url.removeprefix("https://partner.example.org/")])


_CONFIGURED = b'{"token_endpoint": "https://partner.example.org/token"}'


@pytest.mark.parametrize(
    ("configuration", "answer"),
    [
        (b"[]", b"{}"),
        (b"<html>", b"{}"),
        (b"{}", b"{}"),
        (b'{"token_endpoint": 1}', b"{}"),
        (b'{"token_endpoint": "https://partner.example.org/token", "token_endpoint_auth_signing_alg_values_supported": ["RS256"]}', b"{}"),
        (_CONFIGURED, b"{}"),
        (_CONFIGURED, b"[]"),
        (_CONFIGURED, b'{"access_token": 7}'),
        (_CONFIGURED, b'{"access_token": ""}'),
        (_CONFIGURED, b'{"access_token": "a\\r\\nX: y"}'),
    ],
)
def test_a_partner_that_answers_nonsense_is_away(configuration: bytes, answer: bytes, our_keys: KeySet, clock: StillClock) -> None:
    script = Script({"fhir/.well-known/smart-configuration": configuration, "token": answer})
    with pytest.raises(PartnerAway):
        BackendClient(script, our_keys, clock).token("https://partner.example.org/fhir", "c", SCOPE)


@pytest.mark.parametrize("life", [b"null", b'"300"', b"0", b"-1", b"10"])
def test_a_token_with_an_odd_life_is_not_kept_for_long(life: bytes, our_keys: KeySet, clock: StillClock, tmp_path: Path) -> None:
    script = Script({"fhir/.well-known/smart-configuration": _CONFIGURED, "token": b'{"access_token": "first", "expires_in": ' + life + b"}"})
    client = BackendClient(script, our_keys, clock)
    assert client.token("https://partner.example.org/fhir", "c", SCOPE) == "first"
    script.answers["token"] = b'{"access_token": "second"}'
    clock.pass_by(300)
    assert client.token("https://partner.example.org/fhir", "c", SCOPE) == "second"
