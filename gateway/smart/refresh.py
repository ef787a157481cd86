"""New tokens for a refresh token (RFC 6749 section 6, SMART 2.2.0 app-launch, RFC 9700 section 4.14.2).

Every use gives a new refresh token and ends the old one. An old one that comes again means that two hold the family, one of them a
thief, and nobody can tell which: the grant ends with all its tokens, and the person is asked again. That is so too where an app never
got the answer and repeats its request; an app must keep the new refresh token before it uses the new access token. The end of the
grant is absolute: no refresh moves it. For online access the tokens end with the person's session.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant

from gateway.smart import token
from gateway.smart.client import OAuthClient
from gateway.smart.client_secret import AUTH_METHODS, PUBLIC, QueryClient, authenticate_public, names_nobody
from gateway.smart.issuer import Issuer
from gateway.smart.proven import Proven
from gateway.smart.scope import BadScope, parse, within
from gateway.smart.token_response import bound_by, issue
from gateway.store.engine import Connection, Store
from gateway.store.grant import GrantRow, RefreshRow, grant, living, refresh_of, revoke_grant, use_refresh_token

_BAD_TOKEN = "The refresh token is unknown, used, run out, revoked or was given to another app; start the authorization again."  # noqa: S105 - a sentence
_TOO_WIDE = "The scope goes beyond what the person allowed."


@dataclass(frozen=True)
class Refresh:
    """A refresh token with its grant, with the questions that Authlib asks of one."""

    row: RefreshRow
    grant: GrantRow

    def check_client(self, client: OAuthClient) -> bool:
        return client.client_id == self.grant.client_id


def authenticate_public_or_refreshing(store: Store) -> Callable[[QueryClient, Any], OAuthClient | None]:
    """`none` for Authlib's registry, also for an app that refreshes and leaves its name out, as SMART's own client for browsers does.

    Neither RFC 6749 section 6 nor SMART asks for the name there, and the refresh token says whose it is. An app that can prove itself must.
    """

    def authenticate(query_client: QueryClient, request: Any) -> OAuthClient | None:
        if not (names_nobody(request) and request.form.get("grant_type") == RefreshGrant.GRANT_TYPE and "refresh_token" in request.form):
            return authenticate_public(query_client, request)
        found = _found(store, request.form["refresh_token"])
        client = query_client(found.grant.client_id) if found is not None else None
        if client is None or client.auth_method != PUBLIC:
            return None
        request.proven_client_id = client.client_id
        return client

    return authenticate


def _found(store: Store, refresh_token: str) -> Refresh | None:
    with store.read() as connection:
        row = refresh_of(connection, token.digest_of(refresh_token))
        found = grant(connection, row.grant_id) if row is not None else None
    return Refresh(row, found) if row is not None and found is not None else None


class RefreshGrant(Proven, RefreshTokenGrant):  # type: ignore[misc]  # Authlib publishes no types
    """Rotation on every use, which Authlib does not do."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def authenticate_refresh_token(self, refresh_token: str) -> Refresh:
        """Raises InvalidGrantError, and changes nothing, for one who is not the app, or lacks the key, that the token was given to."""
        found = _found(self.server.issuer.store, refresh_token)
        if found is None or not found.check_client(self.client) or found.row.jkt not in (None, self.request.jkt):
            raise InvalidGrantError(_BAD_TOKEN)
        return found

    def _validate_token_scope(self, refresh: Refresh) -> None:
        """Same or narrower by meaning; a token that was used before is judged later, whatever is asked with it."""
        asked = self.request.payload.scope
        if not asked or refresh.row.used_at is not None:
            return
        try:
            is_inside = within(parse(asked), parse(refresh.row.scope))
        except BadScope as fault:
            raise InvalidScopeError(str(fault)) from None
        if not is_inside:
            raise InvalidScopeError(_TOO_WIDE)

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """In place of Authlib's, which ends the old token after it stored the new ones, and writes them into its log."""
        return self.answered(_rotate, _BAD_TOKEN)


def _rotate(connection: Connection, issuer: Issuer, request: Any) -> dict[str, Any] | None:
    """The token response; None where the refresh token is no longer good. Reuse ends the grant."""
    refresh: Refresh = request.refresh_token
    if not use_refresh_token(connection, refresh.row.digest, issuer.now):
        revoke_grant(connection, refresh.grant.id, issuer.now)
        return None
    found = living(connection, refresh.grant.id, issuer.now)
    if found is None or refresh.row.expires_at <= issuer.now:
        return None
    return issue(connection, issuer, found, bound_by(request, request.payload.scope or refresh.row.scope))
