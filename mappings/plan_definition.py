"""Protocol -> PlanDefinition: a way of working and the research it rests on (https://hl7.org/fhir/R4/plandefinition.html)."""

from __future__ import annotations

from typing import Any

from gateway.record.types import Citation, Protocol
from mappings import codes
from mappings.element import day, meta
from mappings.identity import Site

_USAGE = codes.THO + "usage-context-type"


def of_protocol(protocol: Protocol, site: Site) -> list[dict[str, Any]]:
    """About no one client; care plans and procedures name it by its `url`."""
    return [
        {
            "resourceType": "PlanDefinition",
            "id": site.id("protocol", protocol.id),
            "meta": meta(),
            "url": site.canonical("protocol", protocol.id),
            "identifier": [site.identifier("protocol", protocol.id)],
            "version": protocol.version,
            "title": protocol.title,
            "type": codes.hl7("plan-definition-type", "clinical-protocol"),
            "status": protocol.status,
            "date": day(protocol.published_on),
            "useContext": [{"code": codes.coding(_USAGE, "focus"), "valueCodeableConcept": codes.written((problem,), problem.text)} for problem in protocol.for_problems],
            "purpose": protocol.purpose,
            "topic": [protocol.code and codes.written((protocol.code,), protocol.title)],
            "relatedArtifact": [_cited(citation) for citation in protocol.citations],
            "action": [{"title": step.title, "description": step.text} for step in protocol.steps],
        }
    ]


def _cited(citation: Citation) -> dict[str, Any]:
    address = citation.url or (f"https://doi.org/{citation.doi}" if citation.doi else None)
    return {"type": "citation", "citation": citation.text, "url": address}
