"""A client gets a token, uses it, asks about it and ends it."""

from __future__ import annotations

import hashlib
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import Connection

from gateway.fhir.outcome import OutcomeError
from gateway.smart.client import UnknownClient, find_client, list_clients, revoke_client
from gateway.smart.token import principal_of
from gateway.store import oauth
from gateway.store.engine import Store
from gateway.store.schema import metadata
from tests.smart.world import PUBLIC_URL, TOKEN_URL, Ehr, Server, StillClock, new_ec_key, public, register


def _bought(server: Server, ehr: Ehr, scope: str = "system/Patient.rs") -> str:
    return str(server.token(ehr.form(scope)).get_json()["access_token"])


def _is_refused(server: Server, token: str) -> bool:
    try:
        principal_of(server.store, server.clock, token)
    except OutcomeError as refusal:
        return refusal.status == 401 and 'error="invalid_token"' in refusal.headers["WWW-Authenticate"]
    return False


@pytest.mark.parametrize("kind", ["ehr", "rsa_ehr"])
def test_a_client_gets_a_token_with_either_algorithm(kind: str, server: Server, request: pytest.FixtureRequest) -> None:
    ehr: Ehr = request.getfixturevalue(kind)
    response = server.token(ehr.form())
    body = response.get_json()
    assert response.status_code == 200
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 300, "system/Patient.rs")
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert (response.headers["Cache-Control"], response.headers["Pragma"]) == ("no-store", "no-cache")
    principal = principal_of(server.store, server.clock, body["access_token"])
    assert (principal.client_id, principal.recipient, principal.role, principal.scope) == (ehr.client_id, ehr.client_id, "partner", "system/Patient.rs")
    assert server.heard == [("token", ehr.client_id, "granted")]


def test_names_of_version_1_are_given_back_as_they_were_asked_for(server: Server, ehr: Ehr) -> None:
    body = server.token(ehr.form("system/Patient.read system/Task.*")).get_json()
    assert body["scope"] == "system/Patient.read system/Task.*"


def test_the_audience_may_be_a_list_of_this_server_alone(server: Server, ehr: Ehr) -> None:
    assert server.token(ehr.form(client_assertion=ehr.assertion(claims=ehr.claims(aud=[TOKEN_URL])))).status_code == 200


@pytest.mark.parametrize("seconds", [-4, 300], ids=["a clock four seconds apart", "five minutes ahead"])
def test_the_edges_of_an_assertions_life_are_inside(seconds: int, server: Server, ehr: Ehr) -> None:
    assert server.token(ehr.form(client_assertion=ehr.assertion(claims=ehr.claims(exp=ehr.clock.now + seconds)))).status_code == 200


def test_a_client_with_two_keys_may_use_each(server: Server, ec_key: ECKey, rsa_key: RSAKey) -> None:
    ehr = register(server, ec_key, jwks=public(ec_key, rsa_key))
    assert server.token(ehr.form()).status_code == 200
    assert server.token(Ehr(ehr.client_id, rsa_key, ehr.clock).form()).status_code == 200


def test_only_the_digest_of_a_token_is_stored(server: Server, ehr: Ehr) -> None:
    token = _bought(server, ehr)
    with server.store.read() as connection:
        assert oauth.token(connection, hashlib.sha256(token.encode()).hexdigest()) is not None
        assert oauth.token(connection, token) is None


def test_a_token_ends_after_five_minutes(server: Server, ehr: Ehr, clock: StillClock) -> None:
    token = _bought(server, ehr)
    clock.pass_by(299)
    assert principal_of(server.store, clock, token)
    clock.pass_by(1)
    assert _is_refused(server, token)


@pytest.mark.parametrize("token", ["", "unknown", "é", "a" * 10_000])
def test_what_is_no_token_opens_nothing(token: str, server: Server) -> None:
    assert _is_refused(server, token)


def test_an_assertion_is_good_once(server: Server, ehr: Ehr) -> None:
    form = ehr.form()
    assert server.token(form).status_code == 200
    again = server.token(form)
    assert (again.status_code, again.get_json()["error"]) == (401, "invalid_client")


def test_an_assertion_whose_request_failed_is_spent_too(server: Server, ehr: Ehr) -> None:
    form = ehr.form("system/Condition.rs")
    assert server.token(form).get_json()["error"] == "invalid_scope"
    assert server.token(form | {"scope": "system/Patient.rs"}).get_json()["error"] == "invalid_client"


