"""key list, rotate."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from gateway.cli.ground import json_option, open_store, settings, tell, the_practice
from gateway.clock import system_clock
from gateway.smart.key import OwnKeys, SigningKey, ends_at, signs_from
from gateway.smart.practice_key import PracticeKeys
from gateway.smart.rotation import LEAD_S, OVERLAP_S, rotate
from gateway.store import practice as practices

_own_option = click.option("--practice", help="The practice whose own keys are meant; the gateway's without it.")


@click.group()
def key() -> None:
    """The keys with which this gateway signs: to partners, and id_tokens for apps."""


@key.command("list")
@_own_option
@json_option
def key_list(practice: str | None, as_json: bool) -> None:
    """Every key that is published, which of them sign, and until when they are kept; private parts are never shown.

    Example: handoff key list
    """
    keys = _keys()
    own, named = keys.gateway, None
    if practice is not None:
        named = the_practice(open_store(), practice)
        own = keys.own(named) or keys.gateway
    rows = [_row(own, each) for each in own.published()]
    tell({"published_at": _address(named), "keys": rows}, as_json=as_json, text="\n".join([f"Published at {_address(named)}:", *(_line(row) for row in rows)]))


@key.command("rotate")
@_own_option
@click.option(
    "--overlap",
    type=click.IntRange(1, 24 * 90),
    default=OVERLAP_S // 3600,
    show_default=True,
    metavar="HOURS",
    help="The old keys stay published for so long after the new ones sign.",
)
@click.option(
    "--lead", type=click.IntRange(10, 60 * 24 * 30), default=LEAD_S // 60, show_default=True, metavar="MINUTES", help="The new keys are published for so long before they sign."
)
@click.option("--at-once", is_flag=True, help="The old keys have become known to others: drop them now. Who holds the old key set refuses us until it reads the new one.")
@json_option
def key_rotate(practice: str | None, overlap: int, lead: int, at_once: bool, as_json: bool) -> None:
    """Make new keys. They are published now and sign a little later; the old ones stay published until the overlap is over.

    A running server and worker take up the change by themselves. Partners that keep our keys themselves, and do not read our address,
    must be sent the new key set: give them time with --lead.

    Example: handoff key rotate --overlap 72
    """
    keys = _keys()
    overlap_s, lead_s = (0, 0) if at_once else (overlap * 3600, lead * 60)
    named = None if practice is None else the_practice(open_store(), practice)
    done = (
        rotate(settings().secret_key_file, system_clock().timestamp(), overlap_s=overlap_s, lead_s=lead_s)
        if named is None
        else keys.rotate(named, overlap_s=overlap_s, lead_s=lead_s)
    )
    said = {"published_at": _address(named), "signs_from": _moment(done.signs_from), "old_until": _moment(done.old_until)}
    text = "The old keys are gone; the new ones sign now." if at_once else f"The new keys sign from {said['signs_from']}; the old ones stay published until {said['old_until']}."
    tell(said, as_json=as_json, text=f"{text} All are published at {said['published_at']}.{_moved(named)}")


def _moved(named: str | None) -> str:
    """What a practice's partners must be told, where they may have registered the gateway's address."""
    if named is None:
        return ""
    with open_store().read() as connection:
        first = practices.all_ids(connection)[0]
    address = f"{settings().base_url}/oauth/jwks"
    return f" They stand at {address} too." if named == first else f" Partners that registered {address} must register this address in its place."


def _keys() -> PracticeKeys:
    return PracticeKeys(OwnKeys(settings().secret_key_file, system_clock), system_clock)


def _address(practice: str | None) -> str:
    return f"{settings().base_url}/oauth/jwks" + (f"/{practice}" if practice else "")


def _row(own: OwnKeys, each: SigningKey) -> dict[str, object]:
    starts, ends = signs_from(each), ends_at(each)
    return {
        "kid": each.kid,
        "algorithm": each.alg,
        "signs": own.signing(str(each.alg))[:1] == [each],
        "signs_from": _moment(starts) if starts else None,
        "until": _moment(ends) if ends != float("inf") else None,
    }


def _line(row: dict[str, object]) -> str:
    waits = row["signs_from"] is not None and row["until"] is None and not row["signs"]
    state = "signs" if row["signs"] else f"signs from {row['signs_from']}" if waits else "published"
    until = f", until {row['until']}" if row["until"] else ""
    return f"{row['algorithm']}  {row['kid']}  {state}{until}"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
