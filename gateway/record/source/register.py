"""Which records there are so far, of which client, and whether what a row names is among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from gateway.record.source.build import Draft
from gateway.record.source.convert import slug_of
from gateway.record.source.fault import Place, RowFault
from gateway.record.source.field import BY_WORDS, ONLY_ONE, Named
from gateway.record.source.table import SourceTable
from gateway.record.types import KINDS, Record

NO_CYCLES = frozenset({"practice", "clinician", "treatment_plan", "message"})
"""Kinds whose records must not lead back to themselves; clients of a couple do."""

LEADS_BACK = ("The {kind} leads back to itself through others of its kind.", "Break the circle.")

OnFile = Callable[[str, str], bool]
"""Whether a record of this kind and id was taken in before."""

_MIND_ROW = "Mend that row first."


class Held(NamedTuple):
    """A record with the row it came from, and what it names of its own kind, perhaps in a later row."""

    record: Record
    draft: Draft
    own: tuple[Named, ...]


class Register:
    def __init__(self, table: SourceTable, on_file: OnFile | None) -> None:
        self._table = table
        self._on_file = on_file
        self.known: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
        """The client (or nobody) of every accepted record, by kind and id."""
        self.aliases: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
        """The record that other words name, by kind; nothing where they name two."""
        self.rejected: dict[str, dict[str, tuple[Place, RowFault]]] = {kind: {} for kind in KINDS}
        """Where a rejected record stands, and its first fault."""

    def accept(self, record: Record, draft: Draft) -> None:
        self.known[record.kind][record.id] = str(getattr(record, "client", None) or "")
        aliases = self.aliases[record.kind]
        for words in filter(None, map(draft.own.text, draft.spec.names)):
            aliases[slug_of(words)] = "" if aliases.get(slug_of(words), record.id) != record.id else record.id

    def check(self, draft: Draft) -> tuple[tuple[Named, ...], list[Place]]:
        """Note what the row names wrongly as faults. Returns what it names within its own kind, for later, and the cells that name nobody and may."""
        own, nobody = [], []
        for named in map(self._meant, draft.named):
            if named.kind == draft.spec.kind:
                own.append(named)
            elif named.id in self.known[named.kind]:
                self._check_client(draft, named.client_place, self.known[named.kind][named.id])
            elif named.id not in self.rejected[named.kind] and self._is_on_file(named):
                continue
            elif named.maybe and named.id not in self.rejected[named.kind]:
                named.drop()
                nobody.append(named.place)
            else:
                draft.faults.append(self._unknown(named))
        for column in draft.spec.same_client:
            self._check_client(draft, self._blamed(draft, column), draft.view.text(column))
        return tuple(own), nobody

    def _meant(self, named: Named) -> Named:
        """The record that is meant by the words its id was made of, or by being the only one."""
        known = self.known[named.kind]
        if named.id == ONLY_ONE:
            return named.renamed(next(iter(known))) if len(known) == 1 else named
        return named if named.id in known else named.renamed(self._by_words(named) or named.id)

    def _by_words(self, named: Named) -> str:
        if named.kind not in BY_WORDS:
            return ""
        words = slug_of(named.id)
        return words if words in self.known[named.kind] else self.aliases[named.kind].get(words, "")

    def _with_own_named(self, one: Held) -> Held:
        """The record with those of its own kind that it names by other words; they are known only now."""
        meant = {named.key: record_id for named in one.own if named.id not in self.known[named.kind] and (record_id := self._by_words(named))}
        if not meant:
            return one
        own = tuple(named._replace(id=meant.get(named.key, named.id)) for named in one.own)
        return Held(one.record.model_copy(update=meant), one.draft, own)

    def _blamed(self, draft: Draft, column: str) -> Place:
        join = draft.view.entry.join.get(column.partition(".")[0])
        return draft.view.place(column if join is None or join.is_part else draft.own.column(draft.spec.field["client"]))

    def _check_client(self, draft: Draft, place: Place, client: str) -> None:
        if client and "client" in draft.values and client != draft.values["client"]:
            draft.faults.append(RowFault(*place, "The row points at something of another client.", "File both under one client."))

    def _is_on_file(self, named: Named) -> bool:
        return self._on_file is not None and self._on_file(named.kind, named.id)

    def _unknown(self, named: Named) -> RowFault:
        place, first = self.rejected[named.kind].get(named.id, (None, None))
        if first and place and (place.file, place.line) == (named.place.file, named.place.line):
            return first
        if place:
            return RowFault(*named.place, f"The row depends on the {named.kind} in line {place.line} of {place.file}, which was rejected.", _MIND_ROW)
        if named.id == ONLY_ONE:
            return RowFault(*named.place, f"The cell is empty, and there is more or less than one {named.kind}.", f"Name the {named.kind}.")
        if named.kind in BY_WORDS and self.aliases[named.kind].get(slug_of(named.id)) == "":
            return RowFault(*named.place, f"The cell names more than one {named.kind}.", "Write the id of the one that is meant.")
        files = sorted({spec.file for spec in self._table.record if spec.kind == named.kind})
        rule = f"The cell names a {named.kind} that {' and '.join(files) or 'the export'} does not have."
        return RowFault(*named.place, rule, "Correct the cell, or put the missing row into its file.")

    def settled(self, held: list[Held], kind: str, reject: Callable[[Draft], None]) -> Iterator[Held]:
        """The records whose references within their own kind hold; those of a rejected one fall with it."""
        held = [self._with_own_named(one) for one in held]
        while bad := self._broken(held, kind):
            for one in bad:
                del self.known[kind][one.record.id]
                reject(one.draft)
            gone = {id(one) for one in bad}
            held = [one for one in held if id(one) not in gone]
        return iter(held)

    def _broken(self, held: list[Held], kind: str) -> list[Held]:
        after = {one.record.id: tuple(named.id for named in one.own) for one in held}
        circle = in_circles(after) if kind in NO_CYCLES else frozenset[str]()
        for one in held:
            for named in one.own:
                if named.id not in self.known[kind] and not self._is_on_file(named):
                    one.draft.faults.append(self._unknown(named))
                elif one.record.id in circle and named.id in circle:
                    one.draft.faults.append(RowFault(*named.place, LEADS_BACK[0].format(kind=kind), LEADS_BACK[1]))
                else:
                    self._check_client(one.draft, named.client_place, self.known[kind].get(named.id, ""))
        return [one for one in held if one.draft.faults]


def in_circles(after: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Those that lead back to themselves: what is left when whatever leads out, and then whatever nothing leads to, is taken away again and again."""
    return frozenset(_peeled(_peeled(dict(after))))


def _peeled(after: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Without what leads nowhere, turned round."""
    before: dict[str, list[str]] = {}
    ahead = {name: sum(step in after for step in steps) for name, steps in after.items()}
    for name, steps in after.items():
        for step in steps:
            if step in after:
                before.setdefault(step, []).append(name)
    ends = [name for name, count in ahead.items() if not count]
    gone = set(ends)
    while ends:
        for name in before.get(ends.pop(), ()):
            ahead[name] -= 1
            if not ahead[name]:
                gone.add(name)
                ends.append(name)
    return {name: tuple(step for step in before.get(name, ()) if step not in gone) for name in after if name not in gone}
