"""What the client commands read and show: keys, spans of time, partners, and the facts of a client."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import click
import orjson

from gateway.smart.client import OAuthClient
from gateway.store import record as records
from gateway.store.engine import Store

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Keys(NamedTuple):
    """Public keys as they were given: a set, or the address of one."""

    jwks: dict[str, Any] | None
    jwks_uri: str | None


class Span(click.ParamType[int]):
    """30m, 24h, 7d: in seconds."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        number, unit = str(value)[:-1], str(value)[-1:]
        if unit not in _UNITS or not (number.isascii() and number.isdecimal()) or len(number) > 6:
            self.fail("is no span of time; write 30m, 24h or 7d.", param, ctx)
        return int(number) * _UNITS[unit]


def keys_given(given: str | None) -> Keys:
    if given is None:
        return Keys(None, None)
    return Keys(None, given) if given.startswith(("https://", "http://")) else Keys(_key_set(Path(given)), None)


def reminder(keys: Keys, client_id: str) -> str:
    """A line for whoever brought keys and not their address (SMART 2.2.0 client-confidential-asymmetric, registration)."""
    return f"\nWhenever its keys change, register the new ones: handoff client rotate {client_id} --jwks FILE" if keys.jwks is not None else ""


def check_partner(store: Store, practice: str, partner: str | None) -> None:
    """Raises BadParameter for a partner that is not on file."""
    with store.read() as connection:
        if partner is not None and not records.exists(connection, practice, "partner", partner):
            raise click.BadParameter("is no partner on file; import the practice's address book, or see: handoff partner add.", param_hint="--partner")


def main_facts(client: OAuthClient) -> dict[str, Any]:
    """For a list. No secret is among them, nor its digest."""
    return {
        "client_id": client.client_id,
        "name": client.name,
        "kind": "app" if client.is_app else "backend",
        "role": client.role,
        "method": client.auth_method,
        "partner": client.recipient,
        "scope": client.scope,
        "status": status_of(client),
        "revoked": client.revoked_at is not None,
    }


def all_facts(client: OAuthClient) -> dict[str, Any]:
    return main_facts(client) | {
        "practice": client.practice,
        "redirect_uris": list(client.redirect_uris),
        "launch_uri": client.launch_uri,
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
        "origins": list(client.origins),
        "jwks_uri": client.jwks_uri,
        "strict": client.strict,
        **client.about,
    }


def status_of(client: OAuthClient) -> str:
    """revoked, waiting (it registered itself and may do nothing yet), or active."""
    if client.revoked_at is not None:
        return "revoked"
    return "active" if client.approved else "waiting"


def in_a_line(client: OAuthClient) -> str:
    standing = status_of(client)
    return f"{client.client_id}  {client.role:8}  {client.auth_method:19}  {client.name}{'' if standing == 'active' else f'  ({standing})'}"


def in_lines(facts: dict[str, Any]) -> str:
    """One fact to a line. Nothing in them moves the cursor: what is not printable is not registered."""
    return "\n".join(f"{name:26}{', '.join(value) if isinstance(value, list) else value}" for name, value in facts.items() if value not in (None, [], False))


def _key_set(path: Path) -> dict[str, object]:
    try:
        found = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as fault:
        raise click.ClickException(f"{path}, line {fault.lineno}, column {fault.colno}: not JSON; give a JWK set with the client's public keys.") from None
    if not isinstance(found, dict):
        raise click.ClickException(f'{path}: not a JWK set; it must be an object with "keys".')
    return found
