"""What an operator does to a client that is there: a new secret beside the old one, other keys, approval, the end."""

from __future__ import annotations

import base64

import pytest

from gateway.clock import to_ms
from gateway.smart.client import BadRegistration, UnknownClient, find_client, revoke_client
from gateway.smart.client_change import approve_client, replace_keys, rotate_secret
from gateway.smart.jwks import BadKeySet
from gateway.store import grant as grants
from gateway.store import oauth
from gateway.store.grant import GrantRow, RefreshRow
from tests.registry.house import PRACTICE, House
from tests.smart.world import Ehr, new_ec_key, public


def code_grant_status(house: House, client_id: str, secret: str) -> str:
    """What the token endpoint says to a client that brings a code nobody was given: its secret is looked at first."""
    shown = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    form = {"grant_type": "authorization_code", "code": "x", "redirect_uri": "https://app.example.org/back", "code_verifier": "v" * 43}
    return str(house.http.post("/oauth/token", data=form, headers={"Authorization": f"Basic {shown}"}).get_json()["error"])


def test_the_secret_before_is_good_for_the_overlap_and_not_a_second_longer(shared: House) -> None:
    app = shared.add(auth_method="client_secret_basic")
    assert app.secret
    fresh = rotate_secret(shared.store, shared.clock, app.client_id, 3600)
    told = [code_grant_status(shared, app.client_id, secret) for secret in (app.secret, fresh, "wrong")]
    assert told == ["invalid_grant", "invalid_grant", "invalid_client"]
    shared.clock.pass_by(3599)
    assert code_grant_status(shared, app.client_id, app.secret) == "invalid_grant"
    shared.clock.pass_by(1)
    assert [code_grant_status(shared, app.client_id, secret) for secret in (app.secret, fresh)] == ["invalid_client", "invalid_grant"]


def test_without_overlap_and_after_two_rotations_an_old_secret_is_over_at_once(shared: House) -> None:
    app = shared.add(auth_method="client_secret_basic")
    assert app.secret
    second = rotate_secret(shared.store, shared.clock, app.client_id, 3600)
    third = rotate_secret(shared.store, shared.clock, app.client_id, 3600)
    assert [code_grant_status(shared, app.client_id, secret) for secret in (app.secret, second, third)] == ["invalid_client", "invalid_grant", "invalid_grant"]
    fourth = rotate_secret(shared.store, shared.clock, app.client_id, 0)
    assert [code_grant_status(shared, app.client_id, secret) for secret in (second, third, fourth)] == ["invalid_client", "invalid_client", "invalid_grant"]


def test_only_a_client_with_a_secret_gets_a_new_one(shared: House) -> None:
    for app in (shared.add(), shared.add(auth_method="private_key_jwt", jwks=public(new_ec_key()))):
        with pytest.raises(BadRegistration):
            rotate_secret(shared.store, shared.clock, app.client_id, 0)
    with pytest.raises(UnknownClient):
        rotate_secret(shared.store, shared.clock, "nobody", 0)
    with pytest.raises(BadRegistration, match="30 days"):
        rotate_secret(shared.store, shared.clock, shared.add(auth_method="client_secret_basic").client_id, 31 * 86_400)


def test_new_keys_count_and_old_ones_do_not(shared: House) -> None:
    old, new = new_ec_key("a"), new_ec_key("b")
    app = shared.add(auth_method="private_key_jwt", jwks=public(old))
    replace_keys(shared.store, shared.clock, app.client_id, public(new), None)
    form = {"grant_type": "authorization_code", "code": "x", "redirect_uri": "https://app.example.org/back", "code_verifier": "v" * 43}
    told = [shared.http.post("/oauth/token", data=form | Ehr(app.client_id, key, shared.clock).proof()).get_json()["error"] for key in (old, new)]
    assert told == ["invalid_client", "invalid_grant"]


def test_keys_that_may_not_be_registered_replace_nothing(shared: House) -> None:
    app = shared.add(auth_method="private_key_jwt", jwks=public(new_ec_key("a")))
    with pytest.raises(BadKeySet):
        replace_keys(shared.store, shared.clock, app.client_id, {"keys": []}, None)
    with pytest.raises(BadRegistration):
        replace_keys(shared.store, shared.clock, app.client_id, None, "http://app.example.org/keys")
    with pytest.raises(BadRegistration):
        replace_keys(shared.store, shared.clock, shared.add().client_id, public(new_ec_key("b")), None)
    found = find_client(shared.store, shared.clock, app.client_id)
    assert found is not None
    assert '"kid":"a"' in (found.jwks or "")


def test_who_was_registered_by_an_operator_or_is_revoked_needs_no_approval(shared: House) -> None:
    app = shared.add()
    with pytest.raises(BadRegistration):
        approve_client(shared.store, shared.clock, PRACTICE, app.client_id)
    revoke_client(shared.store, shared.clock, app.client_id)
    with pytest.raises(UnknownClient):
        approve_client(shared.store, shared.clock, PRACTICE, app.client_id)
    with pytest.raises(UnknownClient):
        rotate_secret(shared.store, shared.clock, app.client_id, 0)


def test_an_app_that_is_revoked_takes_with_it_what_people_allowed_it(shared: House) -> None:
    app, other = shared.add(), shared.add()
    now = to_ms(shared.clock())
    grant = GrantRow(f"grant of {app.client_id}", PRACTICE, app.client_id, "account", None, "patient/Patient.rs", None, None, "{}", None, now, now, now + 1000)
    with shared.store.write() as connection:
        for each in (grant, grant._replace(id="another", client_id=other.client_id)):
            grants.add_grant(connection, each)
            grants.add_refresh_token(connection, RefreshRow(f"refresh of {each.id}", each.id, "patient/Patient.rs", now, now + 1000))
            oauth.add_token(connection, f"token of {each.id}", each.client_id, "patient/Patient.rs", now, now + 1000, grant_id=each.id)
    revoke_client(shared.store, shared.clock, app.client_id)
    with shared.store.read() as connection:
        ended, standing = grants.grant(connection, grant.id), grants.grant(connection, "another")
        tokens = [oauth.token(connection, f"token of {name}") for name in (grant.id, "another")]
    assert ended is not None
    assert standing is not None
    assert [each.revoked_at is not None for each in (ended, standing)] == [True, False]
    assert [token is not None and token.revoked_at is not None for token in tokens] == [True, False]
