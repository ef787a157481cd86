"""What a reader may see, as a condition on rows: applied inside every query, so that counts, pages and sorting are right.

The privacy room decides who gets which Clearance; here it only becomes SQL. The condition is built once for each table
and kind of reader; who reads and when are parameters (`Clearance.parameters`), so that statements are built once too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from sqlalchemy import ColumnElement, Table, and_, bindparam, exists, or_

from gateway.store.caseload import caseload
from gateway.store.narrowing import Narrowing, NarrowingShape, narrowed
from gateway.store.schema import opening, release

Relation = Literal["practice", "partner", "caseload", "desk", "own", "staff"]
"""Why a reader sees anything. practice: its own system sees it whole; partner: releases and referrals; caseload: own clients' records; desk: their logistics; own: the own
record; staff: who works here. A person with several duties has several."""


@dataclass(frozen=True)
class Clearance:
    """A reader at a moment. `everything`: the practice's own system, which sees its practice."""

    practice: str
    everything: bool
    recipient: str
    purposes: tuple[str, ...]
    directory: int
    """The category bit of the practice's own staff and places, open to whoever a release or a referral opened anything to."""
    now: int
    catalogue: int = 0
    """The category bit of what belongs to nobody, terminology say: open to every reader of the practice."""
    relations: tuple[Relation, ...] = ("partner",)
    caseloads: tuple[str, ...] = ()
    """`Practitioner/id` and `PractitionerRole/id` of those whose clients the reader sees."""
    desk: int = 0
    """The categories that the front desk sees of every client."""
    own: str = ""
    """The reader's own patient id."""
    cleared: int = 0
    """The labels that the desk and the client are cleared for."""
    narrowing: Narrowing | None = None
    """What the token's scope leaves of it; None: all. It hides rows from answers, not references in what is answered."""
    patient: str = ""
    """The patient in context, where the narrowing holds to one."""

    @property
    def kinds(self) -> tuple[Relation, ...]:
        """What the condition hangs on; empty: the catalogue alone."""
        return ("practice",) if self.everything else self.relations

    @property
    def shape(self) -> tuple[tuple[Relation, ...], NarrowingShape | None]:
        """What a statement hangs on."""
        return self.kinds, self.narrowing.shape if self.narrowing else None

    def parameters(self) -> dict[str, Any]:
        """The values of a condition built by `visible`."""
        narrowing = self.narrowing.values | {"scope_patient": self.patient} if self.narrowing else {}
        values = {"reader_practice": self.practice, "reader_directory": self.directory, "reader_catalogue": self.catalogue} | narrowing
        for relation in self.kinds:
            values |= _VALUES[relation](self)
        return values


_VALUES: dict[Relation, Callable[[Clearance], dict[str, Any]]] = {
    "practice": lambda _: {},
    "partner": lambda one: {"reader": one.recipient, "reader_purposes": one.purposes, "reader_now": one.now},
    "caseload": lambda one: {"reader_caseloads": one.caseloads, "reader_now": one.now},
    "desk": lambda one: {"reader_desk": one.desk, "reader_cleared": one.cleared},
    "own": lambda one: {"reader_own": one.own, "reader_cleared": one.cleared},
    "staff": lambda _: {},
}


@cache
def visible(rows: Table, kinds: tuple[Relation, ...], narrowing: NarrowingShape | None = None) -> ColumnElement[bool]:
    """The condition under which a row of `resource` or `resource_history` exists for a reader."""
    mine = rows.c.practice == bindparam("reader_practice")
    seen = [] if "practice" in kinds else [or_(_catalogue(rows), *(_SEEN[kind](rows) for kind in kinds))]
    return and_(mine, *seen, *([narrowed(rows, narrowing)] if narrowing else []))


def _in_force() -> ColumnElement[bool]:
    return and_(
        release.c.practice == bindparam("reader_practice"),
        release.c.recipient == bindparam("reader"),
        release.c.purpose.in_(bindparam("reader_purposes", expanding=True)),
        release.c.starts_at <= bindparam("reader_now"),
        release.c.ends_at > bindparam("reader_now"),
    )


def _released(rows: Table) -> ColumnElement[bool]:
    return exists().where(
        _in_force(),
        release.c.patient == rows.c.patient,
        release.c.categories.op("&")(rows.c.category) != 0,
        rows.c.labels.op("&")(release.c.cleared) == rows.c.labels,
    )


def _opening_in_force() -> ColumnElement[bool]:
    consented = or_(opening.c.consent.is_(None), exists().where(_in_force(), release.c.consent == opening.c.consent))
    return and_(opening.c.practice == bindparam("reader_practice"), opening.c.recipient == bindparam("reader"), opening.c.ends_at > bindparam("reader_now"), consented)


def _opened(rows: Table) -> ColumnElement[bool]:
    return exists().where(
        _opening_in_force(),
        opening.c.type == rows.c.type,
        opening.c.id == rows.c.id,
        rows.c.labels.op("&")(opening.c.cleared) == rows.c.labels,
    )


def _directory(rows: Table) -> ColumnElement[bool]:
    referred = and_(_opening_in_force(), opening.c.reason.startswith("referral:"))  # not what a partner wrote itself, nor its own entry
    anything = or_(exists().where(_in_force()), exists().where(referred))
    return and_(_is_directory(rows), anything)


def _is_directory(rows: Table) -> ColumnElement[bool]:
    return and_(rows.c.category.op("&")(bindparam("reader_directory")) != 0)


def _catalogue(rows: Table) -> ColumnElement[bool]:
    return and_(rows.c.category.op("&")(bindparam("reader_catalogue")) != 0, rows.c.labels == 0)


def _cleared(rows: Table) -> ColumnElement[bool]:
    return and_(rows.c.labels.op("&")(bindparam("reader_cleared")) == rows.c.labels)


def _own(rows: Table) -> ColumnElement[bool]:
    return and_(rows.c.patient == bindparam("reader_own"), or_(rows.c.category != 0, rows.c.type == "Consent"), _cleared(rows))


def _desk(rows: Table) -> ColumnElement[bool]:
    return and_(rows.c.patient.is_not(None), rows.c.category.op("&")(bindparam("reader_desk")) != 0, _cleared(rows))


_SEEN: dict[Relation, Callable[[Table], ColumnElement[bool]]] = {
    "partner": lambda rows: or_(_released(rows), _opened(rows), _directory(rows)),
    "caseload": caseload,
    "desk": _desk,
    "own": _own,
    "staff": _is_directory,
}
"""A reader of no relation sees the catalogue alone."""
