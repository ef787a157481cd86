"""What is sensitive: the security labels of a resource, decided by tables of codes, each with its source.

A label is one bit; a reader must be cleared for all bits of a resource. What no table knows gets UNKNOWN, which no
release clears. Label codes: v3-ActCode and v3-Confidentiality as DS4P uses them
(http://hl7.org/fhir/uv/security-label-ds4p, https://hl7.org/fhir/R4/security-labels.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from gateway.fhir.search_value import elements
from gateway.privacy.category import CATALOGUE_TYPES
from gateway.record.types.instrument import TABLE, Instrument

_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
SENSITIVITY_TAG = "urn:handoff:sensitivity"
"""The system of the tag by which a mapping passes on that the practice tightened a record."""

BH = 1 << 0
SUD = 1 << 1
ETHUD = 1 << 2
OPIOIDUD = 1 << 3
PART2 = 1 << 4
HIV = 1 << 5
SDV = 1 << 6
RESTRICTED = 1 << 7
UNKNOWN = 1 << 8

SUBSTANCE_USE = SUD | ETHUD | OPIOIDUD | PART2
"""What only a 42 CFR Part 2 consent clears."""
RELEASED = BH
"""What an ordinary release of information clears."""

_CODINGS: dict[int, tuple[str, ...]] = {BH: ("BH",), SUD: ("SUD",), ETHUD: ("ETHUD",), OPIOIDUD: ("OPIOIDUD",), PART2: ("42CFRPart2", "NORDSCLCD"), HIV: ("HIV",), SDV: ("SDV",)}

_RECEIVED = {"U": 0, "L": 0, "M": 0, "N": 0, "R": 0, "V": RESTRICTED, "ETH": SUD | PART2, "PSY": BH, "MH": BH}
"""Labels that partners send beside those that we do; any other is one that no release clears."""

_TIGHTENING = {"tag", "security"}
_KNOWN = {code: bit for bit, codes in _CODINGS.items() for code in codes} | _RECEIVED

_ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
_SNOMED = "http://snomed.info/sct"
_LOINC = "http://loinc.org"
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
KNOWN_SYSTEMS = (
    _ICD10,
    _SNOMED,
    _LOINC,
    _RXNORM,
    "http://www.ama-assn.org/go/cpt",
    "http://hl7.org/fhir/sid/ndc",
    "http://fdasis.nlm.nih.gov",
    "http://nucc.org/provider-taxonomy",
)

_ICD10_LABELS: tuple[tuple[re.Pattern[str], int], ...] = (
    # F17 (nicotine) is left out: 42 CFR 2.11 excludes tobacco and caffeine from "substance use disorder".
    (re.compile(r"F10|K70|G62\.1|Z71\.4|R78\.0|O99\.31|T51"), SUD | ETHUD | PART2),
    (re.compile(r"F11|Z79\.891"), SUD | OPIOIDUD | PART2),
    (re.compile(r"F1[2345689]|Z71\.5|O99\.32|F55"), SUD | PART2),
    (re.compile(r"B20|Z21|R75|O98\.7"), HIV),
    (re.compile(r"T74|T76|Z69|Y07"), SDV),
    (re.compile(r"F|R45|Z6[0-5]|T14\.91|Z91\.5|X7[1-9]|X8[0-3]"), BH),
)
"""ICD-10-CM chapters and blocks (CDC/NCHS tabular list); first match wins, the rest is ordinary health information."""

_INSTRUMENT_LABELS: dict[str | None, int] = {"alcohol": SUD | ETHUD, "drug": SUD, "inside": RESTRICTED, None: 0}
"""By the word of the instruments' table. `inside` is the practice's export policy for scores of the alliance: not psychotherapy notes, and they stay."""


def _parts(instrument: Instrument) -> Iterator[tuple[str, str]]:
    """Every code under which something of an instrument can leave: the whole, its scores, its change, its items."""
    yield from (instrument.coded(part) for part in ("", "score", "change", *instrument.items, *instrument.subscales))


_CODE_LABELS: dict[tuple[str, str], int] = {
    **{place: bits for each in TABLE.values() if (bits := _INSTRUMENT_LABELS[each.label]) for place in _parts(each)},
    (_SNOMED, "7200002"): SUD | ETHUD | PART2,  # Alcoholism
    (_SNOMED, "5602001"): SUD | OPIOIDUD | PART2,  # Opioid abuse
    (_SNOMED, "401266006"): SUD | PART2,  # Referral to drug abuse counselor
    (_LOINC, "87254-9"): SUD,  # Addiction medicine consult note
    (_RXNORM, "1010604"): SUD | OPIOIDUD | PART2,  # buprenorphine and naloxone film
    (_RXNORM, "1483744"): SUD | PART2,  # naltrexone
    (_RXNORM, "835726"): SUD | ETHUD | PART2,  # acamprosate
    (_RXNORM, "197623"): SUD | ETHUD | PART2,  # disulfiram
}

_WORDS: tuple[tuple[re.Pattern[str], int], ...] = (
    (
        re.compile(r"\b(buprenorphin\w*|naloxon\w*|naltrexon\w*|methadon\w*|suboxone|subutex|sublocade|brixadi|zubsolv|vivitrol|lofexidin\w*|lucemyra)\b", re.IGNORECASE),
        SUD | OPIOIDUD | PART2,
    ),
    (re.compile(r"\b(acamprosat\w*|campral|disulfiram|antabuse)\b", re.IGNORECASE), SUD | ETHUD | PART2),
    (re.compile(r"\b(alcohol\w*|drink(s|ing)?|drunk|sober|sobriety|detox\w*|AUDIT|AUDIT-C)\b", re.IGNORECASE), SUD | ETHUD | PART2),
    (re.compile(r"\b(opioid\w*|opiate\w*|heroin|fentanyl|oxycodon\w*|cocaine|meth|methamphetamin\w*|cannabis use disorder)\b", re.IGNORECASE), SUD | OPIOIDUD | PART2),
    (
        re.compile(r"\b(substance|addict\w*|overdos\w*|sponsor|twelve[- ]step|12[- ]step|DAST|SUD|OUD|AUD|MAT|relaps\w*|recovery (clinic|program|meeting)\w*)\b", re.IGNORECASE),
        SUD | PART2,
    ),
    (re.compile(r"\b(HIV|AIDS|PrEP|antiretroviral\w*)\b"), HIV),
    (re.compile(r"\b(domestic violence|sexual assault|partner violence|strangl\w*)\b", re.IGNORECASE), SDV),
)
"""Words in a title where the practice wrote no code (drug names from FDA labels); they only ever tighten."""

_QUESTIONNAIRE_LABELS = {each.questionnaire: _INSTRUMENT_LABELS[each.label] for each in TABLE.values()}
"""A filled-in instrument by the canonical we give it."""

_CODED = {
    "Condition": ("code",),
    "Observation": ("code", "valueCodeableConcept", "interpretation"),
    "MedicationRequest": ("medicationCodeableConcept", "reasonCode"),
    "MedicationStatement": ("medicationCodeableConcept", "reasonCode"),
    "MedicationDispense": ("medicationCodeableConcept",),
    "List": ("code",),
    "AllergyIntolerance": ("code",),
    "ServiceRequest": ("code", "reasonCode"),
    "DocumentReference": ("type",),
    "Encounter": ("type", "reasonCode"),
    "CarePlan": ("category",),
    "Goal": ("category", "description", "target.measure"),
    "Communication": ("category", "topic", "reasonCode"),
    "Procedure": ("code", "category", "reasonCode", "outcome"),
    "FamilyMemberHistory": ("condition.code",),
    "ClinicalImpression": ("finding.itemCodeableConcept", "prognosisCodeableConcept"),
    "Flag": ("code", "category"),
}
NARRATIVE = ("CarePlan", "Goal", "CareTeam", "DocumentReference", "ServiceRequest", "Task", "Communication", "Procedure", "ClinicalImpression", "List")
"""Types that carry the story in free text: for a client in substance-use treatment all of it is a Part 2 record."""

CLINICAL_EVIDENCE = ("Condition", "MedicationRequest", "MedicationStatement", "MedicationDispense")
"""Where a Part 2 label says that the client is in substance-use treatment."""
_ORDINARY = ("Patient", "RelatedPerson", "Practitioner", "PractitionerRole", "Organization", "Endpoint", "Consent", "Coverage", "PlanDefinition", *CATALOGUE_TYPES)


def labels_of(resource: dict[str, Any], *, in_sud_treatment: bool) -> int:
    """Everything a reader must be cleared for. `in_sud_treatment`: the client has Part 2 evidence on file."""
    resource_type = resource["resourceType"]
    if resource_type in _ORDINARY:
        return _tightened(resource)
    labels = BH | _tightened(resource)
    for concept in _concepts(resource):
        labels |= _of_concept(concept)
    if resource_type == "QuestionnaireResponse":
        canonical = str(resource.get("questionnaire", "")).split("|")[0]
        labels |= _QUESTIONNAIRE_LABELS.get(canonical, 0) | _of_code(_LOINC, canonical.rsplit("/", 1)[-1])
    if in_sud_treatment and resource_type in NARRATIVE:
        labels |= SUD | PART2
    if resource_type == "Encounter" and labels & RESTRICTED and in_sud_treatment:
        labels = labels & ~RESTRICTED | SUD | PART2
    return labels


def depends_on_treatment(resource: dict[str, Any]) -> bool:
    """Whether the labels of this resource hang on the client being in substance-use treatment."""
    return resource["resourceType"] in NARRATIVE or resource["resourceType"] == "Encounter"


@cache
def security(labels: int) -> list[dict[str, Any]]:
    """`meta.security` for a set of labels: confidentiality first, then sensitivity, policy and refrain."""
    confidentiality = "V" if labels & (RESTRICTED | UNKNOWN) else "R" if labels else "N"
    codes = [code for bit, found in _CODINGS.items() if labels & bit for code in found]
    return [{"system": _CONFIDENTIALITY, "code": confidentiality}, *({"system": _ACT_CODE, "code": code} for code in codes)]


def _tightened(resource: dict[str, Any]) -> int:
    if not resource.get("meta", {}).keys() & _TIGHTENING:
        return 0
    tags = [tag.get("code") for tag in resource.get("meta", {}).get("tag", ()) if tag.get("system") == SENSITIVITY_TAG]
    received = {label.get("code") for label in resource.get("meta", {}).get("security", ()) if label.get("system") in (_ACT_CODE, _CONFIDENTIALITY)}
    tightened = (RESTRICTED if "restricted" in tags else 0) | (SUD | PART2 if "substance-use" in tags else 0)
    for code in received:
        tightened |= _KNOWN.get(code, UNKNOWN)
    return tightened


def untagged(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource without the practice's tightening tags: labels say it from here on."""
    meta = resource.get("meta", {})
    if "tag" not in meta:
        return resource
    kept = [tag for tag in meta["tag"] if tag.get("system") != SENSITIVITY_TAG]
    return resource | {"meta": {name: value for name, value in meta.items() if name != "tag"} | ({"tag": kept} if kept else {})}


