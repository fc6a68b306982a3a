"""one audit: what operators did joins what the console noted; proposals of administrators."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Numbers are given anew in the order of time, since readers page by them. The trigger allows no change of an
# entry, so the old table is moved aside and every row is copied.
_CARRY_OVER = """
CREATE TABLE audit_before AS
    SELECT "at", "user", role, unit, action, target, case_id, detail, address, '' AS what, 0 AS origin, n
    FROM console_audit
    UNION ALL
    SELECT "at", operator, '', NULL, CASE action WHEN 'record-revealed' THEN 'reveal' ELSE 'change' END,
           subject, NULL, reason, '', action, 1, n
    FROM operator_actions;
DROP TRIGGER console_audit_only_grows ON console_audit;
DELETE FROM console_audit;
INSERT INTO console_audit (n, "at", "user", role, unit, action, target, case_id, detail, address, what)
    OVERRIDING SYSTEM VALUE
    SELECT row_number() OVER (ORDER BY "at", origin, n),
           "at", "user", role, unit, action, target, case_id, detail, address, what
    FROM audit_before;
SELECT setval(pg_get_serial_sequence('console_audit', 'n'), (SELECT count(*) + 1 FROM console_audit), false);
DROP TABLE audit_before;
CREATE TRIGGER console_audit_only_grows BEFORE UPDATE OR DELETE ON console_audit
    FOR EACH STATEMENT EXECUTE FUNCTION console_audit_refuse();
"""


def upgrade() -> None:
    op.add_column(
        "console_audit",
        sa.Column(
            "what",
            sa.Text(),
            nullable=False,
            server_default="",
            comment="the deed: job-approved; empty: a visit",
        ),
    )
    op.create_table_comment(
        "console_audit",
        "Who read, sought, took out or did what. Only added to. Writer: infra/audit.py.",
        existing_comment="Who read, sought, took out or did what in the console. Only added to. Writer: console.",
    )
    op.execute(_CARRY_OVER)
    op.drop_table("operator_actions")
    op.create_index("ix_console_audit_at", "console_audit", ["at"], unique=False)
    op.create_table(
        "proposals",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="what is to be done: unit-suspend, key-issue …"),
        sa.Column(
            "subject",
            sa.Text(),
            nullable=False,
            comment="to what: a unit; empty: to the whole installation",
        ),
        sa.Column(
            "body",
            JSONB(),
            nullable=False,
            comment="what else has to be known to do it; never a secret",
        ),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="proposed | approved | done | rejected | withdrawn",
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True, comment="null: nobody had to decide, or has yet"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_why", sa.Text(), nullable=False, server_default=""),
        sa.Column(
            "finished_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was carried out, rejected or withdrawn",
        ),
        sa.Column("preview", JSONB(), nullable=True, comment="what it would change, once that is computed"),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_proposals")),
        comment="What administrators want done, and who decided. No fold of the log: keep it. "
        "Writer: administration.",
    )
    op.create_index(
        "ix_proposals_open",
        "proposals",
        ["proposed_at"],
        unique=False,
        postgresql_where="state IN ('proposed', 'approved')",
    )
