"""Two clients written by others against a live gateway: fhirclient (SMART's own, Python) and fhirpy."""

from __future__ import annotations

import secrets
import time
from typing import Any

import pytest
from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle
from fhirclient.models.codeableconcept import CodeableConcept
from fhirclient.models.fhirreference import FHIRReference
from fhirclient.models.medicationrequest import MedicationRequest
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from fhirclient.server import FHIRNotFoundException, FHIRPermissionDeniedException, FHIRUnauthorizedException
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound
from joserfc import jwt

from gateway.cli.stage import Caller
from gateway.smart.key import load
from tests.walk.street import WEEKS, Street


def assertion(caller: Caller) -> str:
    """A SMART client assertion signed with the caller's key, made here by hand (SMART 2.2.0, backend services)."""
    key = next(one for one in load(caller.at.folder / "breakwater-ehr.jwks.json").keys if one.alg == "ES384")
    now = int(time.time())
    claims = {"iss": caller.client_id, "sub": caller.client_id, "aud": f"{caller.at.url}/oauth/token", "exp": now + 240, "jti": secrets.token_urlsafe(16)}
    return jwt.encode({"alg": "ES384", "kid": key.kid, "typ": "JWT"}, claims, key, algorithms=["ES384"])


def smart_client(street: Street, scope: str = "system/*.crus") -> FHIRClient:
    """fhirclient reads /metadata, finds the token endpoint there and asks for its own token."""
    caller = street.psychiatrist
    client = FHIRClient(settings={"app_id": caller.client_id, "api_base": caller.at.fhir, "scope": scope, "jwt_token": assertion(caller)})
    client.wants_patient = False
    client.prepare()
    client.authorize()
    assert client.ready
    return client


@pytest.fixture
def smart(street: Street) -> FHIRClient:
    return smart_client(street)


@pytest.fixture
def sync(street: Street) -> SyncFHIRClient:
    caller = street.psychiatrist
    token = caller.client.token(caller.at.fhir, caller.client_id, caller.scope)
    return SyncFHIRClient(caller.at.fhir, authorization=f"Bearer {token}")


def order(patient: str, text: str) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": text},
        "subject": {"reference": f"Patient/{patient}"},
    }


def found_by_smart(smart: FHIRClient) -> Patient:
    (patient,) = Patient.where({"family": "Okafor", "birthdate": "1991-04-17"}).perform_resources_iter(smart.server)
    return patient


def test_fhirclient_understands_what_the_gateway_says_of_itself(smart: FHIRClient) -> None:
    statement = smart.server.capabilityStatement
    assert (statement.fhirVersion, statement.kind, statement.rest[0].mode) == ("4.0.1", "instance", "server")


def test_fhirclient_searches_and_reads(smart: FHIRClient) -> None:
    patient = found_by_smart(smart)
    again = Patient.read(patient.id, smart.server)
    assert (again.as_json(), again.birthDate.isostring) == (patient.as_json(), "1991-04-17")


def test_fhirclient_pages_through_a_search(smart: FHIRClient) -> None:
    search = Observation.where({"patient": found_by_smart(smart).id, "code": "44261-6", "_count": "5"})
    found = [one for bundle in search.perform_iter(smart.server) for one in bundle.entry]
    assert len({entry.resource.id for entry in found}) == len(found) == WEEKS
    assert isinstance(found[0].resource, Observation)


def test_fhirclient_creates_and_updates(smart: FHIRClient) -> None:
    request = MedicationRequest()
    request.status, request.intent = "active", "order"
    request.medicationCodeableConcept = CodeableConcept({"text": "Mirtazapine 15 mg"})
    request.subject = FHIRReference({"reference": f"Patient/{found_by_smart(smart).id}"})
    created = request.create(smart.server)
    assert (created["resourceType"], created["meta"]["versionId"]) == ("MedicationRequest", "1")
    stored = MedicationRequest.read(created["id"], smart.server)
    stored.status = "stopped"
    stored.update(smart.server)
    assert MedicationRequest.read(created["id"], smart.server).meta.versionId == "2"


