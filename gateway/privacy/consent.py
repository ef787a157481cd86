"""The client's word as a row: what a Consent record opens, to whom, for what, and until when."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from gateway.clock import to_ms
from gateway.privacy import label
from gateway.privacy.category import mask
from gateway.record.types import Consent
from gateway.store.release import FOR_EVER

PURPOSES = {"treatment": "TREAT", "care-coordination": "TREAT", "payment": "HPAYMT", "operations": "HOPERAT", "legal": "HLEGAL", "patient-request": "PATRQT", "other": "OTHER"}
"""Purpose of the record -> v3-ActReason purpose of use; coordination of care is treatment (45 CFR 164.501)."""


def release_row(consent: Consent, practice: str, consent_id: str, patient: str, zone: tzinfo) -> dict[str, Any] | None:
    """The row that a consent opens; None where it opens nothing (only obtaining, no partner on file).

    A revoked consent's row ends at the start of the day of its revocation, an ended one with its last day.
    """
    if consent.direction == "obtain" or consent.partner is None:
        return None
    starts = _start_of(consent.period.start or consent.signed_on, zone)
    ends = _start_of(consent.period.end + timedelta(days=1), zone) if consent.period.end else FOR_EVER
    if consent.revoked_on:
        ends = min(ends, _start_of(consent.revoked_on, zone))
    return {
        "practice": practice,
        "consent": consent_id,
        "recipient": consent.partner,
        "patient": patient,
        "categories": mask(consent.categories),
        "cleared": label.RELEASED | (label.SUBSTANCE_USE if consent.part2 and "sud_records" in consent.categories else 0),
        "purpose": PURPOSES[consent.purpose],
        "starts_at": starts,
        "ends_at": ends,
    }


def _start_of(day: date | None, zone: tzinfo) -> int:
    return to_ms(datetime.combine(day, time.min, zone)) if day else 0
