"""Coverage -> Coverage (US Core): who pays, so that a partner knows; nothing is billed from here."""

from __future__ import annotations

from typing import Any

from gateway.record.types import Coverage
from mappings import codes
from mappings.element import days, meta, said
from mappings.identity import Site


def of_coverage(coverage: Coverage, site: Site) -> list[dict[str, Any]]:
    """The payer has no record of its own and is named in words."""
    return [
        {
            "resourceType": "Coverage",
            "id": site.id("coverage", coverage.id),
            "meta": meta(*_profile(coverage)),
            "identifier": [site.identifier("coverage", coverage.id), _member_id(coverage)],
            "status": coverage.status,
            "type": said(coverage.type),
            "subscriberId": coverage.member_id if coverage.relationship == "self" else None,
            "beneficiary": site.reference("Patient", "client", coverage.client),
            "relationship": codes.hl7("subscriber-relationship", coverage.relationship),
            "period": days(coverage.period.start, coverage.period.end),
            "payor": [{"display": coverage.payer}],
            "class": [_class("group", coverage.group), _class("plan", coverage.plan)],
            "order": coverage.rank,
        }
    ]


def _profile(coverage: Coverage) -> tuple[str, ...]:
    """US Core asks for a member number (us-core-15); a coverage without one claims no profile."""
    return ("coverage",) if coverage.member_id else ()


def _member_id(coverage: Coverage) -> dict[str, Any] | None:
    return {"type": codes.hl7("v2-0203", "MB"), "value": coverage.member_id} if coverage.member_id else None


def _class(code: str, value: str | None) -> dict[str, Any] | None:
    return {"type": codes.hl7("coverage-class", code), "value": value} if value else None
