"""A therapy practice does not prescribe: no order for a medication of its own making comes into the store, by whatever way."""

from __future__ import annotations

from typing import Any

from gateway.fhir import outcome

ORDERING = ("order", "original-order", "reflex-order", "filler-order", "instance-order")
"""Intents that make a MedicationRequest an order (https://hl7.org/fhir/R4/valueset-medicationrequest-intent.html)."""


def check_no_order(resource: dict[str, Any]) -> None:
    """Raise 422 where a resource of the practice is an order for a medication, or contains one."""
    for at, one in enumerate([resource, *resource.get("contained", ())]):
        if one.get("resourceType") == "MedicationRequest" and one.get("intent") in ORDERING:
            place = f"{resource['resourceType']}.contained[{at - 1}].intent" if at else "MedicationRequest.intent"
            raise outcome.refused_by_workflow("A therapy practice does not prescribe: record a medication with intent plan, or ask a prescriber for it.", place)
