"""Reading a medication resource: which drug, which dose, how often; facts only, no I/O."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, NamedTuple

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_STRENGTH = re.compile(r"(\d+(?:[.,]\d+)?)\s*(mcg|mg|g|ml|units?|%)\b", re.IGNORECASE)
_FORM = re.compile(
    r"\b(oral|tablets?|tabs?|capsules?|caps?|solution|film|extended|release|delayed|hr|24|er|xr|xl|sr|dr|hcl|hydrochloride|sodium|carbonate|sl|po)\b|[^a-z ]", re.IGNORECASE
)


class Drug(NamedTuple):
    """The drug of a MedicationRequest or MedicationStatement. `name` is its words without strength or form, folded."""

    title: str
    name: str
    code: str | None


class Dose(NamedTuple):
    """An amount in one unit, taken so many times a day; None where the resource does not say."""

    text: str
    amount: Decimal | None
    unit: str | None
    per_day: Decimal | None


def drug_of(resource: dict[str, Any]) -> Drug:
    """Raises nothing: a drug by reference alone has an empty name."""
    concept = resource.get("medicationCodeableConcept", {})
    codings = concept.get("coding", [])
    code = next((coding["code"] for coding in codings if coding.get("system") == RXNORM and "code" in coding), None)
    title = concept.get("text") or next((coding["display"] for coding in codings if "display" in coding), "") or (f"RxNorm {code}" if code else "a medication")
    words = _FORM.sub(" ", _STRENGTH.sub(" ", " ".join([*(coding.get("display", "") for coding in codings), concept.get("text", "")])).casefold())
    return Drug(title, " ".join(dict.fromkeys(words.split())), code)


def same_drug(one: Drug, other: Drug) -> bool:
    """Same RxNorm code, or the same first word of the name (the ingredient, as titles are written)."""
    if one.code is not None and one.code == other.code:
        return True
    return bool(one.name and other.name) and one.name.split()[0] == other.name.split()[0]


def dose_of(resource: dict[str, Any]) -> Dose:
    """The dose a day: strength times units from `doseAndRate`, else the strength the title names; text always."""
    instructions = resource.get("dosageInstruction", resource.get("dosage", []))
    first: dict[str, Any] = instructions[0] if instructions else {}
    strength, unit = _strength(drug_of(resource).title, resource)
    quantity: dict[str, Any] = next((rate["doseQuantity"] for rate in first.get("doseAndRate", []) if "doseQuantity" in rate), {})
    value = Decimal(str(quantity["value"])) if "value" in quantity else None
    dose_unit = str(quantity.get("code", quantity.get("unit", ""))).casefold()
    if value is not None and re.fullmatch(r"mcg|ug|mg|g|ml", dose_unit):
        strength, unit = value, dose_unit
    elif value is not None and strength is not None:
        strength = strength * value
    per_day = _per_day(first)
    return Dose(_dose_text(strength, unit, first.get("text")), strength, unit, per_day)


def _strength(title: str, resource: dict[str, Any]) -> tuple[Decimal | None, str | None]:
    displays = [coding.get("display", "") for coding in resource.get("medicationCodeableConcept", {}).get("coding", [])]
    for text in (title, *displays):
        if match := _STRENGTH.search(text):
            return Decimal(match[1].replace(",", ".")), match[2].casefold()
    return None, None


def _per_day(instruction: dict[str, Any]) -> Decimal | None:
    repeat = instruction.get("timing", {}).get("repeat", {})
    if not {"frequency", "period", "periodUnit"} <= repeat.keys():
        return None
    days = {"h": Decimal(1) / 24, "d": Decimal(1), "wk": Decimal(7)}.get(repeat["periodUnit"])
    return Decimal(repeat["frequency"]) / (Decimal(str(repeat["period"])) * days) if days else None


def _dose_text(strength: Decimal | None, unit: str | None, text: str | None) -> str:
    amount = f"{strength.normalize():f} {unit}" if strength is not None else ""
    return ", ".join(part for part in (amount, text) if part) or "dose not stated"
