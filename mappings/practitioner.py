"""Clinician and partner -> Practitioner and PractitionerRole (US Core)."""

from __future__ import annotations

from typing import Any

from gateway.record.types import Clinician, Partner
from mappings import codes, organization
from mappings.element import US_CORE, address, days, extension, human_name, meta, npi, said, telecom
from mappings.identity import Site


def of_clinician(clinician: Clinician, site: Site) -> list[dict[str, Any]]:
    me = site.reference("Practitioner", "clinician", clinician.id)
    reached = telecom(clinician.contact)
    return [
        {
            "resourceType": "Practitioner",
            "id": site.id("clinician", clinician.id),
            "meta": meta(*_person_profile(clinician)),
            "identifier": [site.identifier("clinician", clinician.id), npi(clinician.npi)],
            "active": clinician.active,
            "name": [human_name(clinician.name)],
            "telecom": reached,
            "qualification": [*_license(clinician), *({"code": said(each)} for each in clinician.qualifications)],
        },
        {
            "resourceType": "PractitionerRole",
            "id": site.id("clinician", clinician.id, "role"),
            "meta": meta(*_role_profile(reached, [])),
            "active": clinician.active,
            "practitioner": me,
            "organization": site.reference("Organization", "practice", clinician.practice),
            "code": [said(clinician.title)],
            "specialty": [_specialty(clinician.taxonomy, clinician.title)],
            "telecom": reached,
        },
    ]


def of_partner(partner: Partner, site: Site) -> list[dict[str, Any]]:
    """The partner's Organization first, then the person where one is named, the role, and the ways to send."""
    endpoints = organization.endpoints(partner, site)
    sent_to = [{"reference": f"Endpoint/{endpoint['id']}"} for endpoint in endpoints]
    reached = telecom(partner.contact)
    role = {
        "resourceType": "PractitionerRole",
        "id": site.id("partner", partner.id, "role"),
        "meta": meta(*_role_profile(reached, sent_to)),
        "active": partner.active,
        "practitioner": partner.name and site.reference("Practitioner", "partner", partner.id, "practitioner"),
        "organization": site.reference("Organization", "partner", partner.id, "organization"),
        "specialty": [_specialty(partner.taxonomy, partner.specialty)],
        "telecom": reached,
        "endpoint": sent_to,
    }
    return [organization.of_partner(partner, site, sent_to), *_partner_person(partner, site), role, *endpoints]


def _partner_person(partner: Partner, site: Site) -> list[dict[str, Any]]:
    if partner.name is None:
        return []
    return [
        {
            "resourceType": "Practitioner",
            "id": site.id("partner", partner.id, "practitioner"),
            "meta": meta(*_person_profile(partner)),
            "identifier": [site.identifier("partner", partner.id), npi(partner.npi)],
            "active": partner.active,
            "name": [human_name(partner.name)],
            "telecom": telecom(partner.contact),
            "address": address(partner.address, "work"),
        }
    ]


def _person_profile(person: Clinician | Partner) -> tuple[str, ...]:
    """US Core asks a practitioner for a family name; one known by a given name alone claims no profile."""
    return ("practitioner",) if person.name and person.name.family else ()


def _role_profile(reached: list[dict[str, Any]], sent_to: list[dict[str, Any]]) -> tuple[str, ...]:
    """US Core's pd-1 asks a role for contact information or an endpoint."""
    return ("practitionerrole",) if reached or sent_to else ()


def _specialty(taxonomy: str | None, text: str | None) -> dict[str, Any] | None:
    return codes.concept(codes.NUCC, taxonomy, text) if taxonomy else said(text)


def _license(clinician: Clinician) -> list[dict[str, Any]]:
    if not clinician.license_number:
        return []
    state = clinician.license_state
    jurisdiction = {"coding": [{"system": "https://www.usps.com/", "code": state}]} if state else None
    return [
        {
            "identifier": [{"extension": [jurisdiction and extension(US_CORE + "jurisdiction", valueCodeableConcept=jurisdiction)], "value": clinician.license_number}],
            "code": {"text": f"License, {clinician.title}" if clinician.title else "License"},
            "period": days(clinician.license_period.start, clinician.license_period.end),
            "issuer": {"display": state} if state else None,
        }
    ]
