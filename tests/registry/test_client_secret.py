"""Clients with a secret and apps without one: who is let in, and that everybody else hears the same."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import pytest
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import ClientAuthentication
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers, ImmutableMultiDict

from gateway.smart.app import NewApp, Registration, add_app
from gateway.smart.client import OAuthClient, revoke_client
from gateway.smart.client_assertion import known_client
from gateway.smart.client_secret import authenticate_by_secret, authenticate_public
from gateway.store.engine import Store
from gateway.store.schema import metadata
from tests.smart.world import StillClock, new_ec_key

BACK = "https://app.example.org/back"
REGISTERED = Registration("Sleep diary", "patient/Patient.rs", [BACK], "client_secret_basic")


@dataclass
class Request:
    """What Authlib hands to an authentication method."""

    form: ImmutableMultiDict[str, str]
    headers: Headers
    proven_client_id: str = ""
    auth_method: str | None = field(default=None)


@dataclass
class Door:
    """Authlib's own loop over the methods, with ours registered."""

    store: Store
    clock: StillClock

    def __post_init__(self) -> None:
        self.knock = ClientAuthentication(known_client(self.store, self.clock))
        self.knock.register("client_secret_basic", authenticate_by_secret)
        self.knock.register("none", authenticate_public)

    def enter(self, form: dict[str, str] | None = None, authorization: str | None = None) -> OAuthClient:
        headers = Headers([("Authorization", authorization)] if authorization is not None else [])
        client: OAuthClient = self.knock(Request(ImmutableMultiDict(form or {}), headers), ["client_secret_basic", "none"])
        return client

    def refusal(self, form: dict[str, str] | None = None, authorization: str | None = None) -> tuple[Any, ...]:
        """Status, body and headers of the answer."""
        with pytest.raises(OAuth2Error) as caught:
            self.enter(form, authorization)
        status, body, headers = caught.value()
        assert body["error"] == "invalid_client"
        assert status == 401
        return status, tuple(body.items()), tuple(headers)


@pytest.fixture
def door(store: Store, clock: StillClock) -> Door:
    return Door(store, clock)


@pytest.fixture
def app(store: Store, clock: StillClock) -> NewApp:
    return add_app(store, clock, "larkmoor", REGISTERED)


@pytest.fixture
def public(store: Store, clock: StillClock) -> str:
    return add_app(store, clock, "larkmoor", Registration("Mood diary", "patient/Patient.rs", [BACK])).client_id


@pytest.fixture
def keyed(store: Store, clock: StillClock) -> str:
    keys = {"keys": [new_ec_key("a").as_dict(private=False)]}
    return add_app(store, clock, "larkmoor", Registration("Keyed diary", "patient/Patient.rs", [BACK], "private_key_jwt", jwks=keys)).client_id


def basic(client_id: str, secret: str | None, encode: Callable[[str], str] = quote_plus) -> str:
    return "Basic " + base64.b64encode(f"{encode(client_id)}:{encode(secret or '')}".encode()).decode()


def test_an_app_with_its_secret_is_let_in(door: Door, app: NewApp) -> None:
    assert door.enter(authorization=basic(app.client_id, app.secret)).client_id == app.client_id
    assert door.enter({"client_id": app.client_id}, basic(app.client_id, app.secret)).client_id == app.client_id


def test_the_scheme_is_read_in_any_case_and_the_credentials_as_a_form_writes_them(door: Door, app: NewApp) -> None:
    every_character = basic(app.client_id, app.secret, lambda text: "".join(f"%{ord(letter):02X}" for letter in text))
    assert door.enter(authorization=every_character.replace("Basic", "bASIC")).client_id == app.client_id


def test_a_public_app_names_itself(door: Door, public: str) -> None:
    assert door.enter({"client_id": public}).client_id == public


