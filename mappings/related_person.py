"""Guardian -> RelatedPerson (US Core)."""

from __future__ import annotations

from typing import Any

from gateway.record.types import Guardian
from mappings import codes
from mappings.element import address, days, human_name, meta, telecom
from mappings.identity import Site


def of_guardian(guardian: Guardian, site: Site) -> list[dict[str, Any]]:
    """Whether the person may consent has no element in R4; it stays with the record and decides there."""
    return [
        {
            "resourceType": "RelatedPerson",
            "id": site.id("guardian", guardian.id),
            "meta": meta("relatedperson"),
            "identifier": [site.identifier("guardian", guardian.id)],
            "active": guardian.active,
            "patient": site.reference("Patient", "client", guardian.client),
            "relationship": [codes.hl7("v3-RoleCode", guardian.relationship)],
            "name": [human_name(guardian.name)],
            "telecom": telecom(guardian.contact),
            "gender": guardian.sex,
            "address": address(guardian.address, "home"),
            "period": days(guardian.period.start, guardian.period.end),
        }
    ]
