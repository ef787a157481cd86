"""Records that name others: each named one is there, of the same client, and nothing leads back to itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from itertools import groupby

from gateway.record.report import Refusal, refusal
from gateway.record.types import KINDS, Record, Reference, references
from gateway.store import record as records

Name = tuple[str, str]
"""Kind and id."""
Owners = Mapping[Name, str | None]
"""Whose a record is; None for one of no client."""
Reads = Callable[[Iterable[Name]], Mapping[Name, records.Kept]]

_MAY_BE_MUTUAL = ("partner_of",)
"""Fields in which two records may name each other: the clients of a couple."""


def name_of(record: Record) -> Name:
    return record.kind, record.id


def client_of(record: Record) -> str | None:
    return record.id if record.kind == "client" else getattr(record, "client", None)


def named_by(given: Iterable[Record]) -> set[Name]:
    return {(each.kind, each.id) for record in given for each in references(record)}


def strays(given: Sequence[Record], there: Owners) -> list[Refusal]:
    """Those that name what is neither there nor given, or what is another client's; those that name them fall too."""
    refused: dict[int, Refusal] = {}
    while True:
        known = {**there, **{name_of(record): client_of(record) for record in given if id(record) not in refused}}
        found = {id(record): fault for record in given if id(record) not in refused and (fault := _stray(record, known))}
        if not found:
            return list(refused.values())
        refused |= found


def _stray(record: Record, known: Owners) -> Refusal | None:
    for path, kind, record_id in references(record):
        if (kind, record_id) not in known:
            return refusal(record, f"{path} names a {kind} that is not there", f"send the {kind} first or with it, or correct {path}")
        if _is_of_a_client(kind) and known[kind, record_id] != client_of(record):
            return refusal(record, f"{path} names a {kind} of another client", f"file both under one client, or correct {path}")
    return None


def _is_of_a_client(kind: str) -> bool:
    return kind != "client" and "client" in KINDS[kind].model_fields


def twins(given: Iterable[Record]) -> set[Name]:
    """Those given twice with different content: no one can say which holds."""
    first: dict[Name, Record] = {}
    return {name_of(record) for record in given if first.setdefault(name_of(record), record) != record}


def twin(record: Record) -> Refusal:
    return refusal(record, f"id is given to two {record.kind} records of different content", "give each its own id, or send only the one that holds")


def ordered(given: Iterable[Record], kept: Reads, refused: list[Refusal]) -> Iterator[tuple[Record, ...]]:
    """Records in KINDS order so that what names another of its kind comes after it; a couple comes together.

    Only those that name one of their own kind are held, and only until their kind has passed. A circle goes to `refused`, each record of it.
    """
    for _, group in groupby(given, key=lambda record: record.kind):
        held: list[Record] = []
        for record in group:
            if any(each.kind == record.kind for each in references(record)):
                held.append(record)
            else:
                yield (record,)
        yield from _released(held, kept, refused)


def _released(held: list[Record], kept: Reads, refused: list[Refusal]) -> Iterator[tuple[Record, ...]]:
    yield from _together([record for record in held if _may_be_mutual(record)])
    others = [record for record in held if not _may_be_mutual(record)]
    if not others:
        return
    steps = _with_stored(others, {record.id: {each.id for each in _own(record)} for record in others}, kept)
    _, blocked = _peeled(steps)
    circle = blocked - set(_peeled(_reversed(blocked, steps))[0])
    order, _ = _peeled({record_id: ahead for record_id, ahead in steps.items() if record_id not in circle})
    place = {record_id: at for at, record_id in enumerate(order)}
    refused += [_circle(record) for record in others if record.id in circle]
    yield from ((record,) for record in sorted(others, key=lambda record: place.get(record.id, 0)) if record.id not in circle)


def _may_be_mutual(record: Record) -> bool:
    return all(each.path in _MAY_BE_MUTUAL for each in _own(record))


def _circle(record: Record) -> Refusal:
    path = _own(record)[0].path
    return refusal(record, f"{path} leads back to the same {record.kind} through others", f"break the circle: correct {path} in one of them")


def _own(record: Record) -> list[Reference]:
    return [each for each in references(record) if each.kind == record.kind]


def _with_stored(held: list[Record], steps: dict[str, set[str]], kept: Reads) -> dict[str, set[str]]:
    """The steps of those held, and of what they lead to in the store, where one there now points elsewhere than before.

    Where none does, a circle has only new records in it.
    """
    before = {record_id: _steps_of(one) for (_, record_id), one in kept(name_of(record) for record in held).items()}
    found = dict(steps)
    ahead = set().union(*found.values()) - found.keys() if any(step != steps[record_id] for record_id, step in before.items()) else set()
    while ahead:
        stored = {record_id: _steps_of(one) for (_, record_id), one in kept((held[0].kind, record_id) for record_id in ahead).items()}
        found |= {record_id: stored.get(record_id, set()) for record_id in ahead}
        ahead = set().union(*stored.values()) - found.keys()
    return found


def _steps_of(one: records.Kept) -> set[str]:
    return {each.id for each in _own(KINDS[one.kind].model_validate_json(one.body))}


def _peeled(steps: Mapping[str, set[str]]) -> tuple[list[str], set[str]]:
    """Those that lead to an end, in the order from there; and those that do not."""
    sorter: TopologicalSorter[str] = TopologicalSorter(steps)
    order: list[str] = []
    with suppress(CycleError):
        sorter.prepare()
    while ready := sorter.get_ready():
        order += ready
        sorter.done(*ready)
    return order, set(steps) - set(order)


def _reversed(among: set[str], steps: Mapping[str, set[str]]) -> dict[str, set[str]]:
    back: dict[str, set[str]] = {record_id: set() for record_id in among}
    for record_id in among:
        for step in steps.get(record_id, set()) & among:
            back[step].add(record_id)
    return back


def _together(mutual: list[Record]) -> Iterator[tuple[Record, ...]]:
    """Those that lead to one another, each such group at once."""
    groups: dict[str, list[Record]] = {}
    for record in mutual:
        joined = {id(group): group for name in (record.id, *(each.id for each in _own(record))) if (group := groups.get(name))}
        merged = [member for group in joined.values() for member in group] + [record]
        for member in merged:
            groups |= dict.fromkeys((member.id, *(each.id for each in _own(member))), merged)
    yield from ((tuple(group)) for group in {id(group): group for group in groups.values()}.values())
