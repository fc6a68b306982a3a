"""Each hour every unit gets a signed head of its feed, by every way out, and holds its own copy against it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from consumers.feeds.bookmarks import FileBookmarks
from consumers.feeds.heads import heads_upto, read_head, unsent_heads
from consumers.feeds.journal import FeedDiffers, Journal
from consumers.feeds.subscriber import Subscriber
from consumers.proof.feed_heads import log_digest
from consumers.proof.heads import heads, sign_due
from consumers.proof.reconciliation import reconcile_now
from consumers.proof.stating import BadCopy, held_against_heads
from consumers.readmodel.feed import feed_page
from consumers.readmodel.stream import Pace, feed_events, piece
from consumers.readmodel.views import to_json
from consumers.readmodel.wakeups import Wakeups
from consumers.rulebook import Rulebook
from consumers.webhooks.courier import body_of
from consumers.workdays import published_calendar
from infra.cli import app
from infra.cli.watching import as_line, as_object, records
from infra.database import engine as make_engine
from infra.signing_key import new_key
from tests.consumers.proof.conftest import copy_of as one_copy
from tests.consumers.rebuild.by_hand import ByHand
from tests.faults.scripts import PSB

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    return new_key(tmp_path_factory.mktemp("heads") / "key.pem")


@pytest.fixture(scope="module")
def bus(settled, postgres_url, few):
    with one_copy(settled, postgres_url) as own:
        connector = make_engine(own)
        yield ByHand(own, Rulebook(few, published_calendar(), settling=timedelta(0)), connector)
        connector.dispose()


@pytest.fixture(scope="module")
def signed(bus, signer):
    """The bus after the clock process has signed; the head of the police's feed, as it stands in the database."""
    assert sign_due(bus.engine, signer, namespace="n-", topic=bus.settings.topics.case_events, now=NOW) == 2
    with bus.engine.connect() as connection:
        [head] = heads_upto(connection, [(PSB, 10_000)]).values()
    return head


def page(bus, after=0):
    with bus.engine.connect() as connection:
        return feed_page(connection, PSB, after=after, limit=500)


def copy_of(bus, *told):
    return [
        *(to_json(item).decode() for item in page(bus).items),
        *(json.dumps({"head": one}) for one in told),
    ]


def test_a_head_covers_the_feed_as_it_was_published_and_the_heads_of_the_log(bus, signed, signer):
    assert (signed.unit, signed.upto, signed.signed_at) == (PSB, page(bus).published, "2026-11-25T03:00:00Z")
    with bus.engine.connect() as connection:
        assert signed.log == log_digest([one.text for one in heads(connection)])
    assert held_against_heads(copy_of(bus, asdict(signed)), signer.public) == signed.upto


def test_nothing_is_sent_to_a_suspended_unit(bus, signed):
    waiting = {one.unit for one in unsent_heads(bus.engine)}
    with bus.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO suspensions VALUES ('{signed.unit}', now(), 'key lost')"))
    assert {one.unit for one in unsent_heads(bus.engine)} == waiting - {signed.unit}
    with bus.engine.begin() as connection:
        connection.execute(text("DELETE FROM suspensions"))


def test_pull_stream_and_webhook_carry_the_head_of_what_they_have_shown(bus, signed):
    assert page(bus).head == signed
    with bus.engine.connect() as connection:
        assert feed_page(connection, PSB, after=0, limit=1).head is None  # it covers more than was shown
    told = json.loads(body_of(PSB, page(bus).items[-1], signed))
    assert read_head(told["head"]) == signed


async def pieces(found, count):
    read = []

    async def again(after):
        return found

    wakeups = Wakeups(lambda: None)
    stream = feed_events(PSB, 0, again, wakeups, Pace(heartbeat=0.01))
    async for sent in stream:
        read.append(sent)
        if len(read) == count:
            break
    await stream.aclose()
    return read


def test_a_stream_sends_each_head_once(bus, signed):
    found = replace(piece(page(bus, page(bus).published), page(bus).published), text=b"")
    got = asyncio.run(pieces(found, 4))
    assert got[0].startswith(b"retry:")
    assert got[1].startswith(b"event: head\ndata: {")
    assert read_head(got[1].removeprefix(b"event: head\ndata: ").strip()) == signed
    assert got[2:] == [b": still here\n\n"] * 2


