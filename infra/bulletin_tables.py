"""The tables of bulletins and campaigns; `infra.tables` has them with all the others."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from infra.table_names import metadata

_time = DateTime(timezone=True)

counted_lines = Table(
    "counted_lines",
    metadata,
    Column("case_id", Uuid, nullable=False),
    Column("figure", Text, nullable=False),
    Column("unit", Text, nullable=False, comment="whose number it is"),
    Column("about", Text, nullable=False, comment="source/id of the event, or the id of the clock"),
    Column("field", Text, nullable=False),
    Column("day", Date, nullable=False, comment="in China"),
    PrimaryKeyConstraint("case_id", "figure", "unit", "about"),
    Index("ix_counted_lines_figure", "figure", "unit", "day"),
    Index("ix_counted_lines_day", "day"),
    comment="What each figure counts at present, an index over `events` and `clocks`. Writer: whoever counts.",
)

counted_sums = Table(
    "counted_sums",
    metadata,
    Column("month", Date, nullable=False, comment="its first day"),
    Column("figure", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("month", "figure", "unit", "field"),
    comment="The sums of `counted_lines` by month. Writer: whoever counts.",
)

counting_progress = Table(
    "counting_progress",
    metadata,
    Column("partition", SmallInteger, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False, comment="events before this offset are counted"),
    Column("definitions", LargeBinary, nullable=False, comment="SHA-256 of the table of figures"),
    comment="How far `counted_lines` reaches. Writer: whoever counts.",
)

bulletins = Table(
    "bulletins",
    metadata,
    Column("bulletin_id", Uuid, primary_key=True),
    Column("n", BigInteger, Identity(always=True), nullable=False, comment="order of issuing"),
    Column("district", Text, nullable=False),
    Column("span", Text, nullable=False, comment="month | quarter | year"),
    Column("first_day", Date, nullable=False),
    Column("units", ARRAY(Text), nullable=False, comment="whose numbers it tells"),
    Column("positions", ARRAY(BigInteger), nullable=False, comment="by partition: events before it count"),
    Column("recorded_until", _time, comment="append time of the last event that counts"),
    Column("definitions", LargeBinary, nullable=False, comment="SHA-256 of the table of figures"),
    Column("sums", Text, nullable=False, comment="JSON: [[figure, unit, field, count], …]"),
    Column("corrections", Text, nullable=False, comment="JSON: [[bulletin, figure, unit, change], …]"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of all that it tells"),
    Column("issued_by", Text, nullable=False),
    Column("issued_at", _time, nullable=False),
    UniqueConstraint("district", "span", "first_day"),
    comment="Bulletins (情况通报) as issued. Only added to; no fold of the log: keep them. Writer: whoever issues.",
)

bulletin_lines = Table(
    "bulletin_lines",
    metadata,
    Column("bulletin_id", Uuid, nullable=False),
    Column("n", Integer, nullable=False),
    Column(
        "regarding", Uuid, comment="the earlier bulletin that this line corrects; null: a line of its own"
    ),
    Column("change", SmallInteger, nullable=False, comment="1: counts; -1: counts no longer"),
    Column("figure", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("about", Text, nullable=False),
    PrimaryKeyConstraint("bulletin_id", "n"),
    Index("ix_bulletin_lines_figure", "bulletin_id", "figure", "unit", "n"),
    Index("ix_bulletin_lines_regarding", "regarding", postgresql_where="regarding IS NOT NULL"),
    comment="What each number of a bulletin is made of. Only added to. Writer: whoever issues.",
)

bulletin_contests = Table(
    "bulletin_contests",
    metadata,
    Column("contest_id", Uuid, primary_key=True),
    Column("bulletin_id", Uuid, nullable=False),
    Column("figure", Text, nullable=False),
    Column("unit", Text, nullable=False, comment="whose number it is, and who contests it"),
    Column("reason", Text, nullable=False),
    Column("raised_by", Text, nullable=False),
    Column("raised_at", _time, nullable=False),
    Index("ix_bulletin_contests_bulletin", "bulletin_id", "raised_at"),
    comment="Numbers that a unit contests. Only added to. Writer: console.",
)

bulletin_answers = Table(
    "bulletin_answers",
    metadata,
    Column("contest_id", Uuid, primary_key=True),
    Column("verdict", Text, nullable=False, comment="granted | kept"),
    Column("reason", Text, nullable=False),
    Column("answered_by", Text, nullable=False),
    Column("answered_at", _time, nullable=False),
    comment="What became of a contest. Only added to. Writer: console.",
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("owner", Text, comment="the department that runs it; null: the operators"),
    Column("district", Text, nullable=False),
    Column("aim", Text, nullable=False, comment="figure | rule: what counts towards the goal"),
    Column("about", Text, nullable=False, comment="which figure, or which limit"),
    Column("goal", Integer, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("field", Text, nullable=False, comment="empty: any"),
    Column("offence", Text, nullable=False, comment="empty: any"),
    Column("begun_by", Text, nullable=False),
    Column("begun_at", _time, nullable=False),
    Column("closed_at", _time),
    comment="Special supervision campaigns (专项监督): a saved filter with a goal. Writer: console.",
)

campaign_members = Table(
    "campaign_members",
    metadata,
    Column("campaign_id", Uuid, nullable=False),
    Column("unit", Text, nullable=False),
    Column("added_at", _time, nullable=False),
    PrimaryKeyConstraint("campaign_id", "unit"),
    Index("ix_campaign_members_unit", "unit"),
    comment="Units that take part in a campaign. Writer: console.",
)
