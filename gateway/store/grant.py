"""What a person allowed an app, and the refresh tokens of it: one family, ended as one."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, delete, insert, select, update

from gateway.store.schema_access import access_token, account, oauth_client, oauth_grant, refresh_token, session


class GrantRow(NamedTuple):
    """A row of `oauth_grant`; the columns in their order. `context` is a JSON object of launch parameters."""

    id: str
    practice: str
    client_id: str
    account: str
    session: str | None
    scope: str
    patient: str | None
    encounter: str | None
    context: str
    nonce: str | None
    authenticated_at: int
    created_at: int
    expires_at: int
    revoked_at: int | None = None


class Living(NamedTuple):
    """A grant in force, and the person who gave it. `ends_at`: no token of it lives longer."""

    grant: GrantRow
    display: str
    fhir_user: str | None
    methods: str | None
    """How the person signed in, where the grant hangs on that session."""
    ends_at: int


class RefreshRow(NamedTuple):
    """A row of `refresh_token`; the columns in their order."""

    digest: str
    grant_id: str
    scope: str
    issued_at: int
    expires_at: int
    used_at: int | None = None
    jkt: str | None = None


_LIVING = (
    select(*oauth_grant.c, account.c.display, account.c.fhir_user, session.c.methods, session.c.expires_at.label("session_end"))
    .select_from(
        oauth_grant.join(account, and_(account.c.id == oauth_grant.c.account, account.c.practice == oauth_grant.c.practice))
        .join(oauth_client, and_(oauth_client.c.client_id == oauth_grant.c.client_id, oauth_client.c.practice == oauth_grant.c.practice))
        .outerjoin(session, and_(session.c.id == oauth_grant.c.session, session.c.account == oauth_grant.c.account))
    )
    .where(
        oauth_grant.c.id == bindparam("grant_id"),
        oauth_grant.c.revoked_at.is_(None),
        oauth_grant.c.expires_at > bindparam("now"),
        account.c.disabled_at.is_(None),
        oauth_grant.c.session.is_(None) | (session.c.ended_at.is_(None) & (session.c.expires_at > bindparam("now"))),
    )
)
_GRANT = select(oauth_grant).where(oauth_grant.c.id == bindparam("grant_id"))
_REFRESH = select(refresh_token).where(refresh_token.c.digest == bindparam("of_digest"))
_USE_REFRESH = (
    update(refresh_token)
    .where(refresh_token.c.digest == bindparam("of_digest"), refresh_token.c.used_at.is_(None))
    .values(used_at=bindparam("at"))
    .returning(refresh_token.c.digest)
)
_FORGET_REFRESH = delete(refresh_token).where(refresh_token.c.expires_at < bindparam("now"))
"""Built once: every exchange and every refresh runs them."""


def add_grant(connection: Connection, row: GrantRow) -> None:
    """Store a grant, and forget those that ran out long ago."""
    connection.execute(delete(oauth_grant).where(oauth_grant.c.expires_at < row.created_at - 86_400_000))
    connection.execute(insert(oauth_grant), row._asdict())


def grant(connection: Connection, grant_id: str) -> GrantRow | None:
    row = connection.execute(_GRANT, {"grant_id": grant_id}).one_or_none()
    return None if row is None else GrantRow(*row)


def living(connection: Connection, grant_id: str, now: int) -> Living | None:
    """The grant, unless person and app are not of its practice, it was revoked, it or the session it hangs on is over, or the person may no longer come in."""
    row = connection.execute(_LIVING, {"grant_id": grant_id, "now": now}).one_or_none()
    if row is None:
        return None
    found = GrantRow(*row[: len(GrantRow._fields)])
    return Living(found, row.display, row.fhir_user, row.methods, min(found.expires_at, row.session_end or found.expires_at))


def grants_of(connection: Connection, account: str, now: int) -> list[GrantRow]:
    """The grants of a person that are in force, newest first."""
    mine = (oauth_grant.c.account == account, oauth_grant.c.revoked_at.is_(None), oauth_grant.c.expires_at > now)
    return [GrantRow(*row) for row in connection.execute(select(oauth_grant).where(*mine).order_by(oauth_grant.c.created_at.desc(), oauth_grant.c.id))]


def revoke_grant(connection: Connection, grant_id: str, now: int) -> None:
    """End a grant with every token of it."""
    connection.execute(update(oauth_grant).where(oauth_grant.c.id == grant_id, oauth_grant.c.revoked_at.is_(None)).values(revoked_at=now))
    connection.execute(update(access_token).where(access_token.c.grant_id == grant_id, access_token.c.revoked_at.is_(None)).values(revoked_at=now))


def revoke_grants_of(connection: Connection, now: int, *, account: str | None = None, session: str | None = None, client_id: str | None = None) -> None:
    """End every grant of a person, of a session (online access), or of an app. At least one must be named."""
    named = {"account": account, "session": session, "client_id": client_id}
    conditions = [oauth_grant.c[name] == value for name, value in named.items() if value is not None]
    if not conditions:
        raise ValueError("name whose grants end")
    for grant_id in list(connection.scalars(select(oauth_grant.c.id).where(*conditions, oauth_grant.c.revoked_at.is_(None)))):
        revoke_grant(connection, grant_id, now)


def add_refresh_token(connection: Connection, row: RefreshRow) -> None:
    connection.execute(_FORGET_REFRESH, {"now": row.issued_at})
    connection.execute(insert(refresh_token), row._asdict())


def refresh_of(connection: Connection, digest: str) -> RefreshRow | None:
    row = connection.execute(_REFRESH, {"of_digest": digest}).one_or_none()
    return None if row is None else RefreshRow(*row)


def use_refresh_token(connection: Connection, digest: str, now: int) -> bool:
    """True for the first who uses it; exactly one of many parallel callers."""
    return connection.execute(_USE_REFRESH, {"of_digest": digest, "at": now}).first() is not None
