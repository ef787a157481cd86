"""Who may write what, as the oracle has it: beside what may be seen, in a file of its own."""

from __future__ import annotations

from tests.matrix.oracle import Judge, is_written_by_harbor, own_entry
from tests.matrix.town import Held

WRITTEN_BY_WORKFLOW = {"Task", "ServiceRequest", "Communication", "List", "MedicationRequest", "MedicationStatement", "MedicationDispense", "DocumentReference"}
"""Where the referral and medication rooms have a say of their own about what a partner sends: 422 is theirs to give."""


def may_create(judge: Judge, held: Held) -> frozenset[int]:
    """The statuses of a create of what stands in `held`, which the scope allows for its type."""
    return _may_write(judge, held, "c", 201)


def may_update(judge: Judge, held: Held) -> frozenset[int]:
    """The statuses of an update of what is visible."""
    return _may_write(judge, held, "u", 200)


def _may_write(judge: Judge, held: Held, letter: str, done: int) -> frozenset[int]:
    who, client, kind = judge.who, judge.town.client(held, held.current), held.current["resourceType"]
    if not judge.reaches(held, held.current, letter):
        return frozenset({403})
    is_ours = held.practice == who.practice
    if who.role == "user":
        if not set(who.duties) & {"therapist", "supervisor"} or kind in ("Patient", "CareTeam", "Provenance") or client is None:
            return frozenset({403})
        return frozenset({done if is_ours and client in judge.writes_about() else 422})
    if who.role == "practice":
        return frozenset({done})
    return _partner_writes(judge, held, done) if letter == "c" else _partner_changes(judge, held)


def _partner_writes(judge: Judge, held: Held, done: int) -> frozenset[int]:
    """About patients it can see, and Provenance of what it can see; who there is, it may always tell of."""
    kind, town = held.current["resourceType"], judge.town
    about = town.targets(held, held.current)
    if kind not in ("Patient", "Provenance") and town.client(held, held.current) is not None:
        about = [one for one in town.stock if one.current["resourceType"] == "Patient" and one.current["id"] == town.patient(held, held.current)]
    if not all(judge.sees(one, one.current) for one in about):
        return frozenset({422})
    return frozenset({done, 422} if kind in WRITTEN_BY_WORKFLOW else {done})


def _partner_changes(judge: Judge, held: Held) -> frozenset[int]:
    """What it wrote itself, and Tasks that are addressed to it."""
    if is_written_by_harbor(held.current) and judge.who.recipient == "harbor":
        return frozenset({200})
    is_addressed = held.current["resourceType"] == "Task" and held.current.get("owner", {}).get("reference", "").rpartition("/")[2] in own_entry(judge.who)
    return frozenset({200, 403, 422} if is_addressed else {403})
