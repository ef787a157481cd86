"""The audit trail: events of writes go into the write's own transaction; events of reads are stored before the answer leaves.

Many reads share one commit: each hands its events to a single writer and waits until they are on disk.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from gateway.store import statement
from gateway.store.engine import Store, audited
from gateway.store.schema import audit_event

_BATCH = 256
_WAIT_S = 30


class Event(NamedTuple):
    """One AuditEvent as stored: `body` is the FHIR resource; the rest is what it is found by."""

    practice: str
    id: str
    recorded_at: int
    patient: str | None
    agent: str
    action: str
    outcome: str
    body: bytes


def append(connection: Connection, events: Sequence[Event]) -> None:
    """Store events in the caller's transaction."""
    if events:
        audited(connection)
        statement.add(connection, audit_event, Event._fields, events)


def trail(connection: Connection, practice: str, patient: str | None = None, limit: int = 1_000) -> list[Any]:
    """The newest events, of one patient or of all."""
    of = [audit_event.c.patient == patient] if patient else []
    return list(connection.execute(select(audit_event).where(audit_event.c.practice == practice, *of).order_by(audit_event.c.seq.desc()).limit(limit)))


def count(connection: Connection, practice: str) -> int:
    return int(connection.scalar(select(func.count()).select_from(audit_event).where(audit_event.c.practice == practice)) or 0)


class Journal:
    """Group commit for the audit of reads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: queue.SimpleQueue[tuple[Sequence[Event], Future[None]] | None] = queue.SimpleQueue()
        self._start = threading.Lock()
        self._writer: threading.Thread | None = None

    def record(self, events: Sequence[Event]) -> None:
        """Return once the events are on disk. Raises StoreAway (and then the read must not be answered)."""
        if not events:
            return
        with self._start:
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="audit-journal", daemon=True)
                self._writer.start()
        stored: Future[None] = Future()
        self._waiting.put((events, stored))
        stored.result(timeout=_WAIT_S)

    def close(self) -> None:
        if self._writer is not None:
            self._waiting.put(None)
            self._writer.join(timeout=_WAIT_S)
            self._writer = None

    def _write(self) -> None:
        while (batch := self._batch()) is not None:
            try:
                with self._store.write() as connection:
                    append(connection, [event for events, _ in batch for event in events])
            except BaseException as error:  # noqa: BLE001 - whoever waits must hear of any fault
                for _, stored in batch:
                    stored.set_exception(error)
            else:
                for _, stored in batch:
                    stored.set_result(None)

    def _batch(self) -> list[tuple[Sequence[Event], Future[None]]] | None:
        first = self._waiting.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < _BATCH and not self._waiting.empty():
            following = self._waiting.get()
            if following is None:
                self._waiting.put(None)
                break
            batch.append(following)
        return batch
