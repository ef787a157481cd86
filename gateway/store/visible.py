"""What a reader may see, as a condition on rows: applied inside every query, so that counts, pages and sorting are right.

The privacy room decides who gets which Clearance; here it only becomes SQL.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, and_, exists, or_, true

from gateway.store.schema import opening, release


@dataclass(frozen=True)
class Clearance:
    """A reader at a moment. `everything`: the practice's own system, which sees its practice."""

    practice: str
    everything: bool
    recipient: str
    purposes: tuple[str, ...]
    directory: int
    """The category bit of the practice's own staff and places, open to whoever has anything open at all."""
    now: int


def visible(clearance: Clearance, rows: Table) -> ColumnElement[bool]:
    """The condition under which a row of `resource` or `resource_history` exists for this reader."""
    mine = rows.c.practice == clearance.practice
    if clearance.everything:
        return mine
    return and_(mine, or_(_released(clearance, rows), _opened(clearance, rows), _directory(clearance, rows)))


def _in_force(clearance: Clearance) -> ColumnElement[bool]:
    return and_(
        release.c.practice == clearance.practice,
        release.c.recipient == clearance.recipient,
        release.c.purpose.in_(clearance.purposes) if clearance.purposes else ~true(),
        release.c.starts_at <= clearance.now,
        release.c.ends_at > clearance.now,
    )


def _released(clearance: Clearance, rows: Table) -> ColumnElement[bool]:
    return exists().where(
        _in_force(clearance),
        release.c.patient == rows.c.patient,
        release.c.categories.op("&")(rows.c.category) != 0,
        rows.c.labels.op("&")(release.c.cleared) == rows.c.labels,
    )


def _opening_in_force(clearance: Clearance) -> ColumnElement[bool]:
    consented = or_(opening.c.consent.is_(None), exists().where(_in_force(clearance), release.c.consent == opening.c.consent))
    return and_(opening.c.practice == clearance.practice, opening.c.recipient == clearance.recipient, opening.c.ends_at > clearance.now, consented)


def _opened(clearance: Clearance, rows: Table) -> ColumnElement[bool]:
    return exists().where(
        _opening_in_force(clearance),
        opening.c.type == rows.c.type,
        opening.c.id == rows.c.id,
        rows.c.labels.op("&")(opening.c.cleared) == rows.c.labels,
    )


def _directory(clearance: Clearance, rows: Table) -> ColumnElement[bool]:
    anything = or_(exists().where(_in_force(clearance)), exists().where(_opening_in_force(clearance)))
    return and_(rows.c.category.op("&")(clearance.directory) != 0, anything)
