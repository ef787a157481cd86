"""Whose clients are whose: a clinician's caseload, read off the index of the practice's own Patients and CareTeams."""

from __future__ import annotations

from sqlalchemy import ColumnElement, ScalarSelect, Table, and_, bindparam, exists, literal, or_, select

from gateway.store.schema import opening, reference, token
from gateway.store.schema import resource as resources

_NAMED_BY = ("Patient.general-practitioner", "CareTeam.participant")


def caseload(rows: Table) -> ColumnElement[bool]:
    """Rows of patients whose therapist, or active care team member, is one of the parameter `reader_caseloads` (`Practitioner/id` each).

    What a partner wrote itself makes nobody's caseload larger.
    """
    mine = (
        select(reference.c.patient)
        .join(resources, resources.c.seq == reference.c.resource)
        .where(
            reference.c.practice == bindparam("reader_practice"),
            reference.c.parameter.in_(_NAMED_BY),
            or_(_is_one_of_them(reference.c.target), reference.c.target.in_(_roles())),
            resources.c.deleted == 0,
            or_(resources.c.type == "Patient", _is_active()),
            ~_written_by_a_partner(),
        )
    )
    return and_(rows.c.patient.in_(mine))


def _is_one_of_them(target: ColumnElement[str]) -> ColumnElement[bool]:
    return target.in_(bindparam("reader_caseloads", expanding=True))


def _roles() -> ScalarSelect[str]:
    """What a Patient's generalPractitioner names: the therapist in the role at this practice."""
    role, named = resources.alias(), reference.alias()
    held = select(literal("PractitionerRole/") + role.c.id).join(named, named.c.resource == role.c.seq)
    of_them = named.c.practice == bindparam("reader_practice"), named.c.parameter == "PractitionerRole.practitioner", _is_one_of_them(named.c.target)
    return held.where(role.c.deleted == 0, *of_them).scalar_subquery()


def _is_active() -> ColumnElement[bool]:
    return exists().where(token.c.resource == resources.c.seq, token.c.parameter == "CareTeam.status", token.c.code == "active")


def _written_by_a_partner() -> ColumnElement[bool]:
    return exists().where(opening.c.practice == resources.c.practice, opening.c.type == resources.c.type, opening.c.id == resources.c.id, opening.c.reason == "author")