def test_a_client_unknown_and_a_wrong_secret_hear_the_same(door: Door, app: NewApp, public: str, keyed: str) -> None:
    strangers = [basic("nobody", app.secret), basic(app.client_id, "wrong"), basic(public, "x"), basic(keyed, "x"), basic(app.client_id, (app.secret or "")[:-1])]
    assert len({door.refusal(authorization=shown) for shown in strangers}) == 1


def test_an_app_that_must_authenticate_and_a_client_unknown_hear_the_same(door: Door, app: NewApp, keyed: str) -> None:
    assert len({door.refusal({"client_id": name}) for name in ("nobody", app.client_id, keyed, "", "a\x00b", "x" * 300, "\ud800")}) == 1


def test_a_revoked_app_is_as_unknown(door: Door, app: NewApp, store: Store, clock: StillClock) -> None:
    unknown = door.refusal(authorization=basic("nobody", "x"))
    revoke_client(store, clock, app.client_id)
    assert door.refusal(authorization=basic(app.client_id, app.secret)) == unknown


@pytest.mark.parametrize(
    "also",
    [
        {"client_secret": "x"},
        {"client_secret": ""},
        {"client_assertion": "a.b.c"},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
        {"client_id": "somebody-else"},
        {"client_id": ""},
    ],
    ids=" ".join,
)
def test_who_proves_itself_twice_is_refused_though_the_secret_is_right(door: Door, app: NewApp, also: dict[str, str]) -> None:
    door.refusal(also, basic(app.client_id, app.secret))


def test_a_secret_in_the_body_is_refused_though_it_is_right(door: Door, app: NewApp) -> None:
    assert app.secret
    door.refusal({"client_id": app.client_id, "client_secret": app.secret})


@pytest.mark.parametrize("extra", [{"client_secret": ""}, {"client_secret": "x"}, {"client_assertion": ""}, {"client_assertion_type": "x"}], ids=" ".join)
def test_a_public_app_that_sends_a_proof_is_refused(door: Door, public: str, extra: dict[str, str]) -> None:
    door.refusal({"client_id": public, **extra})


@pytest.mark.parametrize("header", ["Bearer abc", "", "Basic", "Digest x", "DPoP abc"])
def test_a_public_app_sends_no_authorization_header(door: Door, public: str, header: str) -> None:
    door.refusal({"client_id": public}, header)


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !",
        "Basic YQ",
        "Basic YTpi====",
        "Basic  :",
        "Basic Ojo=",
        "Basic YTo=",
        "Basic YQ==",
        "Basic /w==",
        "Basic YSUwMDpi",
        "Basic YSV6ejpi",
        "Basic YSVmZjpi",
    ],
)
def test_what_is_not_http_basic_is_refused(door: Door, header: str) -> None:
    door.refusal(authorization=header)


def test_a_refusal_names_the_scheme_that_was_tried(door: Door) -> None:
    *_, headers = door.refusal(authorization=basic("nobody", "x"))
    assert dict(headers)["WWW-Authenticate"].startswith("Basic realm=")


def test_no_secret_stands_in_a_refusal_or_in_what_is_printed(door: Door, app: NewApp, caplog: pytest.LogCaptureFixture) -> None:
    assert app.secret
    refused = door.refusal({"client_secret": app.secret}, basic(app.client_id, app.secret))
    assert app.secret not in f"{refused}{caplog.text}{app!r}{door.enter(authorization=basic(app.client_id, app.secret))!r}"


@given(header=st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=200), named=st.text(max_size=40))
def test_whatever_is_sent_is_refused_and_never_breaks(door_of_all: Door, header: str, named: str) -> None:
    door_of_all.refusal({"client_id": named}, f"Basic {header}")
    door_of_all.refusal({"client_id": named}, basic(named, header, str) if named.isascii() and header.isascii() else header)
    door_of_all.refusal({"client_id": named})


@pytest.fixture(scope="module")
def door_of_all(tmp_path_factory: pytest.TempPathFactory) -> Door:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('door')}/handoff.db")
    metadata.create_all(store.engine)
    return Door(store, StillClock())
