"""Bulletins, what they count, contests and campaigns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_FROZEN = ("bulletins", "bulletin_lines", "bulletin_contests", "bulletin_answers")
_REFUSE = """
CREATE FUNCTION bulletin_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a bulletin says is only added to';
END $$;
"""
_GUARD = """
CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION bulletin_refuse();
"""


def upgrade() -> None:
    op.create_table(
        "bulletin_answers",
        sa.Column("contest_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False, comment="granted | kept"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("contest_id", name=op.f("pk_bulletin_answers")),
        comment="What became of a contest. Only added to. Writer: console.",
    )
    op.create_table(
        "bulletin_contests",
        sa.Column("contest_id", sa.Uuid(), nullable=False),
        sa.Column("bulletin_id", sa.Uuid(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False, comment="whose number it is, and who contests it"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("contest_id", name=op.f("pk_bulletin_contests")),
        comment="Numbers that a unit contests. Only added to. Writer: console.",
    )
    op.create_index(
        "ix_bulletin_contests_bulletin", "bulletin_contests", ["bulletin_id", "raised_at"], unique=False
    )
    op.create_table(
        "bulletin_lines",
        sa.Column("bulletin_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "regarding",
            sa.Uuid(),
            nullable=True,
            comment="the earlier bulletin that this line corrects; null: a line of its own",
        ),
        sa.Column("change", sa.SmallInteger(), nullable=False, comment="1: counts; -1: counts no longer"),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bulletin_id", "n", name=op.f("pk_bulletin_lines")),
        comment="What each number of a bulletin is made of. Only added to. Writer: whoever issues.",
    )
    op.create_index(
        "ix_bulletin_lines_figure", "bulletin_lines", ["bulletin_id", "figure", "unit", "n"], unique=False
    )
    op.create_index(
        "ix_bulletin_lines_regarding",
        "bulletin_lines",
        ["regarding"],
        unique=False,
        postgresql_where="regarding IS NOT NULL",
    )
    op.create_table(
        "bulletins",
        sa.Column("bulletin_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="order of issuing"),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("span", sa.Text(), nullable=False, comment="month | quarter | year"),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("units", postgresql.ARRAY(sa.Text()), nullable=False, comment="whose numbers it tells"),
        sa.Column(
            "positions",
            postgresql.ARRAY(sa.BigInteger()),
            nullable=False,
            comment="by partition: events before it count",
        ),
        sa.Column(
            "recorded_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="append time of the last event that counts",
        ),
        sa.Column("definitions", sa.LargeBinary(), nullable=False, comment="SHA-256 of the table of figures"),
        sa.Column("sums", sa.Text(), nullable=False, comment="JSON: [[figure, unit, field, count], …]"),
        sa.Column(
            "corrections", sa.Text(), nullable=False, comment="JSON: [[bulletin, figure, unit, change], …]"
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of all that it tells"),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bulletin_id", name=op.f("pk_bulletins")),
        sa.UniqueConstraint("district", "span", "first_day", name=op.f("uq_bulletins")),
        comment="Bulletins (情况通报) as issued. Only added to; no fold of the log: keep them. Writer: whoever issues.",
    )
    op.create_table(
        "campaign_members",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "unit", name=op.f("pk_campaign_members")),
        comment="Units that take part in a campaign. Writer: console.",
    )
    op.create_index("ix_campaign_members_unit", "campaign_members", ["unit"], unique=False)
    op.create_table(
        "campaigns",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "owner", sa.Text(), nullable=True, comment="the department that runs it; null: the operators"
        ),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("aim", sa.Text(), nullable=False, comment="figure | rule: what counts towards the goal"),
        sa.Column("about", sa.Text(), nullable=False, comment="which figure, or which limit"),
        sa.Column("goal", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False, comment="empty: any"),
        sa.Column("offence", sa.Text(), nullable=False, comment="empty: any"),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_campaigns")),
        comment="Special supervision campaigns (专项监督): a saved filter with a goal. Writer: console.",
    )
    op.create_table(
        "counted_lines",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False, comment="whose number it is"),
        sa.Column(
            "about", sa.Text(), nullable=False, comment="source/id of the event, or the id of the clock"
        ),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="in China"),
        sa.PrimaryKeyConstraint("case_id", "figure", "unit", "about", name=op.f("pk_counted_lines")),
        comment="What each figure counts at present, an index over `events` and `clocks`. Writer: whoever counts.",
    )
    op.create_index("ix_counted_lines_day", "counted_lines", ["day"], unique=False)
    op.create_index("ix_counted_lines_figure", "counted_lines", ["figure", "unit", "day"], unique=False)
    op.create_table(
        "counted_sums",
        sa.Column("month", sa.Date(), nullable=False, comment="its first day"),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "figure", "unit", "field", name=op.f("pk_counted_sums")),
        comment="The sums of `counted_lines` by month. Writer: whoever counts.",
    )
    op.create_table(
        "counting_progress",
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "next_offset", sa.BigInteger(), nullable=False, comment="events before this offset are counted"
        ),
        sa.Column("definitions", sa.LargeBinary(), nullable=False, comment="SHA-256 of the table of figures"),
        sa.PrimaryKeyConstraint("partition", name=op.f("pk_counting_progress")),
        comment="How far `counted_lines` reaches. Writer: whoever counts.",
    )
    op.execute(_REFUSE)
    for table in _FROZEN:
        op.execute(_GUARD.format(table=table))
