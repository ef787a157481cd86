"""The tables, once, for both engines. Times are milliseconds since 1970 UTC; label and category sets are bit masks.

`resource.labels` holds what a reader must be cleared for (all of it), `resource.category` what a release must name
(one of it); `release` and `opening` are the client's consents and the practice's referrals as rows that every query joins.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text, UniqueConstraint, text

from gateway.store.column import SEQUENCE as _SEQUENCE
from gateway.store.column import number_column as _number
from gateway.store.column import text_column as _text
from gateway.store.schema_access import oauth_client

metadata = oauth_client.metadata
"""Of these tables and of those in schema_access."""

practice = Table("practice", metadata, _text("id", key=True), _text("name"), _text("time_zone"), _number("created_at"))

record = Table(
    "record",
    metadata,
    _text("practice", key=True),
    _text("kind", key=True),
    _text("id", key=True),
    _number("version"),
    _text("client", null=True),
    _text("digest"),
    Column("body", LargeBinary, nullable=False),
    _text("source"),
    _number("recorded_at"),
    _text("course", null=True),
    Index(None, "practice", "client"),
)

record_history = Table(
    "record_history",
    metadata,
    _text("practice", key=True),
    _text("kind", key=True),
    _text("id", key=True),
    _number("version", key=True),
    Column("body", LargeBinary, nullable=False),
    _text("source"),
    _number("recorded_at"),
)

resource = Table(
    "resource",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
    _text("practice"),
    _text("type"),
    _text("id"),
    _number("version"),
    _number("last_updated"),
    _text("patient", null=True),
    _number("date"),
    _number("labels"),
    _number("category"),
    _number("deleted"),
    _text("digest"),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("practice", "type", "id"),
    Index(None, "practice", "patient", "type", "date", "seq"),
    Index(None, "practice", "type", "last_updated", "seq"),
)

resource_history = Table(
    "resource_history",
    metadata,
    _text("practice", key=True),
    _text("type", key=True),
    _text("id", key=True),
    _number("version", key=True),
    _number("last_updated"),
    _text("patient", null=True),
    _number("labels"),
    _number("category"),
    _text("method"),
    Column("body", LargeBinary, nullable=False),
)


def _index_table(name: str, *values: Column[str] | Column[int]) -> Table:
    """An index row carries the patient and the date, so that one range scan answers the common clinical question."""
    return Table(
        name,
        metadata,
        _text("practice"),
        _text("parameter"),
        *values,
        _text("patient", null=True),
        _number("date"),
        _number("resource"),
        Index(None, "practice", "parameter", values[0].name, "patient", "date", "resource"),
        Index(None, "resource", "parameter", values[0].name),
    )


token = _index_table("token", _text("code"), _text("system"))
_BYTEWISE = Text().with_variant(Text(collation="C"), "postgresql")
"""Compared byte by byte, so that a prefix is one range on either engine."""

string = _index_table("string", Column("normal", _BYTEWISE, nullable=False), _text("exact"))
reference = _index_table("reference", _text("target"))
moment = _index_table("moment", _number("low"), _number("high"))

release = Table(
    "release",
    metadata,
    _text("practice", key=True),
    _text("consent", key=True),
    _text("recipient"),
    _text("patient"),
    _number("categories"),
    _number("cleared"),
    _text("purpose"),
    _number("starts_at"),
    _number("ends_at"),
    Index(None, "practice", "recipient", "patient"),
)

opening = Table(
    "opening",
    metadata,
    _text("practice", key=True),
    _text("recipient", key=True),
    _text("type", key=True),
    _text("id", key=True),
    _text("reason", key=True),
    _text("consent", null=True),
    _number("cleared"),
    _number("ends_at"),
)

audit_event = Table(
    "audit_event",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
    _text("practice"),
    _text("id"),
    _number("recorded_at"),
    _text("patient", null=True),
    _text("agent"),
    _text("action"),
    _text("outcome"),
    Column("body", LargeBinary, nullable=False),
    Index(None, "practice", "patient", "recorded_at"),
)

COURSE_DUE = "course-due"
"""The topic of a letter that asks for a client's course to be worked out again; its subject is the client."""
waiting_for_course = text(f"topic = '{COURSE_DUE}' AND done_at IS NULL")

outbox = Table(
    "outbox",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
    _text("practice"),
    _text("topic"),
    _text("subject"),
    Column("payload", LargeBinary, nullable=False),
    _number("created_at"),
    _number("due_at"),
    _number("attempts"),
    _number("done_at", null=True),
    _text("fault", null=True),
    Index(None, "done_at", "due_at"),
    Index("uq_outbox_course_due", "practice", "subject", unique=True, sqlite_where=waiting_for_course, postgresql_where=waiting_for_course),
)

referral = Table(
    "referral",
    metadata,
    _text("practice", key=True),
    _text("task", key=True),
    _text("service_request"),
    _text("patient"),
    _text("recipient"),
    _text("state"),
    _text("state_before", null=True),
    _number("since"),
    _number("due_at", null=True),
    _text("remote_task", null=True),
    _number("remote_version"),
    _text("note", null=True),
    Index(None, "practice", "state"),
)

referral_event = Table(
    "referral_event",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
    _text("practice"),
    _text("task"),
    _text("event"),
    _text("actor"),
    _text("from_state"),
    _text("to_state"),
    _number("happened_at"),
    Index(None, "practice", "task"),
)

partner_channel = Table(
    "partner_channel",
    metadata,
    _text("practice", key=True),
    _text("partner", key=True),
    _text("kind", key=True),
    _number("rank"),
    _text("address"),
    _text("client_id", null=True),
)
