"""What every resource about a medication says alike, whatever changed."""

from __future__ import annotations

from typing import Any

from gateway.clock import from_ms
from gateway.context import Context
from gateway.fhir.medication import RXNORM, Drug
from gateway.incoming.ground import client_of, contact_of, source_of, who
from gateway.medication.change import line
from gateway.record.types import Code
from gateway.store.engine import Connection
from gateway.store.resource import Stored


def heard(context: Context, connection: Connection, stored: Stored, drug: Drug, by: dict[str, Any], part: str = "") -> dict[str, Any]:
    """Fields of a MedicationChange: whose, which drug, by whom (`by`, a Reference), when, and from which resource (`part` of it)."""
    return {
        "client": client_of(connection, context.principal.practice, stored.patient),
        "patient": f"Patient/{stored.patient}",
        "drug": line(drug.title),
        "drug_code": Code(system=RXNORM, code=drug.code) if drug.code else None,
        "prescriber": who(context, connection, by),
        "prescriber_contact": contact_of(context, connection, by),
        "source": f"{source_of(stored)}{part}",
        "received_at": from_ms(context.now),
    }
