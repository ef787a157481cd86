"""fhirclient of PyPI, SMART's own, for people: its authorize address, our pages, its callback. (Its backend flow is in tests/walk.)"""

from __future__ import annotations

from typing import Any

import pytest
from fhirclient.client import FHIRClient
from fhirclient.models.observation import Observation
from fhirclient.server import FHIRUnauthorizedException

from tests.clients.town import CALLBACK, Town
from tests.walk.street import WEEKS

SCOPE = "openid fhirUser launch/patient offline_access patient/Patient.rs patient/Observation.rs"


def client_of(town: Town, **more: Any) -> FHIRClient:
    made = town.app("fhirclient for Python", SCOPE, **more)
    settings = {"app_id": made.client_id, "app_secret": made.secret, "api_base": town.at.fhir, "redirect_uri": CALLBACK, "scope": SCOPE.replace("launch/patient ", "")}
    return FHIRClient(settings=settings)


@pytest.mark.parametrize("method", ["none", "client_secret_basic"])
def test_fhirclient_is_let_in_reads_and_refreshes(town: Town, method: str) -> None:
    client = client_of(town, auth_method=method)
    assert not client.prepare()  # it has found out where to go, and has no token yet
    client.handle_callback(town.person().visit(client.authorize_url))
    assert client.ready
    assert client.patient.birthDate.isostring == "1991-04-17"
    found = list(Observation.where({"patient": client.patient_id, "code": "44261-6", "_count": "5"}).perform_resources_iter(client.server))
    assert len(found) == WEEKS
    before = client.server.auth.access_token
    assert client.reauthorize()
    assert client.server.auth.access_token != before
    assert Observation.read(found[0].id, client.server).id == found[0].id


def test_fhirclient_is_told_when_the_person_says_no(town: Town) -> None:
    client, person = client_of(town), town.person()
    client.prepare()
    person.answer = "deny"
    with pytest.raises(Exception, match="did not allow"):
        client.handle_callback(person.visit(client.authorize_url))
    with pytest.raises(FHIRUnauthorizedException):
        Observation.read("any", client.server)
