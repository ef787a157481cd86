"""Instruments on FHIR's side: the concept of each of their parts, and what a score is called.

Severity words and cut-offs describe a score, they decide nothing; each stands in the table with the word of whom.
"""

from __future__ import annotations

from typing import Any

from gateway.record.types import Instrument
from gateway.record.types.instrument import SCREENER, Answer, CutOff, Score, rated
from mappings import codes
from mappings.element import said

_UCUM = "http://unitsofmeasure.org"
_ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
RISK_LEVEL = SCREENER.score
"""What the C-SSRS screener comes to (https://loinc.org/93374-7)."""
CHANGE_MEANING = "urn:handoff:score-change"
"""The system of our own codes for what a change is called."""


def words(instrument: Instrument, part: str = "") -> str:
    """What a part of an instrument is called: the whole, its `score`, an item, a subscale or its `change`."""
    if part in instrument.items:
        return instrument.items[part].label
    if part in instrument.subscales:
        return f"{instrument.title} {instrument.subscales[part].label}"
    return f"{instrument.title}{ {'score': ' total score', 'change': ' change of score'}.get(part, '') }"


def concept(instrument: Instrument, part: str = "") -> dict[str, Any]:
    return codes.concept(*instrument.coded(part), words(instrument, part))


def quantity(score: Score) -> dict[str, Any]:
    return {"value": score, "unit": "{score}", "system": _UCUM, "code": "{score}"}


def coded_answer(answer: Answer, score: int) -> dict[str, Any]:
    """The answer's Coding with its weight (HL7 extension ordinalValue)."""
    return {"extension": [{"url": _ORDINAL, "valueDecimal": score}], **codes.coding(codes.LOINC, answer.code)}


def interpretation(instrument: Instrument, score: Score, sex: str | None = None) -> list[dict[str, Any] | None]:
    """The word of the score's band, then each verified cut-off that holds for this person."""
    found = rated(instrument, score, sex)
    return [said(found.band), *(_side(cut_off, met) for cut_off, met in found.cut_offs)]


def _side(cut_off: CutOff, met: bool) -> dict[str, Any] | None:
    """A screening is coded on either side; of any other cut-off only that it is met is said."""
    if not cut_off.screens:
        return said(cut_off.means) if met else None
    return codes.hl7("v3-ObservationInterpretation", "POS" if met else "NEG") | {"text": cut_off.means if met else "screens negative"}
