"""A client's records in the order in which things happened, whatever the order in which they came.

What follows from other records shows them: so a resource rests only on records that whoever may read it may read too, that
is on those which the practice did not tighten, or tightened as it did this one.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.record.types import Instrument, OutcomeMeasure, Record


def may_rest_on(other: str, *own: str) -> bool:
    """Whether something of these sensitivities may show what another one says."""
    return other == "normal" or other in own


def scores(beside: Iterable[Record], form: Instrument, client: str, *own: str) -> list[OutcomeMeasure]:
    """The client's measures of one instrument that have a score, oldest first, on which something of these sensitivities may rest."""
    of_form = (each for each in beside if isinstance(each, OutcomeMeasure) and each.instrument == form.id and each.client == client)
    return sorted((each for each in of_form if each.score is not None and may_rest_on(each.sensitivity, *own)), key=lambda each: (each.taken_at, each.id))
