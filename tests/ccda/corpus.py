"""A referral's package and a small Consultation Note, for the tests of C-CDA documents."""

from __future__ import annotations

from typing import Any

from lxml import etree

from mappings import resources_of
from mappings.ccda import care_plan, referral_note
from tests.mappings.corpus import SITE, record

ID = "0b6e1c1c-3c1a-4a55-9f0e-2f6d0c6d9d5e"
CREATED = "2025-01-13T08:05:00-05:00"
NS = {"c": "urn:hl7-org:v3", "sdtc": "urn:hl7-org:sdtc"}
CLIENT = {"reference": "Patient/1"}

_PACKAGE = ("practice", "clinician", "partner", "client", "guardian", "problem", "allergy", "medication_note", "outcome_measure", "risk_assessment", "safety_plan")


def resources(*kinds: str, **changed: Any) -> list[dict[str, Any]]:
    """The resources of the full records of these kinds; `changed` names a kind and the elements that differ."""
    return [resource for kind in kinds for resource in resources_of(record(kind, **changed.get(kind, {})), SITE)]


def package(**changed: Any) -> list[dict[str, Any]]:
    """What goes with a referral."""
    return resources(*_PACKAGE, "referral", **{"referral": {"status": "requested"}} | changed)


def plan() -> list[dict[str, Any]]:
    """What goes with a care plan."""
    return resources("practice", "clinician", "client", "problem", "treatment_plan", "outcome_measure")


def note(given: list[dict[str, Any]], **options: Any) -> etree._ElementTree:
    """The Referral Note of these resources, as a tree."""
    return etree.ElementTree(etree.fromstring(referral_note(given, document_id=ID, created=CREATED, **options)))


def plan_document(given: list[dict[str, Any]], **options: Any) -> etree._ElementTree:
    return etree.ElementTree(etree.fromstring(care_plan(given, document_id=ID, created=CREATED, **options)))


def found(document: etree._ElementTree, path: str) -> list[Any]:
    return list(document.xpath(path, namespaces=NS))


def consultation(sections: str = "", *, header: str = "", template: str = '<templateId root="2.16.840.1.113883.10.20.22.1.4" extension="2015-08-01"/>', before: str = "") -> bytes:
    """A Consultation Note written by hand, with these sections and this part of its header."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>{before}
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <realmCode code="US"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>{template}
  <id root="2.16.840.1.113883.19.5" extension="doc-1"/>
  <code code="11488-4" codeSystem="2.16.840.1.113883.6.1"/><title>Consult</title><effectiveTime value="202502031015-0500"/>
  <confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>
  <recordTarget><patientRole><id root="2.16.840.1.113883.19.5" extension="MRN-7"/>
    <patient><name><given>Ana</given><family>Okafor</family></name><administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19910417"/></patient>
  </patientRole></recordTarget>
  <author><time value="20250203"/><assignedAuthor><id root="2.16.840.1.113883.4.6" extension="2555000068"/>
    <assignedPerson><name><prefix>Dr.</prefix><given>Samir</given><family>Haddad</family></name></assignedPerson></assignedAuthor></author>
  {header}
  <component><structuredBody>{sections}</structuredBody></component>
</ClinicalDocument>""".encode()


def section(entries: str = "", *, title: str = "Section", text: str = "<text/>", more: str = "") -> str:
    body = "".join(f"<entry>{entry}</entry>" for entry in [entries] if entry)
    return f'<component><section><code code="x" codeSystem="2.16.840.1.113883.6.1"/><title>{title}</title>{text}{body}{more}</section></component>'


def problem(value: str, *, times: str = '<effectiveTime><low value="20240201"/></effectiveTime>', more: str = "", negated: str = "", concern: str = "active") -> str:
    """A Problem Concern Act with one Problem Observation."""
    return f"""<act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.3" extension="2015-08-01"/><id root="2.16.840.1.113883.19.5" extension="c1"/>
<code code="CONC" codeSystem="2.16.840.1.113883.5.6"/><statusCode code="{concern}"/><effectiveTime><low value="20240304"/></effectiveTime>
<entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN"{negated}><templateId root="2.16.840.1.113883.10.20.22.4.4"/>
<id root="2.16.840.1.113883.19.5" extension="p1"/>
<statusCode code="completed"/>{times}{value}{more}</observation></entryRelationship></act>"""


def medication(content: str, *, mood: str = "EVN", negated: str = "", product: str | None = None, template: str = "16", status: str = "active") -> str:
    """A medication activity of sertraline."""
    drug = product or '<code code="312941" codeSystem="2.16.840.1.113883.6.88" displayName="sertraline 50 MG Oral Tablet"/>'
    return f"""<substanceAdministration classCode="SBADM" moodCode="{mood}"{negated}><templateId root="2.16.840.1.113883.10.20.22.4.{template}" extension="2014-06-09"/>
<id root="2.16.840.1.113883.19.5" extension="m1"/><statusCode code="{status}"/>{content.partition("<!--after-->")[0]}
<consumable><manufacturedProduct><manufacturedMaterial>{drug}</manufacturedMaterial></manufacturedProduct></consumable>{content.partition("<!--after-->")[2]}</substanceAdministration>"""
