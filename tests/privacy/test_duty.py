"""What the people of a practice see: the rule as a table, and the same rule inside queries."""

from __future__ import annotations

from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from gateway.fhir.search_query import read_query
from gateway.privacy import label
from gateway.privacy.category import BITS, CATALOGUE, DIRECTORY
from gateway.privacy.duty import RELATIONS, Standing, may_see, user_clearance
from gateway.privacy.principal import Duty, User
from gateway.store import resource as resources
from gateway.store.engine import Connection
from gateway.store.resource import Placing
from gateway.store.schema import opening, reference, resource, resource_history, token
from gateway.store.search import search
from gateway.store.version import put
from tests.world import World

NEW_YORK = ZoneInfo("America/New_York")
NOW = 1_000_000
DUTIES: tuple[Duty, ...] = get_args(Duty)
GOALS, VISITS, NAMES = BITS["treatment_plan"], BITS["attendance"], BITS["demographics"]
SUD = label.BH | label.SUD | label.PART2


def someone(*duties: Duty) -> User:
    own = "Patient/ana" if "client" in duties else "Practitioner/me"
    return User("account", "A Person", frozenset(duties), own, ("Practitioner/me",) if {"therapist", "supervisor"} & set(duties) else ())


TABLE: dict[str, tuple[User, Standing, str, int, int, bool]] = {
    "a therapist sees the own caseload, whatever the labels": (someone("therapist"), "caseload", "Goal", GOALS, SUD | label.RESTRICTED, True),
    "and what no release opens": (someone("therapist"), "caseload", "Task", 0, label.BH, True),
    "and nobody else's": (someone("therapist"), "other", "Goal", GOALS, 0, False),
    "not even a name": (someone("therapist"), "other", "Patient", NAMES, 0, False),
    "a supervisor too": (someone("supervisor"), "other", "Patient", NAMES, 0, False),
    "the front desk sees names": (someone("front_desk"), "other", "Patient", NAMES, SUD, True),
    "and visits": (someone("front_desk"), "other", "Encounter", VISITS, label.BH, True),
    "and no goals": (someone("front_desk"), "other", "Goal", GOALS, 0, False),
    "nor visits that are kept inside": (someone("front_desk"), "other", "Encounter", VISITS, label.RESTRICTED, False),
    "nor what nobody knows the label of": (someone("front_desk"), "other", "Patient", NAMES, label.UNKNOWN, False),
    "a client sees the own goals": (someone("client"), "own", "Goal", GOALS, SUD, True),
    "and consents": (someone("client"), "own", "Consent", 0, label.BH, True),
    "and no tasks of the practice's own": (someone("client"), "own", "Task", 0, label.BH, False),
    "nor what is kept inside": (someone("client"), "own", "Observation", BITS["assessments"], label.BH | label.RESTRICTED, False),
    "nor another's": (someone("client"), "other", "Goal", GOALS, 0, False),
    "an administrator sees no client": (someone("administrator"), "other", "Patient", NAMES, 0, False),
    "nor does an auditor": (someone("auditor"), "other", "Encounter", VISITS, 0, False),
    "both see who works here": (someone("auditor"), "nobody", "Practitioner", DIRECTORY, 0, True),
    "and the catalogue": (someone("administrator"), "nobody", "ValueSet", CATALOGUE, 0, True),
    "but nothing of it that bears a label": (someone("administrator"), "nobody", "ValueSet", CATALOGUE, label.BH, False),
    "two duties see what either sees": (someone("administrator", "therapist", "front_desk"), "other", "Patient", NAMES, 0, True),
    "and no more": (someone("administrator", "therapist", "front_desk"), "other", "Goal", GOALS, 0, False),
    "who has no duty sees the catalogue alone": (someone(), "nobody", "Practitioner", DIRECTORY, 0, False),
}


@pytest.mark.parametrize("case", TABLE.values(), ids=TABLE)
def test_the_decision(case: tuple[User, Standing, str, int, int, bool]) -> None:
    user, standing, resource_type, category, labels, seen = case
    assert may_see(user, standing, resource_type, category, labels) is seen


