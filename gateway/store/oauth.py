"""OAuth clients, their access tokens (as digests only), and the assertions they have spent."""

from __future__ import annotations

import json
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store.schema_access import access_token, account, assertion_jti, oauth_client, oauth_grant, session


class ClientRow(NamedTuple):
    """A row of `oauth_client`; the columns in their order."""

    client_id: str
    practice: str
    name: str
    role: str
    recipient: str | None
    purpose: str
    scope: str
    jwks: str | None
    jwks_uri: str | None
    created_at: int
    revoked_at: int | None
    auth_method: str = "private_key_jwt"
    secret_digest: str | None = None
    secret_before: str | None = None
    secret_before_until: int | None = None
    redirect_uris: str = "[]"
    launch_uri: str | None = None
    post_logout_redirect_uris: str = "[]"
    origins: str = "[]"
    strict: int = 0
    about: str = "{}"
    registration_digest: str | None = None
    approved_at: int | None = None


class TokenRow(NamedTuple):
    """An access token and the client it belongs to."""

    client_id: str
    scope: str
    issued_at: int
    expires_at: int
    revoked_at: int | None
    client_revoked_at: int | None
    practice: str
    name: str
    role: str
    recipient: str | None
    purpose: str
    grant_id: str | None = None
    jkt: str | None = None
    audience: str | None = None
    patient: str | None = None
    grant_expires_at: int | None = None
    grant_revoked_at: int | None = None
    account: str | None = None
    display: str | None = None
    roles: str | None = None
    fhir_user: str | None = None
    disabled_at: int | None = None
    session: str | None = None
    session_expires_at: int | None = None
    session_ended_at: int | None = None
    has_account: bool = False

    @property
    def ends(self) -> list[int]:
        """When it is over by the token itself, by its grant, and by its session."""
        return [moment for moment in (self.expires_at, self.grant_expires_at, self.session_expires_at) if moment is not None]

    def is_live(self, now: int) -> bool:
        """Neither run out nor revoked, and neither are the client, the grant, the person and the session it hangs on. What cannot be found is not live."""
        if self.revoked_at is not None or self.client_revoked_at is not None or now >= self.expires_at:
            return False
        if self.grant_id is None:
            return self.role != "app"
        granted = self.account is not None and self.grant_revoked_at is None and now < (self.grant_expires_at or 0)
        signed_in = self.session is None or (self.session_ended_at is None and now < (self.session_expires_at or 0))
        return granted and signed_in and self.has_account and self.disabled_at is None


_CLIENT = [oauth_client.c[name] for name in ClientRow._fields]
_TOKEN = [
    access_token.c.client_id,
    access_token.c.scope,
    access_token.c.issued_at,
    access_token.c.expires_at,
    access_token.c.revoked_at,
    oauth_client.c.revoked_at.label("client_revoked_at"),
    *(oauth_client.c[name] for name in ("practice", "name", "role", "recipient", "purpose")),
    access_token.c.grant_id,
    access_token.c.jkt,
    access_token.c.audience,
    oauth_grant.c.patient,
    oauth_grant.c.expires_at.label("grant_expires_at"),
    oauth_grant.c.revoked_at.label("grant_revoked_at"),
    oauth_grant.c.account,
    account.c.display,
    account.c.roles,
    account.c.fhir_user,
    account.c.disabled_at,
    oauth_grant.c.session,
    session.c.expires_at.label("session_expires_at"),
    session.c.ended_at.label("session_ended_at"),
    account.c.id.is_not(None).label("has_account"),
]
_MAY_ACT = or_(oauth_client.c.approved_at.is_not(None), oauth_client.c.registration_digest.is_(None))
"""Registered by an operator, or approved by one."""
_OF_THE_APP = and_(oauth_grant.c.client_id == oauth_client.c.client_id, oauth_grant.c.practice == oauth_client.c.practice)
_WITH_ALL_IT_HANGS_ON = (
    access_token.join(oauth_client, and_(oauth_client.c.client_id == access_token.c.client_id, _MAY_ACT))
    .outerjoin(oauth_grant, and_(oauth_grant.c.id == access_token.c.grant_id, _OF_THE_APP))
    .outerjoin(account, and_(account.c.id == oauth_grant.c.account, account.c.practice == oauth_grant.c.practice))
    .outerjoin(session, and_(session.c.id == oauth_grant.c.session, session.c.account == oauth_grant.c.account))
)
"""All of one practice, and of a client that may act; what is of another is not found, and so not live."""


