"""A member of a CareTeam counts from when to when the team says: index rows for those that were stored before."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from gateway.store.index import Entry, stay_of, stays

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TEAMS = """SELECT resource.seq, resource.practice, resource.patient, resource.date, resource.body, practice.time_zone
FROM resource JOIN practice ON practice.id = resource.practice WHERE resource.type = 'CareTeam' AND resource.deleted = 0"""
_ADD = "INSERT INTO moment (practice, parameter, low, high, patient, date, resource) VALUES (:practice, :parameter, :low, :high, :patient, :date, :resource)"


def upgrade() -> None:
    connection = op.get_bind()
    rows = [
        {"practice": row.practice, "parameter": stay_of(member), "low": span.low, "high": span.high, "patient": row.patient, "date": row.date, "resource": row.seq}
        for row in connection.execute(sa.text(_TEAMS)).all()
        for member, span in stays(Entry(row.seq, json.loads(bytes(row.body)), row.practice, row.patient, row.date, ZoneInfo(row.time_zone)))
    ]
    if rows:
        connection.execute(sa.text(_ADD), rows)


def downgrade() -> None:
    op.get_bind().execute(sa.text("DELETE FROM moment WHERE parameter LIKE :named"), {"named": f"{stay_of('')}%"})