def test_every_duty_has_its_reasons() -> None:
    assert set(RELATIONS) == set(DUTIES)


# What SQL shows

_CATEGORY = st.sampled_from([0, GOALS, VISITS, NAMES, DIRECTORY, CATALOGUE])
_LABELS = st.sampled_from([0, label.BH, SUD, label.BH | label.RESTRICTED, label.UNKNOWN])
_ROWS = st.lists(st.tuples(_CATEGORY, _LABELS, st.sampled_from(["ana", "ben", None])), min_size=1, max_size=8)
_NAMED = st.lists(
    st.tuples(
        st.sampled_from(["ana", "ben"]), st.sampled_from(["Patient", "active", "inactive"]), st.sampled_from(["Practitioner/me", "Practitioner/you"]), st.booleans(), st.booleans()
    ),
    max_size=4,
)
"""Patient named, by itself or a care team of this status, the clinician it names, whether it is deleted, whether a partner wrote it."""


def _store(connection: Connection, rows: list[Any], named: list[Any]) -> set[str]:
    """Store the rows and what names their clinicians; the patients of the caseload of `me`."""
    for table in (resource, resource_history, opening, reference, token):
        connection.execute(delete(table).where(table.c.practice == "d"))
    for at, (category, labels, patient) in enumerate(rows):
        put(connection, {"resourceType": "Organization", "id": f"r{at}", "name": f"Name {at}"}, Placing("d", patient, labels, category, NEW_YORK), NOW, security=[])
    for at, (patient, kind, clinician, deleted, by_partner) in enumerate(named):
        member = {"reference": clinician}
        body = (
            {"resourceType": "Patient", "generalPractitioner": [member]} if kind == "Patient" else {"resourceType": "CareTeam", "status": kind, "participant": [{"member": member}]}
        )
        put(connection, body | {"id": f"n{at}"}, Placing("d", patient, 0, 0, NEW_YORK), NOW, security=[])
        connection.execute(resource.update().where(resource.c.practice == "d", resource.c.id == f"n{at}").values(deleted=int(deleted)))
        if by_partner:
            row = {"practice": "d", "recipient": "p", "type": body["resourceType"], "id": f"n{at}", "reason": "author", "consent": None, "cleared": 0, "ends_at": NOW}
            connection.execute(opening.insert().values(row))
    return {patient for patient, kind, clinician, deleted, by_partner in named if kind != "inactive" and clinician.endswith("me") and not deleted and not by_partner}


def _standing(user: User, patient: str | None, caseload: set[str]) -> Standing:
    if patient is None:
        return "nobody"
    if user.caseloads and patient in caseload:
        return "caseload"
    return "own" if user.fhir_user == f"Patient/{patient}" else "other"


@settings(max_examples=60)
@given(rows=_ROWS, named=_NAMED, duties=st.sets(st.sampled_from(DUTIES)))
def test_what_a_query_shows_is_what_a_duty_lets_see(world: World, rows: list[Any], named: list[Any], duties: set[Duty]) -> None:
    user = someone(*duties)
    reader = user_clearance(user, "d", NOW)
    with world.store.write() as connection:
        caseload = _store(connection, rows, named)
        expected = {
            f"r{at}"
            for at, (category, labels, patient) in enumerate(rows)
            if may_see(user, _standing(user, patient, caseload), "Organization", category, labels) or ("client" in duties and patient == "ana" and _own(category, labels))
        }
        page = search(connection, reader, read_query("Organization", [], NEW_YORK), ())
        assert ({one.id for one in page.matches}, page.total) == (expected, len(expected))
        for at in range(len(rows)):
            assert (resources.read(connection, reader, "Organization", f"r{at}") is not None) == (f"r{at}" in expected)


def _own(category: int, labels: int) -> bool:
    """A client who is in a caseload of the own, too, still sees the own record as a client does."""
    return category != 0 and not labels & (label.RESTRICTED | label.UNKNOWN)