def test_an_assertion_spent_at_one_address_is_spent_at_all(server: Server, ehr: Ehr) -> None:
    proof = ehr.proof(token="x")
    assert server.post("/oauth/introspect", proof).status_code == 200
    assert server.post("/oauth/introspect", proof).status_code == 401
    assert server.post("/oauth/revoke", proof).status_code == 401
    assert server.token(ehr.form(client_assertion=proof["client_assertion"])).status_code == 401


def test_a_stranger_cannot_spend_a_clients_jti(server: Server, ehr: Ehr, other_ec_key: ECKey) -> None:
    claims = ehr.claims(jti="shared")
    assert server.token(ehr.form(client_assertion=ehr.assertion(claims=claims, key=other_ec_key))).status_code == 401
    assert server.token(ehr.form(client_assertion=ehr.assertion(claims=claims))).status_code == 200


def test_two_clients_may_use_the_same_jti(server: Server, ehr: Ehr, rsa_ehr: Ehr) -> None:
    for each in (ehr, rsa_ehr):
        assert server.token(each.form(client_assertion=each.assertion(claims=each.claims(jti="first")))).status_code == 200


def test_of_many_at_once_exactly_one_spends_the_assertion(server: Server, ehr: Ehr) -> None:
    _race(server, ehr)


def test_of_many_at_once_exactly_one_spends_the_assertion_on_postgresql(postgres_url: str, clock: StillClock, ec_key: ECKey) -> None:
    store = Store(postgres_url)
    try:
        metadata.create_all(store.engine)
        server = Server(store, clock)
        ehr = register(server, ec_key)
        _race(server, ehr)
        token = _bought(server, ehr)
        assert principal_of(store, clock, token).client_id == ehr.client_id
        revoke_client(store, clock, ehr.client_id)
        assert _is_refused(server, token)
    finally:
        metadata.drop_all(store.engine)
        store.close()


def _race(server: Server, ehr: Ehr) -> None:
    with ThreadPoolExecutor(16) as pool:
        for _ in range(5):
            form, gate = ehr.form(), threading.Barrier(16)

            def ask(form: dict[str, str] = form, gate: threading.Barrier = gate) -> int:
                gate.wait(timeout=30)
                return server.token(form).status_code

            answers = [future.result(timeout=60) for future in [pool.submit(ask) for _ in range(16)]]
            assert sorted(answers) == [200] + [401] * 15


