"""Patients are found by their therapist: index rows for those that were stored before."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NAME = "Patient.general-practitioner"


def upgrade() -> None:
    connection = op.get_bind()
    patients = connection.execute(sa.text("SELECT seq, practice, patient, date, body FROM resource WHERE type = 'Patient' AND deleted = 0")).all()
    rows = [
        {"practice": row.practice, "parameter": _NAME, "target": named["reference"], "patient": row.patient, "date": row.date, "resource": row.seq}
        for row in patients
        for named in json.loads(bytes(row.body)).get("generalPractitioner", ())
        if "reference" in named
    ]
    if rows:
        values = "(:practice, :parameter, :target, :patient, :date, :resource)"
        connection.execute(sa.text(f"INSERT INTO reference (practice, parameter, target, patient, date, resource) VALUES {values}"), rows)  # noqa: S608 - our own constant


def downgrade() -> None:
    op.execute(sa.text(f"DELETE FROM reference WHERE parameter = '{_NAME}'"))  # noqa: S608 - our own constant
