"""SMART 2.2.0 scopes-and-launch-context, identity: who signed in, told in an id_token that everyone can check."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.people.house import Browser, person
from tests.smart_duties.flow import Practice, Seat, an_app, ask_fhir, practice
from tests.store.engines import client, fresh, patient_id
from tests.token.given import App, given
from tests.world import World

SCOPE = "openid fhirUser profile user/*.rs offline_access"


def _keys(world: World) -> dict[str, Any]:
    configuration = world.http.get("/fhir/.well-known/smart-configuration").get_json()
    return dict(world.http.get(urlsplit(configuration["jwks_uri"]).path).get_json())


def test_an_id_token_comes_with_openid_and_only_then(world: World, office: Practice, asker: App) -> None:
    answer = office.seat.tokens(asker, "openid user/Patient.rs", nonce="n-0S6_WzA2Mj")
    claims = office.seat.claims(answer["id_token"])
    now = int(world.clock().timestamp())
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (world.settings.base_url, asker.client_id, "n-0S6_WzA2Mj")
    assert claims["iat"] <= now < claims["exp"]
    assert {"fhirUser", "name"}.isdisjoint(claims)
    assert "id_token" not in office.seat.tokens(asker, "user/Patient.rs")


def test_the_keys_are_bare_and_verify_the_id_token(world: World, office: Practice, asker: App) -> None:
    id_token = office.seat.tokens(asker, "openid user/Patient.rs")["id_token"]
    published = _keys(world)["keys"]
    header = jwt.decode(id_token, KeySet.import_key_set({"keys": published}), algorithms=["RS256"]).header
    (used,) = [key for key in published if key["kid"] == header["kid"]]
    assert (header["alg"], used["kty"], len(RSAKey.import_key(used).as_dict()["n"]) >= 342) == ("RS256", "RSA", True)
    assert {"n", "e"} <= used.keys()
    assert not {"d", "p", "q", "x5c"} & {name for key in published for name in key}


def test_the_fhir_user_is_the_persons_own_resource(world: World, office: Practice, asker: App) -> None:
    answer = office.seat.tokens(asker, "openid fhirUser user/*.rs")
    who = office.seat.claims(answer["id_token"])["fhirUser"]
    assert who == f"{world.settings.fhir_base}/Practitioner/{office.practitioner}"
    assert ask_fhir(world, answer["access_token"], f"Practitioner/{office.practitioner}").get_json()["id"] == office.practitioner


def test_a_client_of_the_practice_is_their_patient(world: World) -> None:
    own = fresh("client")
    world.take_in([client(own)])
    seat = Seat(world, person(world, duties=["client"], client=own), Browser(world))
    answer = seat.tokens(an_app(world, "openid fhirUser patient/*.rs launch/patient"), "openid fhirUser launch/patient patient/*.rs")
    assert seat.claims(answer["id_token"])["fhirUser"] == f"{world.settings.fhir_base}/Patient/{patient_id(own)}"
    assert answer["patient"] == patient_id(own)


def test_a_person_without_a_resource_has_no_fhir_user(world: World, asker: App) -> None:
    seat = Seat(world, person(world, duties=["front_desk"]), Browser(world))
    answer = seat.tokens(asker, "openid fhirUser user/Patient.rs")
    assert "fhirUser" not in answer["scope"].split()
    assert "fhirUser" not in seat.claims(answer["id_token"])


def test_userinfo_says_what_the_id_token_says(world: World, office: Practice, asker: App) -> None:
    answer = office.seat.tokens(asker, "openid fhirUser profile user/Patient.rs")
    told = world.http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {answer['access_token']}"})
    claims = office.seat.claims(answer["id_token"])
    assert told.status_code == 200
    assert told.get_json() == {name: claims[name] for name in ("sub", "fhirUser", "name")}
    without = office.seat.tokens(asker, "user/Patient.rs")["access_token"]
    assert world.http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {without}"}).status_code in (401, 403)


def test_two_people_never_share_a_sub(world: World, office: Practice, asker: App) -> None:
    seats = [office.seat, office.seat, practice(world).seat]
    subs = [seat.claims(seat.tokens(asker, "openid user/Patient.rs")["id_token"])["sub"] for seat in seats]
    assert subs[0] == subs[1] != subs[2]


def test_a_refresh_brings_no_claims_about_somebody_else(world: World, office: Practice, asker: App) -> None:
    first = office.seat.tokens(asker, "openid fhirUser user/Patient.rs offline_access")
    again = given(asker.refresh(first["refresh_token"]))
    if "id_token" in again:
        kept = ("iss", "sub", "aud", "auth_time")
        assert {name: office.seat.claims(again["id_token"])[name] for name in kept} == {name: office.seat.claims(first["id_token"])[name] for name in kept}


def test_an_app_that_wants_a_fresh_sign_in_gets_one(world: World, office: Practice, asker: App) -> None:
    """`max_age` and `prompt=login`; the id_token tells when the person signed in, and by what."""
    office.seat.authorize(asker, "openid")
    world.clock.forward(minutes=5)
    old = office.seat.claims(office.seat.tokens(asker, "openid", max_age="3600")["id_token"])
    assert old["auth_time"] <= int(world.clock().timestamp()) - 300
    for wanted in ({"max_age": "60"}, {"prompt": "login"}):
        world.clock.forward(minutes=2)
        asked_at = int(world.clock().timestamp())
        assert office.seat.claims(office.seat.tokens(asker, "openid", **wanted)["id_token"])["auth_time"] >= asked_at
    assert {"pwd", "otp"} <= set(old["amr"])
