"""Open referrals: where each one stands, and every step it took."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from gateway.store.engine import put
from gateway.store.schema import partner_channel, referral, referral_event


class Open(NamedTuple):
    """A referral as the state machine sees it."""

    practice: str
    task: str
    service_request: str
    patient: str
    recipient: str
    state: str
    state_before: str | None
    since: int
    due_at: int | None
    remote_task: str | None
    remote_version: int
    note: str | None


class Channel(NamedTuple):
    """One way to reach a partner."""

    partner: str
    kind: str
    address: str
    client_id: str | None


def read(connection: Connection, practice: str, task: str) -> Open | None:
    row = connection.execute(select(referral).where(referral.c.practice == practice, referral.c.task == task)).one_or_none()
    return Open(**row._mapping) if row else None  # noqa: SLF001 - a row as a mapping


def all_of(connection: Connection, practice: str) -> list[Open]:
    rows = connection.execute(select(referral).where(referral.c.practice == practice).order_by(referral.c.since.desc(), referral.c.task))
    return [Open(**row._mapping) for row in rows]  # noqa: SLF001 - a row as a mapping


def with_remote(connection: Connection, ended: tuple[str, ...]) -> list[Open]:
    """Referrals whose Task lives at the partner and which have not ended."""
    rows = connection.execute(select(referral).where(referral.c.remote_task.is_not(None), referral.c.state.not_in(ended)))
    return [Open(**row._mapping) for row in rows]  # noqa: SLF001 - a row as a mapping


def begin(connection: Connection, opened: Open) -> None:
    connection.execute(insert(referral), opened._asdict())


def move(connection: Connection, one: Open, *, state: str, event: str, actor: str, now: int, due_at: int | None) -> None:
    """Store a step and its place in the referral's story."""
    named = (referral.c.practice == one.practice) & (referral.c.task == one.task)
    connection.execute(update(referral).where(named).values(state=state, state_before=one.state, since=now, due_at=due_at))
    row = {"practice": one.practice, "task": one.task, "event": event, "actor": actor, "from_state": one.state, "to_state": state, "happened_at": now}
    connection.execute(insert(referral_event), row)


def remark(connection: Connection, one: Open, *, event: str, actor: str, now: int) -> None:
    """Keep what was heard of a referral without moving it."""
    row = {"practice": one.practice, "task": one.task, "event": event, "actor": actor, "from_state": one.state, "to_state": one.state, "happened_at": now}
    connection.execute(insert(referral_event), row)


def set_remote(connection: Connection, one: Open, remote_task: str, remote_version: int) -> None:
    named = (referral.c.practice == one.practice) & (referral.c.task == one.task)
    connection.execute(update(referral).where(named).values(remote_task=remote_task, remote_version=remote_version))


def story(connection: Connection, practice: str, task: str) -> list[Any]:
    """Every step, oldest first."""
    return list(connection.execute(select(referral_event).where(referral_event.c.practice == practice, referral_event.c.task == task).order_by(referral_event.c.seq)))


def put_channel(connection: Connection, practice: str, channel: Channel, rank: int = 0) -> None:
    put(connection, partner_channel, [channel._asdict() | {"practice": practice, "rank": rank}])


def channels_of(connection: Connection, practice: str, partner: str) -> list[Channel]:
    """A partner's channels in order of preference."""
    rows = connection.execute(
        select(partner_channel).where(partner_channel.c.practice == practice, partner_channel.c.partner == partner).order_by(partner_channel.c.rank, partner_channel.c.kind)
    )
    return [Channel(row.partner, row.kind, row.address, row.client_id) for row in rows]
