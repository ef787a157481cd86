"""The hot statements, written once for each engine and handed to the driver as they are, many rows at a time.

SQLAlchemy Core holds the schema and every rare query; what runs for each of thousands of rows costs half as much without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, Table

Columns = tuple[str, ...]


def add(connection: Connection, table: Table, columns: Columns, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows, each in the order of `columns`."""
    run(connection, insert(connection, table, columns), rows)


def put_all(connection: Connection, table: Table, columns: Columns, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows by primary key; where one exists, these columns of it are replaced."""
    run(connection, insert(connection, table, columns) + _replacing(table, columns), rows)


def change(connection: Connection, table: Table, columns: Columns, keys: Columns, rows: Sequence[tuple[Any, ...]]) -> None:
    """Change `columns` of the rows named by `keys`; each row of `rows` holds the values of both, in that order."""
    run(connection, _update(table, columns, keys, _mark(connection)), rows)


def remove(connection: Connection, table: Table, key: str, values: Sequence[Any]) -> None:
    """Delete the rows whose `key` is one of these."""
    run(connection, _delete(table, key, _mark(connection)), [(value,) for value in values])


def among(connection: Connection, table: Table, equal: dict[str, Any], column: str, values: Iterable[str], columns: Columns = ()) -> Sequence[Any]:
    """Rows in which every column of `equal` has its value, and `column` one of these texts; all columns, or those named."""
    wanted = sorted(set(values))
    if not wanted:
        return []
    is_sqlite = connection.dialect.name == "sqlite"
    statement = _among(table, tuple(equal), column, columns or tuple(table.columns.keys()), _mark(connection))
    return connection.exec_driver_sql(statement, (*equal.values(), orjson.dumps(wanted).decode() if is_sqlite else wanted)).all()


def sequence(connection: Connection, table: Table, count: int) -> Sequence[int]:
    """The next numbers of a table's `seq`, for rows that others refer to before they are inserted. Only inside the one write transaction."""
    if not count:
        return []
    if connection.dialect.name == "sqlite":
        last = connection.exec_driver_sql(f"SELECT coalesce(max(seq), 0) FROM {table.name}").scalar_one()  # noqa: S608 - a table of the schema
        return range(last + 1, last + 1 + count)
    numbers = connection.exec_driver_sql("SELECT nextval(pg_get_serial_sequence(%s, 'seq')) FROM generate_series(1, %s)", (table.name, count))
    return [int(number) for number in numbers.scalars()]


def insert(connection: Connection, table: Table, columns: Columns) -> str:
    """The statement of `add`, for one that says more."""
    return _insert(table, columns, _mark(connection))


def run(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement of this module once for each row."""
    if rows:
        connection.exec_driver_sql(statement, list(rows) if len(rows) > 1 else rows[0])


def _mark(connection: Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"


@cache
def _insert(table: Table, columns: Columns, mark: str) -> str:
    return f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"  # noqa: S608 - names of the schema


@cache
def _replacing(table: Table, columns: Columns) -> str:
    keys = table.primary_key.columns.keys()
    return f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in columns if name not in keys)}"


@cache
def _update(table: Table, columns: Columns, keys: Columns, mark: str) -> str:
    return f"UPDATE {table.name} SET {', '.join(f'{name} = {mark}' for name in columns)} WHERE {' AND '.join(f'{name} = {mark}' for name in keys)}"  # noqa: S608


@cache
def _delete(table: Table, key: str, mark: str) -> str:
    return f"DELETE FROM {table.name} WHERE {key} = {mark}"  # noqa: S608


@cache
def _among(table: Table, equal: Columns, column: str, columns: Columns, mark: str) -> str:
    one_of = "IN (SELECT value FROM json_each(?))" if mark == "?" else "= ANY(%s)"
    conditions = [*(f"{name} = {mark}" for name in equal), f"{column} {one_of}"]
    return f"SELECT {', '.join(columns)} FROM {table.name} WHERE {' AND '.join(conditions)}"  # noqa: S608