def test_fhirclient_raises_its_own_errors(smart: FHIRClient) -> None:
    with pytest.raises(FHIRNotFoundException):
        Patient.read("nobody", smart.server)
    stranger = Patient({"name": [{"family": "X"}]})
    stranger.id = found_by_smart(smart).id
    with pytest.raises(FHIRPermissionDeniedException):
        stranger.update(smart.server)
    smart.server.auth.access_token = "no-longer-good"
    with pytest.raises(FHIRUnauthorizedException):
        Patient.read("nobody", smart.server)


def test_fhirclient_with_a_scope_to_read_alone_creates_nothing(street: Street) -> None:
    reader = smart_client(street, "system/Patient.rs")
    request = MedicationRequest(order(found_by_smart(reader).id, "Lithium 300 mg"))
    with pytest.raises(FHIRPermissionDeniedException):
        request.create(reader.server)


def test_fhirclient_reads_a_bundle_with_includes(smart: FHIRClient) -> None:
    bundle = Bundle.read_from(f"CarePlan?patient={found_by_smart(smart).id}&_include=CarePlan:goal", smart.server)
    assert [(entry.resource.resource_type, entry.search.mode) for entry in bundle.entry] == [("CarePlan", "match"), ("Goal", "include")]


def test_fhirpy_searches_counts_and_reads(sync: SyncFHIRClient) -> None:
    patient = sync.resources("Patient").search(family="Okafor", birthdate="1991-04-17").get()
    assert sync.reference("Patient", patient["id"]).to_resource()["name"][0]["given"] == ["Ana", "Chidinma"]
    assert sync.resources("Observation").search(patient=patient["id"], code="44261-6").count() == WEEKS


def test_fhirpy_pages_through_a_search(sync: SyncFHIRClient) -> None:
    patient = sync.resources("Patient").search(family="Okafor").first()
    assert patient is not None
    found = sync.resources("Observation").search(patient=patient["id"], code="44261-6").limit(5).fetch_all()
    assert len({one["id"] for one in found}) == len(found) == WEEKS


def test_fhirpy_creates_updates_and_refreshes(sync: SyncFHIRClient) -> None:
    patient = sync.resources("Patient").search(family="Okafor").first()
    assert patient is not None
    request = sync.resource("MedicationRequest", **order(patient["id"], "Bupropion 150 mg"))
    request.save()
    assert request["meta"]["versionId"] == "1"
    request["status"] = "on-hold"
    request.save()
    request.refresh()
    assert (request["status"], request["meta"]["versionId"]) == ("on-hold", "2")


def test_fhirpy_creates_once_with_a_condition(sync: SyncFHIRClient) -> None:
    """By FHIR's own header; fhirpy's get_or_create puts the condition into the address, which is Aidbox's way."""
    patient = sync.resources("Patient").search(family="Okafor").first()
    assert patient is not None
    value = secrets.token_hex(8)
    request = order(patient["id"], "Buspirone 10 mg") | {"identifier": [{"system": "https://ehr.example/orders", "value": value}]}
    once = SyncFHIRClient(sync.url, authorization=sync.authorization, extra_headers={"If-None-Exist": f"identifier=https://ehr.example/orders|{value}"})
    made = [once.resource("MedicationRequest", **request) for _ in range(2)]
    for one in made:
        one.save()
    assert made[0]["id"] == made[1]["id"]


def test_fhirpy_raises_its_own_errors(sync: SyncFHIRClient) -> None:
    with pytest.raises(ResourceNotFound):
        sync.reference("Patient", "nobody").to_resource()
    with pytest.raises(OperationOutcome) as refused:
        sync.resource("MedicationRequest", **order("nobody", "Lithium 300 mg")).save()
    assert refused.value.resource["issue"][0]["expression"] == ["MedicationRequest.subject"]
