"""Practice and partner -> Organization (US Core), and a partner's Endpoints."""

from __future__ import annotations

from typing import Any

from gateway.record.types import Partner, Practice
from mappings import codes
from mappings.element import address, meta, npi, telecom
from mappings.identity import Site


def of_practice(practice: Practice, site: Site) -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Organization",
            "id": site.id("practice", practice.id),
            "meta": meta("organization"),
            "identifier": [site.identifier("practice", practice.id), npi(practice.npi)],
            "active": practice.active,
            "type": [codes.hl7("organization-type", "prov"), practice.taxonomy and codes.concept(codes.NUCC, practice.taxonomy)],
            "name": practice.name,
            "telecom": _without_use_home(telecom(practice.contact)),
            "address": _without_use_home(address(practice.address, "work")),
            "partOf": practice.part_of and site.reference("Organization", "practice", practice.part_of),
        }
    ]


def of_partner(partner: Partner, site: Site, endpoint: list[dict[str, Any]]) -> dict[str, Any]:
    """The organization of a partner; its note stays inside, it is the practice's own remark."""
    return {
        "resourceType": "Organization",
        "id": site.id("partner", partner.id, "organization"),
        "meta": meta("organization"),
        "identifier": [site.identifier("partner", partner.id), None if partner.name else npi(partner.npi)],
        "active": partner.active,
        "type": [codes.hl7("organization-type", "prov")],
        "name": partner.organization,
        "telecom": _without_use_home(telecom(partner.contact)),
        "address": _without_use_home(address(partner.address, "work")),
        "endpoint": endpoint,
    }


def endpoints(partner: Partner, site: Site) -> list[dict[str, Any]]:
    """How to send to a partner: its FHIR base (part `endpoint`), its Direct address (part `direct`)."""
    direct = partner.contact.direct_address
    wires = (
        ("endpoint", "hl7-fhir-rest", partner.fhir_base),
        ("direct", "direct-project", f"mailto:{direct}" if direct else None),
    )
    return [
        {
            "resourceType": "Endpoint",
            "id": site.id("partner", partner.id, part),
            "status": "active" if partner.active else "off",
            "connectionType": codes.coding(codes.THO + "endpoint-connection-type", wire),
            "name": partner.organization,
            "managingOrganization": site.reference("Organization", "partner", partner.id, "organization"),
            "payloadType": [codes.hl7("endpoint-payload-type", "any")],
            "address": to,
        }
        for part, wire, to in wires
        if to
    ]


def _without_use_home(ways: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An organization has no home (https://hl7.org/fhir/R4/organization.html, org-2 and org-3)."""
    return [way if way.get("use") != "home" else way | {"use": "work"} for way in ways]
