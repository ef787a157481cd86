"""Referrals and releases of information."""

from __future__ import annotations

from typing import Any

import pytest

from mappings import resources_of
from tests.mappings.corpus import SITE, record


def _sent(kind: str, **changed: Any) -> list[dict[str, Any]]:
    return resources_of(record(kind, **changed), SITE)


def test_a_referral_becomes_an_order_and_its_task() -> None:
    request, task = _sent("referral")

    assert (request["intent"], request["priority"]) == ("order", "urgent")
    assert request["code"] == {"coding": [{"system": "http://snomed.info/sct", "code": "183524004", "display": "Referral to psychiatry service (procedure)"}], "text": "Psychiatry"}
    assert request["reasonCode"][0] == {"text": "Please see her about medication."}
    assert request["reasonCode"][1]["coding"][0]["code"] == "F32.1"
    assert task["focus"] == {"reference": f"ServiceRequest/{request['id']}"}
    assert (task["id"], task["intent"], task["code"]["coding"][0]["code"]) == (SITE.id("referral", "ref1", "task"), "order", "fulfill")
    assert task["requester"] == request["requester"] == SITE.reference("PractitionerRole", "clinician", "imani", "role")
    assert [task["owner"]] == request["performer"] == [SITE.reference("PractitionerRole", "partner", "breakwater", "role")]
    assert (task["authoredOn"], task["for"]) == ("2025-01-13T08:00:00-05:00", SITE.reference("Patient", "client", "ana"))


@pytest.mark.parametrize(
    ("status", "request_status", "task_status", "step"),
    [
        ("draft", "draft", "draft", None),
        ("requested", "active", "requested", "2.0"),
        ("accepted", "active", "accepted", "3.0"),
        ("declined", "revoked", "rejected", "4.0"),
        ("in-progress", "active", "in-progress", None),
        ("completed", "completed", "completed", "7.0"),
        ("cancelled", "revoked", "cancelled", "6.0"),
    ],
)
def test_where_a_referral_stands_is_told_by_request_task_and_business_status(status: str, request_status: str, task_status: str, step: str | None) -> None:
    request, task = _sent("referral", status=status)

    assert (request["status"], task["status"]) == (request_status, task_status)
    assert [coding["code"] for coding in task.get("businessStatus", {}).get("coding", ())] == ([step] if step else [])


def test_what_came_back_stands_in_the_task() -> None:
    output = _sent("referral")[1]["output"]

    assert output[0] == {"type": {"text": "Received on"}, "valueDate": "2025-02-03"}
    assert {"type": {"text": "Recommendation"}, "valueString": "Sertraline 100 mg."} in output


@pytest.mark.parametrize("trap", ["103697008", "308447003"])
@pytest.mark.parametrize(
    "service", ["psychiatry", "child-psychiatry", "primary-care", "social-work", "emergency", "addiction", "obstetrics-gynecology", "psychology", "support-group", "other"]
)
def test_no_service_is_asked_for_with_the_code_of_another_trade(service: str, trap: str) -> None:
    """103697008 is a referral for dental care, 308447003 one to a physiotherapist: both are met as general referrals."""
    request = _sent("referral", service=service)[0]

    assert trap not in str(request["code"])
    assert request["code"]["coding"][0]["display"]


def test_a_part_2_consent_opens_what_it_names_and_nothing_is_denied() -> None:
    consent = _sent("consent")[0]
    provision = consent["provision"]

    assert (consent["status"], consent["policyRule"]["coding"][0]["code"]) == ("active", "42CFRPart2")
    assert consent["policy"] == [{"uri": "https://www.ecfr.gov/current/title-42/part-2/section-2.31"}]
    assert [concept["coding"][0]["code"] for concept in consent["category"]] == ["59284-0", "IDSCL"]
    assert (provision["type"], provision["period"]) == ("permit", {"start": "2025-01-12", "end": "2026-01-12"})
    assert provision["actor"][0]["role"]["coding"][0]["code"] == "IRCP"
    assert provision["actor"][0]["reference"] == SITE.reference("PractitionerRole", "partner", "breakwater", "role") | {"display": "Breakwater Psychiatry"}
    assert [coding["code"] for coding in provision["purpose"]] == ["TREAT", "CAREMGT"]
    assert [coding["code"] for coding in provision["class"]] == [
        "Patient",
        "RelatedPerson",
        "MedicationRequest",
        "MedicationStatement",
        "MedicationDispense",
        "List",
        "Observation",
    ]
    assert [label["code"] for label in provision["securityLabel"]] == ["42CFRPart2"]
    assert "provision" not in provision


@pytest.mark.parametrize(("part2", "categories"), [(False, ["medications"]), (True, ["medications"])])
def test_a_release_that_does_not_open_part_2_records_denies_them(part2: bool, categories: list[str]) -> None:
    provision = _sent("consent", part2=part2, categories=categories)[0]["provision"]

    assert [(inner["type"], [label["code"] for label in inner["securityLabel"]]) for inner in provision["provision"]] == [("deny", ["42CFRPart2"])]
    assert "securityLabel" not in provision


@pytest.mark.parametrize(("direction", "actions"), [("disclose", ["disclose"]), ("obtain", ["collect"]), ("both", ["disclose", "collect"])])
def test_the_direction_of_a_release_is_its_actions(direction: str, actions: list[str]) -> None:
    provision = _sent("consent", direction=direction)[0]["provision"]

    assert [action["coding"][0]["code"] for action in provision["action"]] == actions


@pytest.mark.parametrize(("revoked_on", "end"), [("2025-03-01", "2025-03-01"), ("2026-06-01", "2026-01-12")])
def test_a_revoked_consent_is_inactive_and_ends_no_later_than_its_revocation(revoked_on: str, end: str) -> None:
    consent = _sent("consent", revoked_on=revoked_on)[0]

    assert consent["status"] == "inactive"
    assert consent["provision"]["period"]["end"] == end


def test_a_recipient_that_is_not_on_file_is_named_and_points_nowhere() -> None:
    actor = _sent("consent", partner=None, recipient_text="The school")[0]["provision"]["actor"][0]

    assert actor["reference"] == {"display": "The school"}


def test_a_consent_signed_by_a_guardian_says_by_whom() -> None:
    assert _sent("consent", signer_is_guardian=True, signed_by="Ngozi Okafor")[0]["performer"] == [{"type": "RelatedPerson", "display": "Ngozi Okafor"}]
    assert _sent("consent")[0]["performer"] == [SITE.reference("Patient", "client", "ana")]
