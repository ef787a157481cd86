"""Whether one resource answers to a token criterion, read off the resource itself (https://hl7.org/fhir/R4/search.html#token)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.fhir.search_parameter import PARAMETERS
from gateway.fhir.search_query import Criterion
from gateway.fhir.search_value import elements, tokens


def token_matches(resource_type: str, resource: Mapping[str, Any], criterion: Criterion) -> bool:
    """For a criterion without a modifier; its alternatives are OR-ed."""
    found = [pair for path in PARAMETERS[resource_type][criterion.name].paths for element in elements(dict(resource), path) for pair in tokens(element)]
    return any(
        system in (None, its_system) and code in (None, its_code) and (system, code) != (None, None) for system, code in criterion.alternatives for its_code, its_system in found
    )
