"""What a reader may see, as a condition on rows: applied inside every query, so that counts, pages and sorting are right.

The privacy room decides who gets which Clearance; here it only becomes SQL. The condition is built once for each table
and kind of reader; who reads and when are parameters (`Clearance.parameters`), so that statements are built once too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, exists, or_

from gateway.store.schema import opening, release


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

    def parameters(self) -> dict[str, Any]:
        """The values of a condition built by `visible`."""
        if self.everything:
            return {"reader_practice": self.practice}
        reader = {"reader_practice": self.practice, "reader": self.recipient, "reader_purposes": self.purposes, "reader_now": self.now}
        return reader | {"reader_directory": self.directory, "reader_catalogue": self.catalogue}


@cache
def visible(rows: Table, *, everything: bool) -> ColumnElement[bool]:
    """The condition under which a row of `resource` or `resource_history` exists for a reader."""
    mine = rows.c.practice == bindparam("reader_practice")
    return mine if everything else and_(mine, or_(_released(rows), _opened(rows), _directory(rows), _catalogue(rows)))


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
    return and_(rows.c.category.op("&")(bindparam("reader_directory")) != 0, anything)


def _catalogue(rows: Table) -> ColumnElement[bool]:
    return and_(rows.c.category.op("&")(bindparam("reader_catalogue")) != 0, rows.c.labels == 0)
