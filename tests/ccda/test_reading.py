"""Documents that come in: what each says, whatever its precision, its gaps and its version."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

import pytest

from gateway.fhir.validation import faults
from mappings.ccda import Received, read
from tests.ccda.corpus import CLIENT, consultation, medication, problem, section

_VALUE = '<value xsi:type="CD" code="36923009" codeSystem="2.16.840.1.113883.6.96" displayName="Major depression"/>'
SIG = (
    '<entryRelationship typeCode="COMP"><substanceAdministration classCode="SBADM" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.147"/>'
    "<text>{}</text></substanceAdministration></entryRelationship>"
)


def _read(*sections: str, **options: Any) -> Received:
    """What a Consultation Note of these sections says; each of its resources is valid once it has its client."""
    received = read(consultation("".join(sections), **options))
    for resource in received.about(CLIENT):
        assert faults(resource) == []
    return received


def _of(received: Received, resource_type: str) -> list[dict[str, Any]]:
    return [one for one in received.resources if one["resourceType"] == resource_type]


def _one(received: Received, resource_type: str) -> dict[str, Any]:
    (found,) = _of(received, resource_type)
    return found


def _words(received: Received) -> str:
    return base64.b64decode(_one(received, "DocumentReference")["content"][0]["attachment"]["data"]).decode()


def test_a_document_says_what_it_is_of_whom_and_by_whom() -> None:
    received = _read()

    assert (received.type, received.title, received.effective) == ("Consultation Note", "Consult", "2025-02-03T10:15:00-05:00")
    assert received.id == {"system": "urn:oid:2.16.840.1.113883.19.5", "value": "doc-1"}
    assert received.patient == {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:oid:2.16.840.1.113883.19.5", "value": "MRN-7"}],
        "name": [{"family": "Okafor", "given": ["Ana"]}],
        "gender": "female",
        "birthDate": "1991-04-17",
    }
    assert received.author is not None
    assert received.author["identifier"] == [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "2555000068"}]
    assert received.custodian is None


@pytest.mark.parametrize("version", ["", ' extension="2014-06-09"', ' extension="2015-08-01"', ' extension="2024-05-01"'])
@pytest.mark.parametrize(("number", "name"), [("4", "Consultation Note"), ("2", "Continuity of Care Document"), ("14", "Referral Note")])
def test_three_documents_are_taken_in_every_version(number: str, name: str, version: str) -> None:
    assert _read(template=f'<templateId root="2.16.840.1.113883.10.20.22.1.{number}"{version}/>').type == name


def test_a_consultation_note_names_the_referral_it_answers() -> None:
    order = '<inFulfillmentOf><order><id root="{}"/><id root="2.16.840.1.113883.4.873" extension="urn:handoff:alder-quay:referral:ref1"/></order></inFulfillmentOf>'
    received = _read(header=order.format("2E75C655-430C-596C-BAF1-8B2AF9388673"))

    assert received.fulfils == (
        {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:2e75c655-430c-596c-baf1-8b2af9388673"},
        {"system": "urn:handoff:alder-quay:referral", "value": "ref1"},
    )


def test_the_visit_becomes_an_encounter() -> None:
    visit = """<componentOf><encompassingEncounter><id root="2.16.840.1.113883.19" extension="9"/><code code="AMB" codeSystem="2.16.840.1.113883.5.4"/>
      <effectiveTime><low value="20250203"/><high value="20250203"/></effectiveTime></encompassingEncounter></componentOf>"""
    encounter = _one(_read(header=visit), "Encounter")

    assert encounter["class"] == {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    assert (encounter["status"], encounter["period"]) == ("finished", {"start": "2025-02-03", "end": "2025-02-03"})


def test_a_problem_becomes_a_condition() -> None:
    condition = _one(_read(section(problem(_VALUE))), "Condition")

    assert condition["code"] == {"coding": [{"system": "http://snomed.info/sct", "code": "36923009", "display": "Major depression"}]}
    assert condition["clinicalStatus"]["coding"][0]["code"] == "active"
    assert (condition["onsetDateTime"], condition["recordedDate"]) == ("2024-02-01", "2024-03-04")


@pytest.mark.parametrize(
    ("times", "more", "concern", "status", "ended"),
    [
        ('<effectiveTime><low value="2024"/><high value="202502"/></effectiveTime>', "", "active", "resolved", "2025-02"),
        ('<effectiveTime><low nullFlavor="UNK"/><high nullFlavor="UNK"/></effectiveTime>', "", "active", "resolved", None),
        ("<effectiveTime/>", "", "completed", "inactive", None),
        ("", "", "active", "active", None),
        ("", "277022003", "active", "remission", None),
        ("", "246455001", "active", "recurrence", None),
        ("", "999", "active", "active", None),
    ],
)
def test_whether_a_problem_is_over_is_read_from_its_status_its_end_or_its_concern(times: str, more: str, concern: str, status: str, ended: str | None) -> None:
    said = (
        f"""<entryRelationship typeCode="REFR"><observation><templateId root="2.16.840.1.113883.10.20.22.4.6"/>
      <value xsi:type="CD" code="{more}" codeSystem="2.16.840.1.113883.6.96"/></observation></entryRelationship>"""
        if more
        else ""
    )
    condition = _one(_read(section(problem(_VALUE, times=times, more=said, concern=concern))), "Condition")

    assert (condition["clinicalStatus"]["coding"][0]["code"], condition.get("abatementDateTime")) == (status, ended)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ('<value xsi:type="CD" nullFlavor="UNK"/>', {"text": "Not stated"}),
        ('<value xsi:type="CD" nullFlavor="OTH"><originalText>Sad</originalText></value>', {"text": "Sad"}),
        ('<value xsi:type="CD" nullFlavor="OTH"><originalText><reference value="#w"/></originalText></value>', {"text": "Low mood\nfor weeks"}),
        ('<value xsi:type="CD" nullFlavor="OTH"><originalText><reference value="#gone"/></originalText></value>', {"text": "Not stated"}),
        ('<value xsi:type="CD" nullFlavor="OTH" displayName="Sad"/>', {"text": "Sad"}),
        (
            '<value xsi:type="CD" nullFlavor="OTH"><translation code="F32.1 " codeSystem="2.16.840.1.113883.6.90"/></value>',
            {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F32.1"}]},
        ),
        ('<value xsi:type="cda:CD" code="x1" codeSystem="1.2.3.4"/>', {"coding": [{"system": "urn:oid:1.2.3.4", "code": "x1"}]}),
        ('<value xsi:type="CD" code="x1"/>', {"coding": [{"code": "x1"}]}),
        ("", {"text": "Not stated"}),
    ],
)
def test_a_code_survives_whatever_is_missing_of_it(value: str, code: dict[str, Any]) -> None:
    text = '<text><content ID="w">Low   mood<br/>for weeks</content></text>'

    assert _one(_read(section(problem(value.replace("cda:", "")), text=text)), "Condition")["code"] == code


@pytest.mark.parametrize("value", ['code="55607006" codeSystem="2.16.840.1.113883.6.96"', 'nullFlavor="NA"'])
def test_no_known_problem_is_no_problem_and_is_named(value: str) -> None:
    received = _read(section(problem(f'<value xsi:type="CD" {value}/>', negated=' negationInd="true"'), title="Problems"))

    assert _of(received, "Condition") == []
    assert received.unheld == ("Problems: Problem Concern Act",)


def test_a_problem_that_is_denied_is_a_refuted_one() -> None:
    condition = _one(_read(section(problem(_VALUE, negated=' negationInd="true"'))), "Condition")

    assert condition["verificationStatus"]["coding"][0]["code"] == "refuted"


def test_a_medication_that_is_taken_is_a_statement_with_its_dose() -> None:
    content = """<effectiveTime xsi:type="IVL_TS"><low value="20250110"/><high nullFlavor="UNK"/></effectiveTime>
      <effectiveTime xsi:type="PIVL_TS" operator="A" institutionSpecified="true"><period value="12" unit="h"/></effectiveTime>
      <routeCode code="C38288" codeSystem="2.16.840.1.113883.3.26.1.1"/><doseQuantity value="50.0" unit="mg"/>"""
    statement = _one(_read(section(medication(f"{content}<!--after-->{SIG.format('One tablet')}"))), "MedicationStatement")

    assert (statement["status"], statement["effectivePeriod"]) == ("active", {"start": "2025-01-10"})
    (dosage,) = statement["dosage"]
    assert dosage["text"] == "One tablet"
    assert dosage["timing"] == {"repeat": {"frequency": 1, "period": 12, "periodUnit": "h"}}
    assert dosage["doseAndRate"] == [{"doseQuantity": {"value": Decimal("50.0"), "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}}]
    assert statement["informationSource"] == {"display": "Dr. Samir Haddad"}


def test_a_medication_that_is_ordered_is_a_reported_request_of_who_wrote_it() -> None:
    author = '<author><time value="20250203"/><assignedAuthor><assignedPerson><name>Dr. N. Osei</name></assignedPerson></assignedAuthor></author>'
    request = _one(_read(section(medication(f'<doseQuantity value="1"/><!--after-->{author}', mood="INT"))), "MedicationRequest")

    assert (request["intent"], request["reportedBoolean"], request["authoredOn"]) == ("order", True, "2025-02-03")
    assert request["requester"] == {"display": "Dr. N. Osei"}
    assert request["dosageInstruction"][0]["doseAndRate"] == [{"doseQuantity": {"value": 1}}]


@pytest.mark.parametrize(("mood", "intent"), [("RQO", "order"), ("INT", "plan"), ("PRP", "proposal"), ("PRMS", "plan")])
def test_a_medication_that_is_planned_is_a_request_of_its_intent(mood: str, intent: str) -> None:
    assert _one(_read(section(medication("", mood=mood, template="42"))), "MedicationRequest")["intent"] == intent


@pytest.mark.parametrize(
    ("content", "dosage"),
    [
        ('<doseQuantity nullFlavor="UNK"/>', None),
        ('<doseQuantity value="two"/>', None),
        ('<doseQuantity value="2"/><administrationUnitCode code="PUFF" displayName="Puff"/>', {"doseAndRate": [{"doseQuantity": {"value": 2, "unit": "Puff"}}]}),
        ('<doseQuantity value="1" unit="1"/>', {"doseAndRate": [{"doseQuantity": {"value": 1}}]}),
        ('<doseQuantity value="1" unit="one tablet"/>', {"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "one tablet"}}]}),
        ('<doseQuantity><low value="1"/><high value="2"/></doseQuantity>', {"doseAndRate": [{"doseRange": {"low": {"value": 1}, "high": {"value": 2}}}]}),
        ('<doseQuantity><low value="3"/><high value="2"/></doseQuantity>', None),
        ('<doseQuantity><low value="3"/></doseQuantity>', {"doseAndRate": [{"doseRange": {"low": {"value": 3}}}]}),
        ('<effectiveTime xsi:type="PIVL_TS" operator="A"><period value="1" unit="fortnight"/></effectiveTime>', None),
        ('<effectiveTime xsi:type="PIVL_TS" operator="A"><period value="0" unit="h"/></effectiveTime>', None),
        ('<effectiveTime xsi:type="EIVL_TS" operator="A"><event code="HS"/></effectiveTime>', {"timing": {"repeat": {"when": ["HS"]}}}),
        ('<!--after--><precondition typeCode="PRCN"><criterion/></precondition>', {"asNeededBoolean": True}),
        (
            '<!--after--><precondition typeCode="PRCN"><criterion><text>when anxious</text></criterion></precondition>',
            {"asNeededCodeableConcept": {"text": "when anxious"}},
        ),
    ],
)
def test_a_dose_survives_whatever_is_odd_about_it(content: str, dosage: dict[str, Any] | None) -> None:
    statement = _one(_read(section(medication(content))), "MedicationStatement")

    assert statement.get("dosage", [None]) == [dosage]


@pytest.mark.parametrize(("status", "told"), [("aborted", "stopped"), ("suspended", "on-hold"), ("completed", "completed"), ("nullified", "entered-in-error"), ("odd", "unknown")])
def test_each_status_of_a_medication_has_its_word(status: str, told: str) -> None:
    assert _one(_read(section(medication("", status=status))), "MedicationStatement")["status"] == told


def test_a_medication_that_is_denied_is_not_taken_and_none_known_is_no_medication() -> None:
    denied, none = ' negationInd="true"', '<code nullFlavor="OTH" codeSystem="2.16.840.1.113883.6.88"/>'

    assert _one(_read(section(medication("", negated=denied))), "MedicationStatement")["status"] == "not-taken"
    assert _one(_read(section(medication("", negated=denied, mood="INT"))), "MedicationRequest")["doNotPerform"] is True
    named = '<code nullFlavor="OTH"><originalText>Sertraline</originalText></code>'
    assert _one(_read(section(medication("", negated=denied, product=named))), "MedicationStatement")["status"] == "not-taken"
    received = _read(section(medication("", negated=denied, product=none), title="Medications"))
    assert (_of(received, "MedicationStatement"), received.unheld) == ([], ("Medications: Medication Activity",))


def test_the_words_of_every_section_are_kept_under_its_title() -> None:
    table = "<table><thead><tr><th>Drug</th><th>Dose</th></tr></thead><tbody><tr><td>Sertraline</td><td>100<br/>mg</td></tr></tbody></table>"
    received = _read(
        section(title="Plan", text=f"<text>Start  today.<list><item>Call</item><item>Walk</item></list>{table}</text>", more=section(title="Inner", text="<text>In</text>"))
    )

    assert _words(received) == "Plan\nStart today.\n- Call\n- Walk\nDrug | Dose\nSertraline | 100; mg\n\nInner\nIn"
    assert received.unheld == ("Plan", "Inner")


def test_what_no_resource_holds_is_named_by_its_section_and_template() -> None:
    organizer = '<organizer classCode="BATTERY"><templateId root="2.16.840.1.113883.10.20.22.4.1"/></organizer>'
    monitoring = '<entryRelationship typeCode="COMP"><act><templateId root="2.16.840.1.113883.10.20.22.4.123"/></act></entryRelationship>'
    received = _read(section(organizer, title="Results"), section(medication(f"<!--after-->{monitoring}"), title="Medications"), section(title="History"))

    assert received.unheld == ("Results: Result Organizer", "Medications: Drug Monitoring Act", "History")


def test_a_section_that_says_it_has_nothing_is_not_named() -> None:
    assert _read(section(title="Results").replace("<section>", '<section nullFlavor="NI">')).unheld == ()


def test_a_time_that_is_none_is_left_out_and_named() -> None:
    received = _read(section(problem(_VALUE, times='<effectiveTime><low value="200130311"/></effectiveTime>'), title="Problems"))

    assert "onsetDateTime" not in _one(received, "Condition")
    assert received.unheld == ("Problems: a time that is none",)


@pytest.mark.parametrize(("document", "sections", "told"), [("R", "", "R"), ("N", "V", "V"), ("ETH", "", "R"), ("N", "", "N")])
def test_resources_are_as_confidential_as_the_document_or_any_section_of_it(document: str, sections: str, told: str) -> None:
    inner = f'<confidentialityCode code="{sections}"/>' if sections else ""
    body = consultation(section(problem(_VALUE)).replace("<text/>", f"<text/>{inner}")).replace(b'confidentialityCode code="N"', f'confidentialityCode code="{document}"'.encode())
    received = read(body)

    assert received.confidentiality == told
    assert {label["code"] for one in received.resources for label in one["meta"]["security"]} == {told}


def test_the_client_is_named_in_every_resource_once_known() -> None:
    about = _read(section(problem(_VALUE))).about(CLIENT)

    assert [one["subject"] for one in about] == [CLIENT, CLIENT]


def test_one_place_of_a_long_narrative_takes_over_only_its_beginning() -> None:
    told = '<value xsi:type="CD" nullFlavor="OTH"><originalText><reference value="#w"/></originalText></value>'
    received = _read(section(problem(told), text=f'<text ID="w">{"word " * 2000}</text>'))

    assert len(_one(received, "Condition")["code"]["text"]) == 4000
    assert len(_words(received)) > 9_000
