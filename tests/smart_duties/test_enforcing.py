"""What a token opens at the FHIR API: its own scope, for its own life, within what its bearer may see anyway."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.fhir.capability import SERVED
from gateway.people import account as people_account
from gateway.smart.scope import BadScope
from gateway.smart.token import forget
from tests.people import house as people
from tests.people.house import Browser
from tests.smart_duties.backend import Backend, backend
from tests.smart_duties.flow import Answers, Practice, Seat, an_app, ask_fhir
from tests.store.engines import SITE, client, consent, fresh, partner, patient_id, record
from tests.token.given import allow, app, person
from tests.world import World


def _released(world: World, scope: str) -> tuple[Backend, str, str]:
    """A partner's system, the Patient of a client released to it, and the Patient of one who is not."""
    hers, theirs, other = fresh("client"), fresh("client"), fresh("partner")
    world.take_in([client(hers), client(theirs), partner(other), consent(hers, other)])
    return backend(world, scope, recipient=other), patient_id(hers), patient_id(theirs)


def test_a_system_scope_opens_what_is_released_to_its_client(world: World) -> None:
    ehr, released, withheld = _released(world, "system/*.cruds")
    token = ehr.token("system/*.cruds")
    assert ehr.get(f"Patient/{released}", token).status_code == 200
    assert ehr.get(f"Patient/{withheld}", token).status_code == 404
    assert [entry["resource"]["id"] for entry in ehr.get("Patient?_id=" + f"{released},{withheld}", token).get_json()["entry"]] == [released]


def test_a_scope_opens_its_own_type_and_letters_alone(world: World) -> None:
    ehr, released, _ = _released(world, "system/*.cruds")
    read, search = ehr.token("system/Patient.r"), ehr.token("system/Patient.s")
    assert [ehr.get(f"Patient/{released}", token).status_code for token in (read, search)] == [200, 403]
    assert [ehr.get(f"Patient?_id={released}", token).status_code for token in (read, search)] == [403, 200]
    assert [ehr.get(f"Condition?patient={released}", token).status_code for token in (read, search)] == [403, 403]


def test_a_wildcard_opens_every_type_there_is(world: World) -> None:
    ehr, _, _ = _released(world, "system/*.rs")
    token = ehr.token("system/*.rs")
    assert {kind: ehr.get(kind, token).status_code for kind in SERVED} == dict.fromkeys(SERVED, 200)


def test_a_token_that_ran_out_opens_nothing(world: World) -> None:
    ehr, released, _ = _released(world, "system/*.rs")
    token = ehr.token("system/*.rs")
    assert ehr.get(f"Patient/{released}", token).status_code == 200
    world.clock.forward(seconds=300)
    answer = ehr.get(f"Patient/{released}", token)
    assert (answer.status_code, answer.get_json()["resourceType"]) == (401, "OperationOutcome")


@pytest.mark.parametrize("token", ["unknown", "e30.e30.e30", "x" * 5000, " "])
def test_what_is_no_token_of_ours_opens_nothing(world: World, token: str) -> None:
    assert world.http.get("/fhir/Patient", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_therapist_sees_the_clients_that_name_them_as_therapist(world: World) -> None:
    therapist, hers, other = fresh("clinician"), fresh("client"), fresh("client")
    staff = [record("practice", id="office", name="Office"), record("clinician", id=therapist, name={"family": "Lund"}, practice="office")]
    world.take_in([*staff, client(hers, therapist=therapist), client(other)])
    asker = app(world, scope="user/*.rs")
    token = asker.tokens(allow(world, asker, "user/*.rs", person(world, f"Practitioner/{SITE.id('clinician', therapist)}")))["access_token"]
    found = world.http.get("/fhir/Patient", headers={"Authorization": f"Bearer {token}"}).get_json()
    assert [entry["resource"]["id"] for entry in found["entry"]] == [patient_id(hers)]


def test_a_patient_scope_opens_one_client_alone(world: World, office: Practice) -> None:
    asker = an_app(world, "launch/patient patient/*.rs")
    token = office.seat.tokens(asker, "launch/patient patient/*.rs", Answers(patient=office.client))["access_token"]
    assert ask_fhir(world, token, f"Patient/{office.client}").status_code == 200
    assert [ask_fhir(world, token, f"Patient/{other}").status_code for other in (office.other_client, office.foreign_client)] == [404, 404]
    assert _subjects(world, token, "Condition") == {f"Patient/{office.client}"}
    assert _found(world, token, f"Condition?patient={office.other_client}") == []
    assert [found["id"] for found in _found(world, token, "Patient")] == [office.client]


def test_a_user_scope_opens_what_its_person_may_see(world: World, office: Practice) -> None:
    token = office.seat.tokens(an_app(world, "user/*.rs"), "user/*.rs")["access_token"]
    assert {found["id"] for found in _found(world, token, "Patient")} == {office.client, office.other_client}
    assert _subjects(world, token, "Condition") == {f"Patient/{office.client}", f"Patient/{office.other_client}"}


def test_a_scope_opens_nothing_that_its_person_may_not_see(world: World, office: Practice) -> None:
    """Whatever was granted: another's client, a person who only reads, and a person whose duties have ended."""
    token = office.seat.tokens(an_app(world, "user/*.cruds"), "user/*.cruds")["access_token"]
    assert ask_fhir(world, token, f"Patient/{office.foreign_client}").status_code == 404
    assert _found(world, token, f"Condition?patient={office.foreign_client}") == []
    clerk = Seat(world, people.person(world, duties=["front_desk"]), Browser(world))
    narrow = clerk.tokens(an_app(world, "user/*.cruds"), "user/*.cruds")
    assert narrow["scope"] == "user/*.rs"
    assert _found(world, narrow["access_token"], "Condition") == []
    people_account.disable(world.store, clerk.who.name, people.asked(world))
    forget(world.store)
    assert ask_fhir(world, narrow["access_token"], "Patient").status_code == 401


def test_a_link_to_another_patient_opens_nothing_and_the_statement_says_so(world: World, office: Practice) -> None:
    named = [{"reference": f"Practitioner/{office.practitioner}"}]
    link = [{"other": {"reference": f"Patient/{office.other_client}"}, "type": "seealso"}]
    linked = world.client(practice=True).post("Patient", {"resourceType": "Patient", "name": [{"family": "Lund"}], "generalPractitioner": named, "link": link})
    answer = office.seat.tokens(an_app(world, "launch/patient patient/*.rs"), "launch/patient patient/*.rs", Answers(patient=linked["id"]))
    assert _found(world, answer["access_token"], "Patient")[0]["link"] == link
    assert ask_fhir(world, answer["access_token"], f"Patient/{office.other_client}").status_code == 404
    assert _found(world, answer["access_token"], f"Condition?patient={office.other_client}") == []
    assert "Patient.link" in world.http.get("/fhir/metadata").get_json()["rest"][0]["documentation"]


def test_system_scopes_are_not_for_apps(world: World, office: Practice) -> None:
    with pytest.raises(BadScope):
        an_app(world, "user/*.rs system/*.rs")


def _found(world: World, token: str, path: str) -> list[dict[str, Any]]:
    answer = ask_fhir(world, token, path)
    assert answer.status_code == 200, answer.text
    return [entry["resource"] for entry in answer.get_json().get("entry", [])]


def _subjects(world: World, token: str, path: str) -> set[str]:
    return {found["subject"]["reference"] for found in _found(world, token, path)}
