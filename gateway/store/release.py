"""Consents and referrals as rows that every query joins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, exists, select, update

from gateway.store.engine import put
from gateway.store.schema import opening, release

FOR_EVER = 2**53
ALL = 2**62 - 1
"""Cleared for every label."""


def put_release(connection: Connection, row: dict[str, Any]) -> None:
    put(connection, release, [row])


def drop_release(connection: Connection, practice: str, consent: str) -> None:
    connection.execute(delete(release).where(release.c.practice == practice, release.c.consent == consent))


def of_patient(connection: Connection, practice: str, recipient: str, patient: str) -> list[Any]:
    """Every release of this patient to this recipient, in force or not."""
    return list(connection.execute(select(release).where(release.c.practice == practice, release.c.recipient == recipient, release.c.patient == patient)))


def open_to(connection: Connection, practice: str, recipient: str, references: Iterable[tuple[str, str]], *, reason: str, cleared: int = ALL, consent: str | None = None) -> None:
    """Open single resources, (type, id) each, to a recipient: what a referral sends, what the recipient wrote itself.

    With `consent`, the opening holds only while that consent is in force.
    """
    put(
        connection,
        opening,
        [
            {"practice": practice, "recipient": recipient, "type": kind, "id": key, "reason": reason, "consent": consent, "cleared": cleared, "ends_at": FOR_EVER}
            for kind, key in references
        ],
    )


def close_openings(connection: Connection, practice: str, reason: str, now: int) -> None:
    connection.execute(update(opening).where(opening.c.practice == practice, opening.c.reason == reason).values(ends_at=now))


def is_open(connection: Connection, practice: str, recipient: str, resource_type: str, resource_id: str, reason: str, now: int) -> bool:
    """Whether this opening, for this reason, is in force."""
    return bool(
        connection.scalar(
            select(
                exists().where(
                    opening.c.practice == practice,
                    opening.c.recipient == recipient,
                    opening.c.type == resource_type,
                    opening.c.id == resource_id,
                    opening.c.reason == reason,
                    opening.c.ends_at > now,
                )
            )
        )
    )
