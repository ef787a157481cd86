"""What anybody may begin without a name is stored, so it has bounds: so many from one address, and gone once it has run out."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from gateway.store.schema_access import single_use
from gateway.web import ground
from tests.authorize.clinic import Clinic


def under_way(clinic: Clinic) -> int:
    with clinic.world.store.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(single_use).where(single_use.c.kind == "authorization")) or 0)


def begin(clinic: Clinic, address: str) -> int:
    return clinic.world.http.get("/oauth/authorize", query_string=clinic.parameters(), environ_overrides={"REMOTE_ADDR": address}).status_code


def test_an_address_begins_so_many_and_another_is_not_held_up(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ground, "MOST_BEGUN", 3)
    assert [begin(clinic, "198.51.100.7") for _ in range(4)] == [303, 303, 303, 429]
    before = under_way(clinic)
    refused = clinic.world.http.get("/oauth/authorize", query_string=clinic.parameters(), environ_overrides={"REMOTE_ADDR": "198.51.100.7"})
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0, under_way(clinic)) == (429, True, before)
    assert begin(clinic, "198.51.100.8") == 303
    clinic.world.clock.forward(minutes=10)
    assert begin(clinic, "198.51.100.7") == 303


def test_what_was_begun_and_ran_out_is_not_kept(clinic: Clinic) -> None:
    for _ in range(3):
        begin(clinic, "198.51.100.9")
    clinic.world.clock.forward(minutes=10, seconds=1)
    begin(clinic, "198.51.100.9")
    assert under_way(clinic) == 1
