"""Two practices in one database: a person, an app, a grant and a token of the one are nothing in the other; and nobody acts who waits for approval."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import update

from gateway.clock import to_ms
from gateway.smart.token import forget
from gateway.store import practice as practices
from gateway.store.schema_access import account, oauth_client, oauth_grant
from tests.token.given import allow, app, error_of, is_live, person
from tests.world import World

OFFLINE = "user/*.rs offline_access"
BAD = (400, "invalid_grant")


def other_practice(world: World) -> str:
    made = f"other-{uuid.uuid4().hex[:8]}"
    with world.store.write() as connection:
        practices.add(connection, made, "Other Practice", "UTC", to_ms(world.clock()))
    return made


@pytest.mark.parametrize("moved", ["the app", "the person", "the grant"])
def test_what_belongs_to_two_practices_opens_neither(world: World, moved: str) -> None:
    """An app that changed its registration may be approved for another practice: what people of the first allowed it must not follow."""
    asker, who = app(world, scope=OFFLINE), person(world)
    held, waiting = asker.tokens(allow(world, asker, OFFLINE, who)), allow(world, asker, OFFLINE, who)
    assert is_live(world, held["access_token"])
    elsewhere = other_practice(world)
    table, column, key = {
        "the app": (oauth_client, oauth_client.c.client_id, asker.client_id),
        "the person": (account, account.c.id, who),
        "the grant": (oauth_grant, oauth_grant.c.account, who),
    }[moved]
    with world.store.write() as connection:
        connection.execute(update(table).where(column == key).values(practice=elsewhere))
    forget(world.store)
    assert not is_live(world, held["access_token"])
    assert error_of(asker.refresh(held["refresh_token"])) == BAD
    assert error_of(asker.exchange(waiting)) == BAD


def test_a_token_of_an_app_that_waits_for_approval_again_opens_nothing(world: World) -> None:
    asker = app(world, scope=OFFLINE)
    held = asker.tokens(allow(world, asker, OFFLINE))
    with world.store.write() as connection:
        connection.execute(update(oauth_client).where(oauth_client.c.client_id == asker.client_id).values(registration_digest="0" * 64, approved_at=None))
    forget(world.store)
    assert not is_live(world, held["access_token"])
