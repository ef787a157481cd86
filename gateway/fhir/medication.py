"""Reading a medication resource: which drug, which dose, how often; facts only, no I/O."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from gateway.fhir.directions import pieces_in, times_a_day

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_NUMBER = r"(?<![\w.,/])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+|\d+,\d{1,2})"
_STRENGTH = re.compile(rf"{_NUMBER}\s*(mcg|ug|mg|g|ml|units?|%)(?!\w)", re.IGNORECASE)
_HOURS = re.compile(r"\b\d+ ?(?:hr|hours?)\b", re.IGNORECASE)
_BRAND = re.compile(r"\[[^\]]*\]|\([^)]*\)")
_FORM = re.compile(r"\b(?:oral|sublingual|disintegrating|tablets?|tabs?|capsules?|caps?|solution|suspension|film|patch|po|sl)\b|/ ?\d+ ?ml\b", re.IGNORECASE)
_SALT = re.compile(r"\b(?:extended|release|delayed|hr|er|xr|xl|sr|dr|hcl|hydrochloride|sodium|carbonate)\b|[^a-z ]")
_FAMILIES = ("vitamin",)
"""First words that name no substance yet."""

_TO_MG = {"mcg": Fraction(1, 1000), "ug": Fraction(1, 1000), "mg": Fraction(1), "g": Fraction(1000)}
_PIECES = re.compile(r"1|\{?(?:tbl|tab|tablet|cap|capsule|pill|piece|patch|film)(?:s|es)?\}?")
"""Units of doseQuantity that count pieces: UCUM's `1` and annotations, http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm's TAB and CAP."""
_TIMING = {"QD": 1, "AM": 1, "PM": 1, "BED": 1, "BID": 2, "TID": 3, "QID": 4, "Q6H": 4, "Q8H": 3, "Q12H": 2}
"""Codes a day, http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation."""
_A_DAY = {"min": Fraction(1440), "h": Fraction(24), "d": Fraction(1), "wk": Fraction(1, 7)}
_OFTEN = {
    Fraction(1, 7): "once a week",
    Fraction(1, 2): "every other day",
    Fraction(1): "once a day",
    Fraction(2): "twice a day",
    Fraction(3): "three times a day",
    Fraction(4): "four times a day",
}


class Drug(NamedTuple):
    """The drug of a MedicationRequest or MedicationStatement. `words`: the title without strength or form, as a sentence says it; `name`: without salts too."""

    title: str
    words: str
    name: str
    code: str | None


class Dose(NamedTuple):
    """What is taken at a time and how often; None where the resource does not say it plainly. `amount` is in mg where the unit is one of mass."""

    amount: Fraction | None
    unit: str | None
    shown: str
    per_day: Fraction | None
    text: str


def drug_of(resource: dict[str, Any]) -> Drug:
    """The drug named by code, by a contained Medication, or by a reference's display. Raises nothing: without any, it is "a medication"."""
    concept = _concept(resource)
    codings = concept.get("coding", [])
    code = next((coding["code"] for coding in codings if coding.get("system") == RXNORM and re.fullmatch("[0-9]{1,16}", coding.get("code", ""))), None)
    title = concept.get("text") or next((coding["display"] for coding in codings if "display" in coding), "") or (f"RxNorm {code}" if code else "a medication")
    named = " ".join([*(coding.get("display", "") for coding in codings), concept.get("text", "")])
    return Drug(title, _words(title) or title, " ".join(dict.fromkeys(_SALT.sub(" ", _words(named)).split())), code)


def _words(title: str) -> str:
    plain = title
    for left_out in (_BRAND, _HOURS, _STRENGTH, _FORM):
        plain = left_out.sub(" ", plain)
    return " ".join(plain.casefold().split()).strip(" ,;/-")


def _concept(resource: dict[str, Any]) -> dict[str, Any]:
    if concept := resource.get("medicationCodeableConcept"):
        return dict(concept)
    reference = resource.get("medicationReference", {})
    inside: dict[str, Any] = next((one for one in resource.get("contained", []) if f"#{one.get('id')}" == reference.get("reference")), {})
    return dict(inside.get("code", {})) or ({"text": reference["display"]} if "display" in reference else {})


def same_drug(one: Drug, other: Drug) -> bool:
    """Same RxNorm code, or the same first word of the name (the ingredient, as titles are written)."""
    if one.code is not None and one.code == other.code:
        return True
    names = one.name.split(), other.name.split()
    length = 2 if any(name[:1] and name[0] in _FAMILIES for name in names) else 1
    return bool(one.name and other.name) and names[0][:length] == names[1][:length]


