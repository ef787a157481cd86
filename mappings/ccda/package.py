"""The resources a document is made of, found by type and by reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_LEVELS = ("N", "R", "V")
"""What a US Realm document may say, from low to high; anything lower is told as N."""

Resource = dict[str, Any]


class Package:
    """What may leave, as it may leave: nothing is looked up anywhere else."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._resources = resources
        self._by_reference = {f"{one['resourceType']}/{one['id']}": one for one in resources if one.get("id")}

    def of(self, resource_type: str) -> list[Resource]:
        """Every resource of a type that was not entered in error, in the order given."""
        return [one for one in self._resources if one["resourceType"] == resource_type and not _in_error(one)]

    def one(self, resource_type: str) -> Resource:
        """The first of a type; an empty one where there is none."""
        return next(iter(self.of(resource_type)), {})

    def at(self, reference: Resource | None) -> Resource:
        """What a reference points to; an empty resource where it is not in the package."""
        return self._by_reference.get((reference or {}).get("reference", ""), {})

    def confidentiality(self) -> str:
        """The highest confidentiality any resource is labelled with."""
        labels = {label.get("code") for one in self._resources for label in one.get("meta", {}).get("security", []) if label.get("system") == _CONFIDENTIALITY}
        return next((level for level in reversed(_LEVELS) if level in labels), "N")

    def concept(self, resource: Resource, element: str) -> Resource:
        """A concept that stands in the resource, in a contained one, or in one of the package: `medication` say."""
        if stands := resource.get(f"{element}CodeableConcept"):
            return dict(stands)
        reference = resource.get(f"{element}Reference", {})
        inside = next((one for one in resource.get("contained", []) if f"#{one.get('id')}" == reference.get("reference")), None)
        return dict((inside or self.at(reference)).get("code") or ({"text": reference["display"]} if reference.get("display") else {}))


def _in_error(resource: Resource) -> bool:
    marks = [resource.get("status"), resource.get("lifecycleStatus"), *(coding.get("code") for coding in resource.get("verificationStatus", {}).get("coding", []))]
    return "entered-in-error" in marks
