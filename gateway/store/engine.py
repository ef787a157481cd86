"""The seam between the two engines: SQLite (embedded) and PostgreSQL (when outgrown). Nothing else knows which one runs.

`Store.read()` gives a connection for queries; `Store.write()` gives the one transaction in which everything that
belongs together is stored. On SQLite a lock beside the file lets one writer in at a time, so that nobody meets
SQLITE_BUSY; on PostgreSQL the database does that.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError

__all__ = ["Connection", "Store", "StoreAway", "Untraced", "audited", "backend_of", "changed", "put"]

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-65536",
)


_CHANGED, _AUDITED = "handoff-changed", "handoff-audited"


class Untraced(Exception):
    """A change without an AuditEvent in the same transaction: a fault in the gateway, never stored."""


class StoreAway(Exception):
    """The database cannot be reached or is out of room; nothing was changed."""


class Store:
    """One database. Open it once for a process: `Store("sqlite:///demo/handoff.db")`."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        if not self.is_sqlite:
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.engine = _sqlite_engine(parsed) if self.is_sqlite else create_engine(parsed, hide_parameters=True, pool_size=8, max_overflow=8, pool_pre_ping=True)
        self._writer = _WriterLock(Path(f"{parsed.database}.lock")) if self.is_sqlite else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for queries only. Raises StoreAway."""
        with _away_named(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed when the block ends, rolled back when it raises. Raises StoreAway."""
        with _away_named(), self._writer or _open(), self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def change(self) -> Iterator[Connection]:
        """As `write`, for records and resources: raises Untraced, and stores nothing, where no AuditEvent went with a change."""
        with self.write() as connection:
            connection.info.pop(_CHANGED, None)
            connection.info.pop(_AUDITED, None)
            if not self.is_sqlite:  # as on SQLite, one change at a time: labels, conditions and versions hang on what others write
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7001)")
            yield connection
            if connection.info.pop(_CHANGED, False) and not connection.info.pop(_AUDITED, False):
                raise Untraced

    def close(self) -> None:
        self.engine.dispose()


def backend_of(url: str) -> str:
    """`sqlite` or `postgresql`. Raises ValueError for anything else."""
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError:
        raise ValueError("must be a database URL such as sqlite:///demo/handoff.db or postgresql://user@host/name") from None
    if backend not in ("sqlite", "postgresql"):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return backend


def changed(connection: Connection) -> None:
    """Note that a record or a resource was written in this transaction."""
    connection.info[_CHANGED] = True


def audited(connection: Connection) -> None:
    """Note that this transaction carries its AuditEvent."""
    connection.info[_AUDITED] = True


def put(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]], *, replace: bool = True) -> None:
    """Insert rows by primary key; where one exists, replace it (or leave it)."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    keys = [column.name for column in table.primary_key.columns]
    for row in rows:
        statement = insert(table).values(**row)
        others = {name: statement.excluded[name] for name in row if name not in keys}
        connection.execute(statement.on_conflict_do_update(table.primary_key, set_=others) if replace and others else statement.on_conflict_do_nothing())


def _sqlite_engine(url: Any) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"check_same_thread": False, "timeout": 10}, pool_size=8, max_overflow=24)

    @event.listens_for(engine, "connect")
    def _prepare(dbapi_connection: DBAPIConnection, _: object) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    return engine


@contextmanager
def _open() -> Iterator[None]:
    yield


@contextmanager
def _away_named() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise StoreAway from error
    except DBAPIError as error:
        if error.connection_invalidated or type(error) is DatabaseError:  # plain DatabaseError: the file is no database
            raise StoreAway from error
        raise


class _WriterLock:
    """One writer among the threads of this process and, through a lock file, among processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._handle: Any = None

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            if self._handle is None:
                self._handle = self._path.open("w")
            fcntl.flock(self._handle, fcntl.LOCK_EX)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._handle, fcntl.LOCK_UN)
        self._threads.release()
