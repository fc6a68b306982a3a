"""console users, sessions, audit and views."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_REFUSE = """
CREATE FUNCTION console_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'console_audit is only added to';
END $$;
CREATE TRIGGER console_audit_only_grows BEFORE UPDATE OR DELETE ON console_audit
    FOR EACH STATEMENT EXECUTE FUNCTION console_audit_refuse();
"""


def upgrade() -> None:
    op.create_table(
        "console_audit",
        sa.Column("n", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False, comment="path and query of the request"),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False, comment="such as the reason for revealing"),
        sa.Column("address", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_console_audit")),
        comment="Who read, sought, took out or did what in the console. Only added to. Writer: console.",
    )
    op.create_index(
        "ix_console_audit_case",
        "console_audit",
        ["case_id", "n"],
        unique=False,
        postgresql_where="case_id IS NOT NULL",
    )
    op.create_index("ix_console_audit_user", "console_audit", ["user", "n"], unique=False)
    op.create_table(
        "console_sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the cookie"),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False, comment="token that every form of this session carries"),
        sa.Column(
            "complete", sa.Boolean(), nullable=False, comment="false: the second factor is still to come"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_console_sessions")),
        comment="Who is signed in to the console. Writer: console.",
    )
    op.create_index("ix_console_sessions_user", "console_sessions", ["user"], unique=False)
    op.create_table(
        "console_users",
        sa.Column("name", sa.Text(), nullable=False, comment="what the person signs in with"),
        sa.Column("shown", sa.Text(), nullable=False, comment="the person's name as colleagues read it"),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column(
            "unit",
            sa.Text(),
            nullable=True,
            comment="null: not of one unit (operator, auditor, security administrator)",
        ),
        sa.Column("password_hash", sa.Text(), nullable=False, comment="argon2id"),
        sa.Column("secret", sa.Text(), nullable=True, comment="of the second factor (TOTP, base32)"),
        sa.Column(
            "second_factor",
            sa.Boolean(),
            nullable=False,
            comment="whether the person has confirmed the secret",
        ),
        sa.Column(
            "last_step", sa.BigInteger(), nullable=False, comment="of the second factor: no code counts twice"
        ),
        sa.Column("failures", sa.Integer(), nullable=False, comment="in a row"),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_console_users")),
        comment="Who may sign in to the console. Writers: console, `linkage console user`.",
    )
    op.create_table(
        "console_views",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column(
            "query", sa.Text(), nullable=False, comment="the view: a page's state stands in its address"
        ),
        sa.PrimaryKeyConstraint("user", "page", "name", name=op.f("pk_console_views")),
        comment="Views of pages that people keep under a name. Writer: console.",
    )
    op.create_index(
        "ix_cases_origin_case",
        "cases",
        ["origin_case"],
        unique=False,
        postgresql_ops={"origin_case": "text_pattern_ops"},
    )
    op.create_index(
        "ix_clocks_open",
        "clocks",
        ["holder", "due_to"],
        unique=False,
        postgresql_where="state IN ('running', 'paused', 'breached')",
    )
    op.create_index(
        "ix_quarantine_case", "quarantine", ["case_id"], unique=False, postgresql_where="case_id IS NOT NULL"
    )
    op.create_index("ix_quarantine_recorded", "quarantine", ["recorded_at"], unique=False)
    op.execute(_REFUSE)