def dose_of(resource: dict[str, Any]) -> Dose:
    """What the instructions say; several of them (a titration, a morning and an evening dose) are shown in their own words."""
    instructions: list[dict[str, Any]] = resource.get("dosageInstruction", resource.get("dosage", []))
    text = "; then ".join(said for one in instructions if (said := one.get("text") or _quantities(one)))
    first = instructions[0] if instructions else {}
    amount, unit = _amount(resource, first) if len(instructions) < 2 else (None, None)
    per_day = _per_day(first) if len(instructions) < 2 else None
    if amount is None:
        return Dose(None, None, "", per_day, ", ".join(part for part in (_strengths(resource), text) if part))
    return Dose(amount * _TO_MG.get(unit or "", Fraction(1)), "mg" if unit in _TO_MG else unit, f"{_decimal(amount)} {unit}", per_day, first.get("text", ""))


def _quantities(instruction: dict[str, Any]) -> str:
    """The amounts as they stand, for an instruction without words."""
    found = []
    for rate in instruction.get("doseAndRate", []):
        ends = [rate.get("doseRange", {}).get(end) for end in ("low", "high")] if "doseRange" in rate else [rate.get("doseQuantity")]
        found.append(" to ".join(f"{end['value']} {end.get('unit', end.get('code', ''))}".strip() for end in ends if end and "value" in end))
    return " or ".join(part for part in found if part)


def _strengths(resource: dict[str, Any]) -> str:
    title = drug_of(resource).title
    return " / ".join(f"{number} {unit.casefold()}" for number, unit in _STRENGTH.findall(title))


def dose_texts(old: Dose | None, new: Dose) -> tuple[str | None, str]:
    """Both doses side by side: the amount alone where the schedule stayed ("50 mg", "100 mg"), with it where it did not."""
    if old is None:
        return None, _told(new, schedule=True)
    known = old.amount is not None and new.amount is not None
    often = old.per_day is not None and old.per_day == new.per_day
    in_words = known and often and (old.amount, old.unit) == (new.amount, new.unit) and old.text != new.text
    return _told(old, schedule=not (known and often), in_words=in_words), _told(new, schedule=not (known and often), in_words=in_words)


def _told(dose: Dose, *, schedule: bool, in_words: bool = False) -> str:
    often = _OFTEN.get(dose.per_day) if dose.per_day is not None and not in_words else None
    if not dose.shown:
        return dose.text or often or "dose not stated"
    if schedule and often:
        return f"{dose.shown} {often}"
    return f"{dose.shown}, {dose.text}" if (schedule or in_words) and dose.text else dose.shown


def _amount(resource: dict[str, Any], instruction: dict[str, Any]) -> tuple[Fraction | None, str | None]:
    """What is taken at a time: `doseAndRate` first, then tablets in the text, then a strength in the text, then the title's."""
    rates = instruction.get("doseAndRate", [])
    if len(rates) > 1 or any("doseRange" in rate for rate in rates):
        return None, None
    concept, text = _concept(resource), instruction.get("text", "")
    title = _strength(concept.get("text", "")) or _strength(next((coding["display"] for coding in concept.get("coding", []) if "display" in coding), ""))
    if rates and "doseQuantity" in rates[0]:
        return _of_quantity(rates[0]["doseQuantity"], title)
    pieces = pieces_in(text)
    if pieces is None:
        return None, None
    if pieces and title:
        return title[0] * pieces, title[1]
    return _strength(text) or title or (None, None)


def _of_quantity(quantity: dict[str, Any], strength: tuple[Fraction, str] | None) -> tuple[Fraction | None, str | None]:
    unit = str(quantity.get("code", quantity.get("unit", "1"))).casefold()
    if "value" not in quantity or "comparator" in quantity:
        return None, None
    value = Fraction(str(quantity["value"]))
    if unit in _TO_MG or unit in ("ml", "unit", "units"):
        return value, unit
    return (value * strength[0], strength[1]) if strength and _PIECES.fullmatch(unit) else (None, None)


def _strength(text: str) -> tuple[Fraction, str] | None:
    """The one strength that a text names; None for none, and for two different ones (a combination)."""
    found = {(Fraction(_plain(number)), unit.casefold()) for number, unit in _STRENGTH.findall(text)}
    return found.pop() if len(found) == 1 else None


def _plain(number: str) -> str:
    """1,000 is a thousand; 2,5 (as some write it) is two and a half."""
    return number.replace(",", "") if re.search(r",\d{3}(?!\d)", number) else number.replace(",", ".")


def _per_day(instruction: dict[str, Any]) -> Fraction | None:
    timing = instruction.get("timing", {})
    repeat = timing.get("repeat", {})
    if "period" in repeat and "frequencyMax" not in repeat and "periodMax" not in repeat:
        period = Fraction(str(repeat["period"]))
        units = _A_DAY.get(repeat.get("periodUnit", ""))
        return Fraction(repeat.get("frequency", 1)) * units / period if units and period else None
    codes = [_TIMING[coding["code"]] for coding in timing.get("code", {}).get("coding", []) if coding.get("code") in _TIMING]
    return Fraction(codes[0]) if codes else times_a_day(instruction.get("text", ""))


def _decimal(amount: Fraction) -> str:
    """At most four decimals, none where the amount is whole."""
    text = f"{Decimal(amount.numerator) / Decimal(amount.denominator):.4f}"
    return text.rstrip("0").rstrip(".")