def test_the_topic_has_it_behind_the_entries_and_the_subscriber_holds_it_against_its_journal(
    bus, signed, signer, tmp_path
):
    bus.relay()
    lines = list(records(bus.settings, bus.settings.topics.feed(PSB), from_beginning=True, follow=False))
    assert json.loads(as_object(lines[-1]))["head"] == asdict(signed)
    assert f"signed head: entries 1 to {signed.upto}" in as_line(lines[-1])

    with Journal(tmp_path / "feed.db", PSB, signer.public) as journal:
        read = subscribe(bus, tmp_path / "own.json", journal)
        assert (journal.upto, journal.proven) == (len(read), signed.upto)
    with Journal(tmp_path / "feed.db", PSB, signer.public) as journal:
        assert journal.proven == signed.upto
        assert subscribe(bus, tmp_path / "again.json", journal) == read  # what came before is known

    with Journal(tmp_path / "wrong.db", PSB, signer.public) as journal:
        for seq, digest in enumerate((bytes(32), *(item.digest for item in read[1:])), 1):
            journal.note(seq, digest)
        with pytest.raises(FeedDiffers, match=f"one of 1 to {signed.upto} differs"):
            journal.hold(signed)

    file = tmp_path / "copy.jsonl"
    file.write_text("".join(as_object(line) + "\n" for line in lines), "utf-8")
    key = signer.public.hex()
    done = CliRunner().invoke(app, ["verify", "--copy", str(file), "--key", key])
    assert done.output == f"entries 1 to {signed.upto} are what the bus has signed\n"
    file.write_text(file.read_text("utf-8").replace(read[2].digest.hex(), "ab" * 32), "utf-8")
    assert CliRunner().invoke(app, ["verify", "--copy", str(file), "--key", key]).exit_code == 1


def subscribe(bus, bookmark, journal):
    options = {"names": bus.settings.topics, "journal": journal, "bookmarks": FileBookmarks(bookmark)}
    with Subscriber(PSB, bus.settings.bootstrap, **options) as feed:
        return list(feed.items(idle_seconds=1))


@pytest.mark.usefixtures("signed")
def test_heads_in_the_topics_are_no_entries_to_reconcile(bus, few):
    bus.relay()
    done = reconcile_now(bus.settings, few, bus.engine, datetime.now(UTC), by="test")
    assert done.differences == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"upto": 2}, "not signed"),
        ({"log": "00" * 32}, "not signed"),
        ({"unit": "by-env"}, "not signed"),
        ({"digest": "zz"}, "no head of a feed"),
    ],
)
def test_a_head_that_was_changed_proves_nothing(bus, signed, signer, change, told):
    with pytest.raises((FeedDiffers, BadCopy), match=told):
        held_against_heads(copy_of(bus, asdict(signed) | change), signer.public)


def test_a_copy_names_the_entry_that_it_lacks(bus, signed, signer):
    lines = copy_of(bus, asdict(signed))
    with pytest.raises(FeedDiffers, match="entry 2 is missing"):
        held_against_heads([lines[0], *lines[2:]], signer.public)
    with pytest.raises(FeedDiffers, match=f"entry {signed.upto} is missing"):
        held_against_heads([*lines[:-2], lines[-1]], signer.public)
    with pytest.raises(BadCopy, match="no signed head"):
        held_against_heads(lines[:-1], signer.public)


@pytest.mark.usefixtures("signed")
def test_the_next_head_goes_on_from_the_last(bus, signer):
    """The entries before the last head are not read again: it stays right though they have gone."""
    topic = bus.settings.topics.case_events
    for hours in (0.9, 1):
        sign_due(bus.engine, signer, namespace="n-", topic=topic, now=NOW + timedelta(hours=hours))
    with bus.engine.connect() as connection:
        [later] = heads_upto(connection, [(PSB, 10_000)]).values()
    assert later.signed_at == "2026-11-25T04:00:00Z"
    assert held_against_heads(copy_of(bus, asdict(later)), signer.public) == later.upto
