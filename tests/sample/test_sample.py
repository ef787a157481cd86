"""The sample practice is whole and the same every time."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.record.types import (
    KINDS,
    Client,
    Clinician,
    Consent,
    Guardian,
    ProcessNoteMark,
    Session,
)
from gateway.sample import TIME_ZONE, sample_records
from tests.sample.reading import DAYS, MAY_LIE_AHEAD, TODAY, age, by_id, leaves, of, references


@pytest.mark.parametrize("today", DAYS)
def test_the_same_day_gives_the_same_list(today: date) -> None:
    assert sample_records(today) == sample_records(today)


def test_all_days_of_a_week_give_the_same_history() -> None:
    monday, sunday = sample_records(date(2026, 3, 2)), sample_records(date(2026, 3, 8))
    changed = {old.kind for old, new in zip(monday, sunday, strict=True) if old != new}
    assert changed == {"session"}, "only this week's hours turn from planned to finished"


@pytest.mark.parametrize("today", DAYS)
def test_an_id_names_one_record_of_its_kind(today: date) -> None:
    counted = Counter((record.kind, record.id) for record in sample_records(today))
    assert [name for name, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("today", DAYS)
def test_nothing_but_plans_lies_ahead(today: date) -> None:
    for record in sample_records(today):
        if isinstance(record, Session) and record.status == "planned":
            continue
        for path, value in leaves(record.model_dump()):
            day = value.date() if isinstance(value, datetime) else value
            if isinstance(day, date) and not MAY_LIE_AHEAD.search(path):
                assert day <= today, (record.id, path)


@pytest.mark.parametrize("today", DAYS)
def test_a_planned_hour_is_not_over_and_a_finished_one_is(today: date) -> None:
    for session in of(Session, today):
        assert (session.start.date() >= today) == (session.status == "planned"), session.id


@pytest.mark.parametrize("today", DAYS)
def test_every_moment_is_told_in_the_time_of_the_practice(today: date) -> None:
    for record in sample_records(today):
        for path, value in leaves(record.model_dump()):
            if isinstance(value, datetime):
                assert value.utcoffset() == value.astimezone(ZoneInfo(TIME_ZONE)).utcoffset(), (record.id, path)
                assert 7 <= value.hour <= 20, (record.id, path)


def test_a_record_comes_after_all_that_it_refers_to() -> None:
    order = list(KINDS)
    places = [order.index(record.kind) for record in sample_records(TODAY)]
    assert places == sorted(places)


def test_every_reference_names_a_record_of_the_sample() -> None:
    known = {(record.kind, record.id) for record in sample_records(TODAY)}
    for record in sample_records(TODAY):
        assert set(references(record)) <= known, record.id


def test_what_a_record_refers_to_is_of_the_same_client() -> None:
    owner = {(record.kind, record.id): getattr(record, "client", None) for record in sample_records(TODAY)}
    for record in sample_records(TODAY):
        for name in references(record):
            if owner[name] is not None:
                assert owner[name] == getattr(record, "client", None), record.id


def test_two_clients_share_an_hour_only_as_a_couple() -> None:
    clients = by_id(Client)
    booked: dict[tuple[str | None, datetime], str] = {}
    for session in of(Session):
        other = booked.setdefault((session.clinician, session.start), session.client)
        assert other in (session.client, clients[session.client].partner_of), session.id


def test_every_kind_is_there_but_those_that_the_gateway_writes() -> None:
    assert set(KINDS) - {record.kind for record in sample_records(TODAY)} == {"medication_change", "consultation", "incoming_referral"}


def test_the_practice_has_two_places_five_clinicians_and_eight_partners() -> None:
    counted = Counter(record.kind for record in sample_records(TODAY))
    assert (counted["practice"], counted["clinician"], counted["partner"]) == (3, 5, 8)
    assert 25 <= counted["client"] <= 28
    assert counted["process_note_mark"] == len(of(ProcessNoteMark)) == 2


def test_the_associate_works_under_supervision() -> None:
    associate = by_id(Clinician)["clinician-teo"]
    assert associate.supervisor
    assert not associate.license_number
    hours = [session for session in of(Session) if session.clinician == associate.id]
    assert hours
    assert {session.supervisor for session in hours} == {associate.supervisor}


def test_the_clients_are_of_all_ages() -> None:
    ages = sorted(age(client) for client in of(Client))
    assert (ages[0], ages[-1]) == (7, 84)
    assert {years // 10 for years in ages} == set(range(9)), "every decade of life"


def test_the_clients_speak_many_languages_and_some_need_an_interpreter() -> None:
    assert {"es", "vi", "ar", "ase", "zh-Hant"} <= {client.language for client in of(Client)}
    assert {client.language for client in of(Client) if client.interpreter_needed} == {"vi", "zh-Hant", "ar", "ase"}


def test_some_clients_declined_to_say() -> None:
    assert any("ASKU" in client.races for client in of(Client))
    assert any(client.ethnicity == "ASKU" for client in of(Client))


def test_every_minor_has_someone_who_may_consent() -> None:
    legal = {guardian.client for guardian in of(Guardian) if guardian.legal and guardian.active}
    assert {client.id for client in of(Client) if age(client) < 18} <= legal


def test_the_child_in_foster_care_is_signed_for_by_the_agency_alone() -> None:
    beside = {guardian.relationship: guardian.legal for guardian in of(Guardian) if guardian.client == "client-jonah"}
    assert beside == {"GUARD": True, "MTHFOST": False, "MTH": False}


def test_a_minor_signs_no_release() -> None:
    minors = {client.id for client in of(Client) if age(client) < 18}
    assert all(consent.signer_is_guardian for consent in of(Consent) if consent.client in minors)


def test_the_couple_names_each_other() -> None:
    clients = by_id(Client)
    coupled = {client.id: client.partner_of for client in clients.values() if client.partner_of}
    assert len(coupled) == 2
    assert all(coupled[other] == one for one, other in coupled.items() if other)
