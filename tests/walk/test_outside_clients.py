"""FHIR clients that others wrote read, search and create here, given a token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fhirclient import client as smart
from fhirclient.models.communication import Communication
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from fhirpy import SyncFHIRClient

from gateway.cli.stage import Caller, Stand
from tests.walk.live import sample_server


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stand, dict[str, Caller]]]:
    with sample_server(tmp_path_factory.mktemp("live")) as server:
        yield server


@pytest.fixture
def token(live: tuple[Stand, dict[str, Caller]]) -> str:
    caller = live[1]["practice"]
    return caller.client.token(caller.at.fhir, caller.client_id, caller.scope)


def _message(patient: str) -> dict[str, Any]:
    return {"resourceType": "Communication", "status": "completed", "subject": {"reference": f"Patient/{patient}"}, "payload": [{"contentString": "Seen today."}]}


def test_fhirpy_reads_searches_pages_and_creates(live: tuple[Stand, dict[str, Caller]], token: str) -> None:
    ehr = SyncFHIRClient(live[0].fhir, authorization=f"Bearer {token}")

    found = ehr.resources("Patient").search(name="restrepo").fetch()
    scores = ehr.resources("Observation").search(patient=found[0].id, code="44261-6").limit(5).fetch_all()
    ehr.resource("Communication", **{name: value for name, value in _message(found[0].id).items() if name != "resourceType"}).save()

    assert [one["name"][0]["family"] for one in found] == ["Restrepo"]
    assert len(scores) == len({one.id for one in scores}) == 12
    assert ehr.reference("Patient", found[0].id).to_resource()["birthDate"] == found[0]["birthDate"]
    assert ehr.resources("Communication").search(patient=found[0].id).count() == 1


def test_fhirclient_reads_searches_and_creates(live: tuple[Stand, dict[str, Caller]], token: str) -> None:
    ehr = smart.FHIRClient(settings={"app_id": "test", "api_base": live[0].fhir})
    ehr.server.session.headers["Authorization"] = f"Bearer {token}"

    found = list(Patient.where({"name": "restrepo"}).perform_resources_iter(ehr.server))
    patient = Patient.read(found[0].id, ehr.server)
    scores = list(Observation.where({"patient": patient.id, "code": "http://loinc.org|44261-6", "_sort": "-date"}).perform_resources_iter(ehr.server))
    made = Communication(_message(patient.id)).create(ehr.server)

    assert patient.name[0].family == "Restrepo"
    assert scores[0].valueQuantity.value < scores[-1].valueQuantity.value
    assert made["status"] == "completed"
    assert made["id"]
