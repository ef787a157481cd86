"""People who sign in, the apps they use, and what they allowed them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("fhir_user", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("openid_subject", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        sa.UniqueConstraint("openid_subject", name=op.f("uq_account_openid_subject")),
    )
    op.create_table(
        "attempt",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("barred_until", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_since"), ["since"], unique=False)

    op.create_table(
        "oauth_grant",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=True),
        sa.Column("encounter", sa.Text(), nullable=True),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("authenticated_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_grant")),
    )
    with op.batch_alter_table("oauth_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oauth_grant_account"), ["account"], unique=False)
        batch_op.create_index(batch_op.f("ix_oauth_grant_client_id"), ["client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_oauth_grant_session"), ["session"], unique=False)

    op.create_table(
        "passkey",
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("used_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_passkey")),
    )
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkey_account"), ["account"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("account", "digest", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "refresh_token",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("used_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("jkt", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_refresh_token")),
    )
    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refresh_token_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_refresh_token_grant_id"), ["grant_id"], unique=False)

    op.create_table(
        "session",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("methods", sa.Text(), nullable=False),
        sa.Column("authenticated_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seen_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ended_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_session")),
        sa.UniqueConstraint("id", name=op.f("uq_session_id")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_account"), ["account"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "single_use",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("used_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("kind", "digest", name=op.f("pk_single_use")),
    )
    with op.batch_alter_table("single_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_single_use_expires_at"), ["expires_at"], unique=False)

    with op.batch_alter_table("access_token", schema=None) as batch_op:
        batch_op.add_column(sa.Column("grant_id", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("jkt", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("audience", sa.Text(), nullable=True))
        batch_op.create_index(batch_op.f("ix_access_token_grant_id"), ["grant_id"], unique=False)

    with op.batch_alter_table("oauth_client", schema=None) as batch_op:
        batch_op.add_column(sa.Column("auth_method", sa.Text(), server_default="private_key_jwt", nullable=False))
        batch_op.add_column(sa.Column("secret_digest", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("secret_before", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("secret_before_until", sa.BigInteger(), autoincrement=False, nullable=True))
        batch_op.add_column(sa.Column("redirect_uris", sa.Text(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("launch_uri", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("post_logout_redirect_uris", sa.Text(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("origins", sa.Text(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("strict", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("about", sa.Text(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("registration_digest", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("approved_at", sa.BigInteger(), autoincrement=False, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("oauth_client", schema=None) as batch_op:
        batch_op.drop_column("approved_at")
        batch_op.drop_column("registration_digest")
        batch_op.drop_column("about")
        batch_op.drop_column("strict")
        batch_op.drop_column("origins")
        batch_op.drop_column("post_logout_redirect_uris")
        batch_op.drop_column("launch_uri")
        batch_op.drop_column("redirect_uris")
        batch_op.drop_column("secret_before_until")
        batch_op.drop_column("secret_before")
        batch_op.drop_column("secret_digest")
        batch_op.drop_column("auth_method")

    with op.batch_alter_table("access_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_token_grant_id"))
        batch_op.drop_column("audience")
        batch_op.drop_column("jkt")
        batch_op.drop_column("grant_id")

    with op.batch_alter_table("single_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_single_use_expires_at"))

    op.drop_table("single_use")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_expires_at"))
        batch_op.drop_index(batch_op.f("ix_session_account"))

    op.drop_table("session")
    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refresh_token_grant_id"))
        batch_op.drop_index(batch_op.f("ix_refresh_token_expires_at"))

    op.drop_table("refresh_token")
    op.drop_table("recovery_code")
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_passkey_account"))

    op.drop_table("passkey")
    with op.batch_alter_table("oauth_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oauth_grant_session"))
        batch_op.drop_index(batch_op.f("ix_oauth_grant_client_id"))
        batch_op.drop_index(batch_op.f("ix_oauth_grant_account"))

    op.drop_table("oauth_grant")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_since"))

    op.drop_table("attempt")
    op.drop_table("account")