_BY_ID = select(*_CLIENT).where(oauth_client.c.client_id == bindparam("id"))
_FORGET_JTIS = delete(assertion_jti).where(assertion_jti.c.expires_at < bindparam("now"))
_SPEND = {
    "sqlite": sqlite.insert(assertion_jti).on_conflict_do_nothing().returning(assertion_jti.c.jti),
    "postgresql": postgresql.insert(assertion_jti).on_conflict_do_nothing().returning(assertion_jti.c.jti),
}
_FORGET_TOKENS = delete(access_token).where(access_token.c.expires_at < bindparam("now"))
_ADD_TOKEN = insert(access_token)
"""Built once: to build a statement takes longer than to run it, and the token endpoint runs them all for every token."""


def add_client(connection: Connection, row: ClientRow) -> None:
    connection.execute(insert(oauth_client), row._asdict())


def client(connection: Connection, client_id: str) -> ClientRow | None:
    row = connection.execute(_BY_ID, {"id": client_id}).one_or_none()
    return None if row is None else ClientRow(*row)


def clients(connection: Connection, practice: str) -> list[ClientRow]:
    """The practice's clients, oldest first, those revoked among them."""
    rows = connection.execute(select(*_CLIENT).where(oauth_client.c.practice == practice).order_by(oauth_client.c.created_at, oauth_client.c.client_id))
    return [ClientRow(*row) for row in rows]


def origins(connection: Connection) -> frozenset[str]:
    """From where the browsers of apps that may act now call."""
    rows = connection.scalars(select(oauth_client.c.origins).where(oauth_client.c.origins != "[]", oauth_client.c.revoked_at.is_(None), _MAY_ACT))
    return frozenset(origin for row in rows for origin in json.loads(row))


def change_client(connection: Connection, before: ClientRow, after: ClientRow) -> bool:
    """Put one in the place of the other; False where it was revoked, or changed by somebody else meanwhile."""
    unchanged = [oauth_client.c[name].is_(None) if value is None else oauth_client.c[name] == value for name, value in before._asdict().items()]
    values = {name: value for name, value in after._asdict().items() if name != "client_id"}
    changed = update(oauth_client).where(*unchanged, oauth_client.c.revoked_at.is_(None)).values(**values)
    return connection.execute(changed.returning(oauth_client.c.client_id)).first() is not None


def revoke_client(connection: Connection, client_id: str, now: int) -> bool:
    """Revoke a client and every token it holds; False where there is no such client. The first revocation's time stays."""
    known = client(connection, client_id) is not None
    connection.execute(update(oauth_client).where(oauth_client.c.client_id == client_id, oauth_client.c.revoked_at.is_(None)).values(revoked_at=now))
    connection.execute(update(access_token).where(access_token.c.client_id == client_id, access_token.c.revoked_at.is_(None)).values(revoked_at=now))
    return known


def spend_jti(connection: Connection, issuer: str, jti: str, expires_at: int, now: int) -> bool:
    """True for the first who spends this `jti`; False ever after, until the assertion has run out anyway."""
    connection.execute(_FORGET_JTIS, {"now": now})
    claim = _SPEND[connection.dialect.name]
    return connection.execute(claim, {"issuer": issuer, "jti": jti, "expires_at": expires_at}).first() is not None  # psycopg counts no rows of an INSERT


def add_token(
    connection: Connection,
    digest: str,
    client_id: str,
    scope: str,
    issued_at: int,
    expires_at: int,
    *,
    grant_id: str | None = None,
    jkt: str | None = None,
    audience: str | None = None,
) -> None:
    """Store a token's digest, and forget the tokens that have run out."""
    connection.execute(_FORGET_TOKENS, {"now": issued_at})
    row = {"digest": digest, "client_id": client_id, "scope": scope, "issued_at": issued_at, "expires_at": expires_at, "grant_id": grant_id, "jkt": jkt, "audience": audience}
    connection.execute(_ADD_TOKEN, row)


def token(connection: Connection, digest: str) -> TokenRow | None:
    row = connection.execute(select(*_TOKEN).select_from(_WITH_ALL_IT_HANGS_ON).where(access_token.c.digest == digest)).one_or_none()
    return None if row is None else TokenRow(*row)


def revoke_token(connection: Connection, digest: str, now: int) -> None:
    connection.execute(update(access_token).where(access_token.c.digest == digest, access_token.c.revoked_at.is_(None)).values(revoked_at=now))