def test_where_storing_the_token_fails_the_assertion_is_not_spent(server: Server, ehr: Ehr, monkeypatch: pytest.MonkeyPatch) -> None:
    form = ehr.form()

    def broken(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(oauth, "add_token", broken)
        assert server.token(form).status_code == 500
    assert server.token(form).status_code == 200


def test_a_revoked_client_is_out_at_once(server: Server, ehr: Ehr, rsa_ehr: Ehr) -> None:
    token, other = _bought(server, ehr), _bought(server, rsa_ehr)
    assert principal_of(server.store, server.clock, token)
    revoke_client(server.store, server.clock, ehr.client_id)
    assert _is_refused(server, token)
    assert server.token(ehr.form()).get_json()["error"] == "invalid_client"
    assert principal_of(server.store, server.clock, other)
    assert find_client(server.store, server.clock, ehr.client_id) is None
    assert [client.revoked_at is not None for client in list_clients(server.store, server.clock, "p1")] == [
        client.client_id == ehr.client_id for client in list_clients(server.store, server.clock, "p1")
    ]


def test_a_token_stored_while_its_client_is_revoked_opens_nothing(server: Server, ehr: Ehr, monkeypatch: pytest.MonkeyPatch) -> None:
    spend = oauth.spend_jti

    def revoked_meanwhile(connection: Connection, *claim: Any) -> bool:
        oauth.revoke_client(connection, ehr.client_id, 1)
        return spend(connection, *claim)

    monkeypatch.setattr(oauth, "spend_jti", revoked_meanwhile)
    assert _is_refused(server, _bought(server, ehr))


def test_revoking_nobody_is_said(server: Server) -> None:
    with pytest.raises(UnknownClient):
        revoke_client(server.store, server.clock, "nobody")


def test_a_client_revokes_its_token_at_once(server: Server, ehr: Ehr) -> None:
    token = _bought(server, ehr)
    assert principal_of(server.store, server.clock, token)
    assert server.post("/oauth/revoke", ehr.proof(token=token)).status_code == 200
    assert _is_refused(server, token)
    assert server.post("/oauth/revoke", ehr.proof(token=token)).status_code == 200
    assert server.post("/oauth/revoke", ehr.proof(token="unknown")).status_code == 200


def test_a_client_cannot_revoke_the_token_of_another(server: Server, ehr: Ehr, rsa_ehr: Ehr) -> None:
    token = _bought(server, ehr)
    assert server.post("/oauth/revoke", rsa_ehr.proof(token=token)).get_json()["error"] == "invalid_grant"
    assert principal_of(server.store, server.clock, token)


@pytest.mark.parametrize("path", ["/oauth/revoke", "/oauth/introspect"])
def test_nobody_revokes_or_introspects_unproven(path: str, server: Server, ehr: Ehr) -> None:
    token = _bought(server, ehr)
    assert server.post(path, {"token": token}).status_code == 401
    assert server.post(path, {"token": token, "client_id": ehr.client_id}).status_code == 401
    assert server.post(path, ehr.proof()).get_json()["error"] == "invalid_request"
    assert principal_of(server.store, server.clock, token)


def test_a_client_learns_what_its_token_is_worth(server: Server, ehr: Ehr, clock: StillClock) -> None:
    token = _bought(server, ehr)
    body = server.post("/oauth/introspect", ehr.proof(token=token)).get_json()
    times = {"iat": clock.now, "exp": clock.now + 300}
    assert body == {"active": True, "scope": "system/Patient.rs", "client_id": ehr.client_id, "token_type": "Bearer", "aud": f"{PUBLIC_URL}/fhir", **times}
    clock.pass_by(300)
    assert server.post("/oauth/introspect", ehr.proof(token=token)).get_json() == {"active": False}


def test_a_client_learns_nothing_of_the_token_of_another(server: Server, ehr: Ehr, rsa_ehr: Ehr) -> None:
    token = _bought(server, ehr)
    assert server.post("/oauth/introspect", rsa_ehr.proof(token=token)).get_json() == {"active": False}
    assert server.post("/oauth/introspect", rsa_ehr.proof(token="unknown")).get_json() == {"active": False}


def test_a_bearer_with_the_scope_for_it_introspects_its_practice(server: Server, ehr: Ehr) -> None:
    system = register(server, new_ec_key(), scope="__token.introspect __record.write", role="practice")
    stranger = register(server, new_ec_key(), practice="p2")
    bearer = {"Authorization": f"Bearer {_bought(server, system, '__token.introspect')}"}

    def asked(token: str, headers: dict[str, str] = bearer) -> tuple[int, dict[str, object]]:
        response = server.post("/oauth/introspect", {"token": token}, headers=headers)
        return response.status_code, response.get_json()

    assert asked(_bought(server, ehr))[1]["client_id"] == ehr.client_id
    assert asked(_bought(server, stranger)) == (200, {"active": False})
    assert asked("x", {"Authorization": f"Bearer {_bought(server, ehr)}"})[0] == 401
    assert asked("x", {"Authorization": "Bearer unknown"})[0] == 401


def test_neither_token_nor_assertion_is_ever_logged_or_answered_back(server: Server, ehr: Ehr, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        form = ehr.form()
        token = server.token(form).get_json()["access_token"]
        answers = [
            server.token(form),
            server.token(ehr.form(scope="canary")),
            server.token(ehr.form(grant_type="canary")),
            server.token(ehr.form(client_assertion="canary.canary.canary")),
        ]
        answers += [server.post(path, ehr.proof(token=token)) for path in ("/oauth/introspect", "/oauth/revoke")]
    said = caplog.text + "".join(answer.get_data(as_text=True) for answer in answers)
    assert not [secret for secret in (token, form["client_assertion"], form["client_assertion"].rsplit(".", 1)[1], "canary") if secret in said]
    assert token not in repr(list_clients(server.store, server.clock, "p1"))


def test_while_the_store_is_away_nothing_is_granted(server: Server, ehr: Ehr, store: Store) -> None:
    store.engine.dispose()
    with store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE oauth_client RENAME TO gone")
    response = server.token(ehr.form())
    assert (response.status_code, response.get_json()["error"], response.headers["Retry-After"]) == (503, "temporarily_unavailable", "5")


def test_every_scope_that_is_advertised_works(server: Server) -> None:
    advertised = server.http.get("/fhir/.well-known/smart-configuration").get_json()["scopes_supported"]
    for_systems = [scope for scope in advertised if scope.startswith(("system/", "__"))]
    system = register(server, new_ec_key(), scope=" ".join(for_systems), role="practice")
    for scope in for_systems:
        assert server.token(system.form(scope)).get_json()["scope"] == scope
