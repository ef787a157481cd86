"""The rule as a table, and the same rule inside queries: what SQL shows is what `decide` permits."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from gateway.context import Principal
from gateway.fhir.search_query import read_query
from gateway.privacy import label
from gateway.privacy.category import BITS, CATALOGUE, DIRECTORY, mask
from gateway.privacy.consent import PURPOSES, release_row
from gateway.privacy.decision import Permit, Release, Withhold, clearance, decide, decide_referral
from gateway.record.types import Consent
from gateway.store import release as releases
from gateway.store import resource as resources
from gateway.store.engine import Connection
from gateway.store.resource import Placing
from gateway.store.schema import opening, release, resource, resource_history
from gateway.store.search import search
from gateway.store.version import put
from tests.store.engines import consent
from tests.world import World

NOW = 1_000_000
GOALS = BITS["treatment_plan"]
NEW_YORK = ZoneInfo("America/New_York")


def _principal(role: Any = "partner", purpose: str = "TREAT", recipient: str = "harbor", practice: str = "p") -> Principal:
    return Principal("client", "Client", practice, role, recipient, purpose, "system/*.rs")


def _release(**changed: Any) -> Release:
    given_values: dict[str, Any] = {"categories": GOALS, "cleared": label.RELEASED, "purpose": "TREAT", "starts_at": 0, "ends_at": NOW + 1}
    return Release(**given_values | changed)


P2 = label.RELEASED | label.SUBSTANCE_USE
TABLE: dict[str, tuple[Principal, int, int, list[Release], Permit | Withhold]] = {
    "the practice sees its own, whatever the labels": (_principal("practice"), 0, label.RESTRICTED | label.UNKNOWN, [], Permit("own-practice")),
    "the catalogue is open to everyone": (_principal(), CATALOGUE, 0, [], Permit("catalogue")),
    "to whatever end": (_principal(purpose="HLEGAL"), CATALOGUE, 0, [], Permit("catalogue")),
    "but nothing of it that bears a label": (_principal(), CATALOGUE, label.BH, [_release(categories=mask(tuple(BITS)))], Withhold("category")),
    "nobody sees anything without consent": (_principal(), GOALS, label.BH, [], Withhold("no-consent")),
    "a release opens what it names": (_principal(), GOALS, label.BH, [_release()], Permit("release")),
    "a release opens nothing else": (_principal(), BITS["diagnoses"], label.BH, [_release()], Withhold("category")),
    "what has no category is in no release": (_principal(), 0, 0, [_release(categories=mask(tuple(BITS)))], Withhold("category")),
    "a release clears no substance use": (_principal(), GOALS, label.BH | label.SUD | label.PART2, [_release()], Withhold("label")),
    "one label too many is too many": (_principal(), GOALS, P2 | label.HIV, [_release(cleared=P2)], Withhold("label")),
    "a Part 2 consent clears it": (_principal(), GOALS, label.BH | label.SUD | label.PART2, [_release(cleared=P2)], Permit("release")),
    "nothing clears what is restricted": (_principal(), GOALS, label.BH | label.RESTRICTED, [_release(cleared=P2)], Withhold("label")),
    "nothing clears what is unknown": (_principal(), GOALS, label.BH | label.UNKNOWN, [_release(cleared=P2)], Withhold("label")),
    "payment is not treatment": (_principal(purpose="HPAYMT"), GOALS, label.BH, [_release()], Withhold("purpose")),
    "treatment is not payment": (_principal(), GOALS, label.BH, [_release(purpose="HPAYMT")], Withhold("purpose")),
    "payment under a release for payment": (_principal(purpose="HPAYMT"), GOALS, label.BH, [_release(purpose="HPAYMT")], Permit("release")),
    "operations under a release for operations": (_principal(purpose="HOPERAT"), GOALS, label.BH, [_release(purpose="HOPERAT")], Permit("release")),
    "at the client's own request, to whatever end": (_principal(purpose="HOPERAT"), GOALS, label.BH, [_release(purpose="PATRQT")], Permit("release")),
    "legal proceedings get nothing, also under a release for them": (_principal(purpose="HLEGAL"), GOALS, label.BH, [_release(purpose="HLEGAL")], Withhold("purpose")),
    "nor at the client's request": (_principal(purpose="HLEGAL"), GOALS, label.BH, [_release(purpose="PATRQT")], Withhold("purpose")),
    "nobody uses a release for legal proceedings": (_principal(), GOALS, label.BH, [_release(purpose="HLEGAL")], Withhold("purpose")),
    "an unheard purpose gets nothing": (_principal(purpose="FAMRQT"), GOALS, label.BH, [_release(purpose="PATRQT")], Withhold("purpose")),
    "from its first millisecond": (_principal(), GOALS, label.BH, [_release(starts_at=NOW)], Permit("release")),
    "not a millisecond before": (_principal(), GOALS, label.BH, [_release(starts_at=NOW + 1)], Withhold("period")),
    "to its last millisecond": (_principal(), GOALS, label.BH, [_release(ends_at=NOW + 1)], Permit("release")),
    "not a millisecond after": (_principal(), GOALS, label.BH, [_release(ends_at=NOW)], Withhold("period")),
    "one release of two is enough": (_principal(), GOALS, label.BH, [_release(ends_at=1), _release()], Permit("release")),
    "two halves make no whole": (_principal(), GOALS, P2, [_release(), _release(cleared=P2, categories=BITS["diagnoses"])], Withhold("category")),
}


@pytest.mark.parametrize("case", TABLE.values(), ids=TABLE)
def test_the_decision(case: tuple[Principal, int, int, list[Release], Permit | Withhold]) -> None:
    principal, category, labels, given_releases, expected = case
    assert decide(principal, category, labels, given_releases, NOW) == expected


def test_a_referral_carries_substance_use_only_under_a_part_2_consent_for_its_recipient() -> None:
    sud = label.BH | label.SUD | label.PART2
    assert decide_referral(label.BH, [], "TREAT", NOW) == (Permit("opened"), None)
    assert decide_referral(sud, [("c", _release())], "TREAT", NOW) == (Withhold("label"), None)
    assert decide_referral(sud, [("c", _release(cleared=P2))], "TREAT", NOW) == (Permit("release"), "c")
    assert decide_referral(sud, [("c", _release(cleared=P2, ends_at=NOW))], "TREAT", NOW)[0] == Withhold("label")
    assert decide_referral(sud | label.RESTRICTED, [("c", _release(cleared=P2))], "TREAT", NOW)[0] == Withhold("label")


def _row(**values: Any) -> dict[str, Any] | None:
    given_consent = consent("ana", "harbor", **values)
    assert isinstance(given_consent, Consent)
    return release_row(given_consent, "p", "c", "patient", NEW_YORK)


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def test_a_consent_holds_from_the_first_to_the_last_of_its_days_in_the_practices_zone() -> None:
    row = _row(period={"start": "2026-03-08", "end": "2026-11-01"})
    assert row is not None
    assert (row["starts_at"], row["ends_at"]) == (_ms("2026-03-08T00:00:00-05:00"), _ms("2026-11-02T00:00:00-05:00"))


def test_a_consent_without_an_end_holds_until_it_is_revoked() -> None:
    forever, revoked = _row(), _row(revoked_on="2026-07-01", period={"end": "2026-12-31"})
    assert forever is not None
    assert revoked is not None
    assert forever["ends_at"] == releases.FOR_EVER
    assert revoked["ends_at"] == _ms("2026-07-01T00:00:00-04:00")


def test_a_consent_to_obtain_or_to_nobody_on_file_opens_nothing() -> None:
    assert _row(direction="obtain") is None
    assert _row(partner=None, recipient_text="A friend") is None
    assert _row(direction="both") is not None


@pytest.mark.parametrize(
    ("part2", "categories", "cleared"), [(True, ["sud_records", "diagnoses"], P2), (True, ["diagnoses"], label.RELEASED), (False, ["diagnoses"], label.RELEASED)]
)
def test_only_a_part_2_consent_that_names_them_clears_substance_use_records(part2: bool, categories: list[str], cleared: int) -> None:
    row = _row(part2=part2, categories=categories)
    assert row is not None
    assert row["cleared"] == cleared
    assert row["categories"] == BITS["diagnoses"]


def test_every_purpose_of_a_record_is_one_the_decision_knows_or_none() -> None:
    assert set(PURPOSES.values()) == {"TREAT", "HPAYMT", "HOPERAT", "HLEGAL", "PATRQT", "OTHER"}


# What SQL shows

_CATEGORY = st.sampled_from([0, GOALS, BITS["diagnoses"], BITS["referrals"], DIRECTORY, CATALOGUE])
_LABELS = st.sampled_from([0, label.BH, P2, label.BH | label.SUD, label.BH | label.RESTRICTED, label.UNKNOWN, label.HIV | label.BH])
_PATIENTS = st.sampled_from(["ana", "ben", None])
_WHO = st.sampled_from(["harbor", "pier"])
_RESOURCES = st.lists(st.tuples(_CATEGORY, _LABELS, _PATIENTS), min_size=1, max_size=8)
_TIMES = st.sampled_from([0, NOW - 1, NOW, NOW + 1, releases.FOR_EVER])
_RELEASES = st.lists(
    st.tuples(
        _WHO, st.sampled_from(["ana", "ben"]), st.sampled_from([GOALS, BITS["diagnoses"], GOALS | BITS["referrals"]]), st.sampled_from([label.RELEASED, P2]),
        st.sampled_from(["TREAT", "HPAYMT", "PATRQT", "HLEGAL"]), _TIMES, _TIMES,
    ),
    max_size=5,
)  # fmt: skip
_OPENINGS = st.lists(
    st.tuples(_WHO, st.integers(0, 7), st.sampled_from(["author", "referral:t"]), st.sampled_from([releases.ALL, label.RELEASED, 0]), st.sampled_from([None, 0, 1]), _TIMES),
    max_size=4,
)
Row = tuple[int, int, str | None]


def _stored(connection: Connection, found: list[Row], given_releases: list[Any], openings: list[Any]) -> None:
    for table in (resource, resource_history, release, opening):
        connection.execute(delete(table).where(table.c.practice == "p"))
    for at, (category, labels, patient) in enumerate(found):
        made = {"resourceType": "Organization", "id": f"r{at}", "name": f"Name {at}"}
        put(connection, made, Placing("p", patient, labels, category, NEW_YORK), NOW, security=[])
    for at, (who, patient, categories, cleared, purpose, starts, ends) in enumerate(given_releases):
        row = {"practice": "p", "consent": f"c{at}", "recipient": who, "patient": patient, "categories": categories, "cleared": cleared}
        releases.put_release(connection, row | {"purpose": purpose, "starts_at": starts, "ends_at": ends})
    for who, at, reason, cleared, needed, ends in openings:
        under = None if needed is None else f"c{needed}"
        releases.open_to(connection, "p", who, [("Organization", f"r{at}")], reason=reason, cleared=cleared, consent=under)
        wanted = (opening.c.recipient == who) & (opening.c.id == f"r{at}") & (opening.c.reason == reason) & (opening.c.practice == "p")
        connection.execute(opening.update().where(wanted).values(ends_at=ends))


def _permitted(connection: Connection, principal: Principal, found: list[Row], given_releases: list[Any]) -> set[str]:
    """By `decide`, the openings as they stand, and the rule of the directory: open with a release or a referral, not with what a partner wrote itself."""
    mine = [(f"c{at}", one[1], Release(*one[2:])) for at, one in enumerate(given_releases) if one[0] == principal.recipient]
    in_force = {name for name, _, one in mine if decide(principal, one.categories, 0, [one], NOW) == Permit("release")}
    rows = connection.execute(select(opening).where(opening.c.practice == "p", opening.c.recipient == principal.recipient))
    open_now = [row for row in rows if row.ends_at > NOW and (row.consent is None or row.consent in in_force)]
    seen = set()
    for at, (category, labels, patient) in enumerate(found):
        theirs = [one for _, whose, one in mine if whose == patient]
        opened = any(row.id == f"r{at}" and labels & row.cleared == labels for row in open_now)
        in_directory = category == DIRECTORY and bool(in_force or [row for row in open_now if row.reason.startswith("referral:")])
        if opened or in_directory or isinstance(decide(principal, category, labels, theirs, NOW), Permit):
            seen.add(f"r{at}")
    return seen


@settings(max_examples=60)
@given(
    found=_RESOURCES,
    given_releases=_RELEASES,
    openings=_OPENINGS,
    purpose=st.sampled_from(["TREAT", "HPAYMT", "HOPERAT", "HLEGAL"]),
    role=st.sampled_from(["partner", "partner", "practice"]),
)
def test_what_a_query_shows_is_what_is_permitted(world: World, found: list[Row], given_releases: list[Any], openings: list[Any], purpose: str, role: Any) -> None:
    principal = _principal(role, purpose)
    reader = clearance(principal, NOW)
    with world.store.write() as connection:
        _stored(connection, found, given_releases, openings)
        expected = _permitted(connection, principal, found, given_releases)
        page = search(connection, reader, read_query("Organization", [], NEW_YORK), ())
        assert {one.id for one in page.matches} == expected
        assert page.total == len(expected)
        for at in range(len(found)):
            key = f"r{at}"
            assert (resources.read(connection, reader, "Organization", key) is not None) == (key in expected)
            assert bool(resources.history(connection, reader, "Organization", key)) == (key in expected)
        assert resources.visible_among(connection, reader, [f"Organization/r{at}" for at in range(9)]) == {f"Organization/{key}" for key in expected}
