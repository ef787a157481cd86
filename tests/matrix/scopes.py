"""What a scope string allows and reaches, read a second time from SMART 2.2.0 (security.md section 1.4), and the strings that the matrix crosses with everyone."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
CONDITION = "http://terminology.hl7.org/CodeSystem/condition-category"
HEALTH_CONCERN = "http://hl7.org/fhir/us/core/CodeSystem/condition-category"

STRINGS = (
    "system/*.cruds",
    "user/*.cruds",
    "patient/*.cruds",
    "system/*.rs",
    "user/*.rs",
    "patient/*.rs",
    "system/*.read",
    "user/*.read",
    "patient/*.read",
    "system/*.write",
    "user/*.write",
    "patient/*.write",
    "system/*.* user/*.* patient/*.*",
    "system/*.c user/*.c patient/*.c",
    "system/*.r user/*.r patient/*.r",
    "system/*.u user/*.u patient/*.u",
    "system/*.d user/*.d patient/*.d",
    "system/*.s user/*.s patient/*.s",
    "system/*.cu user/*.cu patient/*.cu",
    "system/Patient.rs user/Patient.rs",
    "system/Patient.rs system/Condition.crus user/Patient.rs user/Condition.crus",
    "patient/Condition.rs patient/Observation.rs patient/Patient.r",
    "user/Patient.r user/Condition.s patient/Condition.r system/Condition.s system/Patient.r",
    "user/Practitioner.rs user/Organization.rs system/Organization.rs system/PractitionerRole.rs",
    f"user/Observation.rs?category={CATEGORY}|survey system/Observation.rs?category={CATEGORY}|survey user/Patient.rs",
    "user/Observation.crus?category=survey system/Observation.crus?category=survey",
    f"patient/Observation.rs?category={CATEGORY}|survey patient/Condition.crus?category={CONDITION}|problem-list-item",
    f"user/Condition.rs?category={CONDITION}|problem-list-item system/Condition.rs?category={CONDITION}|problem-list-item user/Provenance.rs system/Provenance.rs",
    f"user/Condition.crus?category={HEALTH_CONCERN}|health-concern system/Condition.crus?category={HEALTH_CONCERN}|health-concern",
    f"user/Condition.rs?category={CONDITION}|problem-list-item user/Condition.rs?category=health-concern system/Condition.r?category=health-concern system/Condition.s",
    "user/Condition.rs?category=nothing-like-it system/Condition.rs?category=nothing-like-it user/*.s system/*.s",
    "user/Condition.rs?category=problem-list-item&category=health-concern system/Condition.rs?category=problem-list-item&category=health-concern",
    "user/*.rs patient/*.cruds",
    "patient/*.rs user/Observation.cu system/*.r",
    "openid fhirUser profile",
    "openid fhirUser launch/patient offline_access patient/*.rs",
    "launch online_access user/*.rs",
    "__record.write",
    "system/*.cruds __record.write",
    "user/*.cruds __record.write",
    "https://scopes.example.org/anything user/CodeSystem.rs system/CodeSystem.rs",
    "user/Task.crus user/ServiceRequest.crus user/Communication.crus system/Task.rs system/ServiceRequest.rs system/Communication.rs",
)

_RESOURCE_SCOPE = re.compile(r"(patient|user|system)/(\*|[A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)(?:\?(.*))?")
_LETTERS = {"read": "rs", "write": "cud", "*": "cruds"}


class Clause(NamedTuple):
    """One resource scope: in whose name, which type, which letters, and what a resource must meet."""

    context: str
    kind: str
    letters: str
    query: tuple[tuple[str, str], ...]

    def is_for(self, kind: str, letter: str) -> bool:
        return self.kind in ("*", kind) and letter in self.letters

    def is_met_by(self, resource: dict[str, Any]) -> bool:
        return all(any(_meets(coding, value) for coding in _codings(resource, name)) for name, value in self.query)


def clauses(text: str, contexts: frozenset[str]) -> list[Clause]:
    """The resource scopes of a string that count in these contexts."""
    found = [_RESOURCE_SCOPE.fullmatch(word) for word in text.split()]
    all_of_it = [Clause(one[1], one[2], _LETTERS.get(one[3], one[3]), tuple(parse_qsl(one[4] or ""))) for one in found if one]
    return [one for one in all_of_it if one.context in contexts]


def _codings(resource: dict[str, Any], name: str) -> list[tuple[str, str]]:
    assert name == "category", "the matrix draws queries by category alone"
    element = resource.get("category", [])
    concepts = element if isinstance(element, list) else [element]
    return [(coding.get("system", ""), coding.get("code", "")) for concept in concepts for coding in concept.get("coding", [])]


def _meets(coding: tuple[str, str], value: str) -> bool:
    """A token search value (https://hl7.org/fhir/R4/search.html#token): `code` or `system|code`."""
    system, bar, code = value.rpartition("|")
    return coding[1] == code and (not bar or coding[0] == system)
