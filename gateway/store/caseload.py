"""Whose clients are whose: a clinician's caseload, read off the index of the practice's own Patients and CareTeams."""

from __future__ import annotations

from sqlalchemy import BindParameter, ColumnElement, Table, and_, bindparam, exists, or_, select

from gateway.store.index import stay_of
from gateway.store.schema import moment, opening, reference, resource, token

_naming = resource.alias("naming")
"""The Patient or CareTeam that names the clinician: not the row that is asked about, which may stand in the same table."""

_NAMED_BY = ("Patient.general-practitioner", "CareTeam.participant")


def caseload(rows: Table) -> ColumnElement[bool]:
    """Rows of patients whose therapist, or active care team member, is one of the parameter `reader_caseloads` (`Practitioner/id` or `PractitionerRole/id`).

    A member counts from when to when the team says (`reader_now`), and no longer than the team itself.
    What a partner wrote itself makes nobody's caseload larger.
    """
    mine = (
        select(reference.c.patient)
        .join(_naming, _naming.c.seq == reference.c.resource)
        .where(
            reference.c.practice == bindparam("reader_practice"),
            reference.c.parameter.in_(_NAMED_BY),
            reference.c.target.in_(bindparam("reader_caseloads", expanding=True)),
            _naming.c.deleted == 0,
            or_(_naming.c.type == "Patient", and_(_is_active(), _is_in_it_now())),
            ~_written_by_a_partner(),
        )
    )
    return and_(rows.c.patient.in_(mine))


def _is_active() -> ColumnElement[bool]:
    return exists().where(token.c.resource == _naming.c.seq, token.c.parameter == "CareTeam.status", token.c.code == "active")


def _is_in_it_now() -> ColumnElement[bool]:
    stay = (moment.c.resource == _naming.c.seq, moment.c.parameter == stay_of(reference.c.target))
    now: BindParameter[int] = bindparam("reader_now")
    return or_(~exists().where(*stay), exists().where(*stay, moment.c.low <= now, moment.c.high > now))


def _written_by_a_partner() -> ColumnElement[bool]:
    return exists().where(opening.c.practice == _naming.c.practice, opening.c.type == _naming.c.type, opening.c.id == _naming.c.id, opening.c.reason == "author")