def _concepts(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in _CODED.get(resource["resourceType"], ()):
        yield from elements(resource, path)
    if resource["resourceType"] == "List":  # its entries name drugs in words
        yield from ({"text": entry.get("item", {}).get("display", "")} for entry in resource.get("entry", ()))


def _of_concept(concept: dict[str, Any]) -> int:
    labels, said = 0, [concept.get("text", "")]
    for coding in concept.get("coding", ()):
        labels |= _of_code(coding.get("system", ""), coding.get("code", ""))
        said += [extension["valueString"] for extension in coding.get("extension", ()) if "valueString" in extension]
    for text in said:
        labels |= _of_words(text)
    return labels


@lru_cache(maxsize=4096)
def _of_words(text: str) -> int:
    labels = 0
    for words, bits in _WORDS:
        if words.search(text):
            labels |= bits
    return labels


@lru_cache(maxsize=4096)
def _of_code(system: str, code: str) -> int:
    if system == _ICD10:
        return next((bits for pattern, bits in _ICD10_LABELS if pattern.match(code.upper())), 0)
    if system in KNOWN_SYSTEMS or system.startswith(("http://terminology.hl7.org/", "http://hl7.org/fhir/", "urn:handoff:")):
        return _CODE_LABELS.get((system, code), 0)
    return UNKNOWN if code else 0
