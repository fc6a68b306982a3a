"""The subscriber on a real broker, fed with the very records that the relay makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from consumers.feeds.bookmarks import Bookmark, BookmarkError, FileBookmarks
from consumers.feeds.numbering import Logged, Numbered
from consumers.feeds.relay import feed_records
from consumers.feeds.subscriber import FeedGapError, FeedItem, FeedLostError, Subscriber, feed_item
from schemas.codec import encode
from schemas.envelope import Envelope, write_headers
from schemas.identity import case_id
from schemas.topics import TopicNames

pytestmark = pytest.mark.kafka

UNIT = "by-police"
BASIS = "国务院令第310号第五条"
VALUE = encode("transfer.sent", {"addressee": UNIT, "offence": "污染环境罪"})


def envelope(seq: int) -> Envelope:
    return Envelope(
        id=f"e-{seq}",
        source="by-env",
        type="transfer.sent",
        subject=case_id("by-env", "白环移〔2026〕17号"),
        time=datetime(2026, 3, 11, tzinfo=UTC),
        origin_unit="by-env",
        origin_case="白环移〔2026〕17号",
    )


def test_what_the_relay_makes_of_an_entry_is_what_the_subscriber_reads() -> None:
    event = Logged(3, 100, b"case", write_headers(envelope(7)), VALUE)
    (out,) = feed_records([Numbered(UNIT, 7, "duty", "PSB", BASIS, event)], TopicNames())
    record = SimpleNamespace(
        headers=list(out.headers), value=out.value, timestamp=1_773_216_000_000, offset=6
    )
    item = feed_item(record)
    assert item is not None
    assert (item.seq, item.delivery, item.role, item.basis) == (7, "duty", "PSB", BASIS)
    assert item.envelope == envelope(7)
    assert item.value == VALUE
    assert (item.view, item.hidden) == ("full", ())


@pytest.fixture
def names(kafka: str, namespace: str) -> TopicNames:
    topics = TopicNames(namespace)
    client = KafkaAdminClient(bootstrap_servers=kafka)
    client.create_topics({topics.feed(UNIT): {"num_partitions": 1, "replication_factor": 1}})
    client.wait_for_topics([topics.feed(UNIT)])
    client.close()
    return topics


@pytest.fixture
def relay(kafka: str, names: TopicNames) -> Iterator[Callable[..., None]]:
    """Writes the entries with these numbers to the feed, as the relay does."""
    producer = KafkaProducer(bootstrap_servers=kafka)

    def write(*seqs: int, value: bytes = VALUE) -> None:
        for seq in seqs:
            why = {
                "seq": str(seq),
                "delivery": "duty",
                "role": "PSB",
                "basis": quote(BASIS),
                "position": f"3/{seq}",
            }
            headers = [(f"linkage-{name}", text.encode()) for name, text in why.items()]
            said = write_headers(envelope(seq))
            producer.send(names.feed(UNIT), key=b"case", value=value, headers=said + headers).get(10)

    yield write
    producer.close()


@pytest.fixture
def subscribe(kafka: str, names: TopicNames, namespace: str) -> Iterator[Callable[..., Subscriber]]:
    made: list[Subscriber] = []

    def make(**options: Any) -> Subscriber:
        options = options or {"group": f"{namespace}group"}
        made.append(Subscriber(UNIT, kafka, names=names, **options))
        return made[-1]

    yield make
    for subscriber in made:
        subscriber.close()


def read(subscriber: Subscriber) -> list[int]:
    return [item.seq for item in subscriber.items(idle_seconds=0.5)]


def take(subscriber: Subscriber, count: int) -> list[FeedItem]:
    """Handles `count` items: each counts as handled when the next is asked for."""
    items = subscriber.items()
    taken = [next(items) for _ in range(count)]
    next(items)
    items.close()
    return taken


def test_an_item_carries_what_the_relay_wrote(
    relay: Callable[..., None], subscribe: Callable[..., Subscriber]
) -> None:
    relay(1)
    (item,) = subscribe().items(idle_seconds=0.5)
    assert (item.seq, item.delivery, item.role, item.basis) == (1, "duty", "PSB", BASIS)
    assert item.envelope.identity == ("by-env", "e-1")
    assert item.envelope.origin_case == "白环移〔2026〕17号"
    assert item.event_type is not None
    assert item.event_type.name == "transfer.sent"
    assert item.data is not None
    assert item.data["offence"] == "污染环境罪"
    assert item.value == VALUE


@pytest.mark.parametrize("kept", ["group", "file"])
def test_reading_goes_on_where_it_stopped(
    relay: Callable[..., None],
    subscribe: Callable[..., Subscriber],
    tmp_path: Path,
    namespace: str,
    kept: str,
) -> None:
    def again() -> Subscriber:
        if kept == "file":
            return subscribe(bookmarks=FileBookmarks(tmp_path / "bookmark.json"))
        return subscribe(group=f"{namespace}group")

    relay(*range(1, 8))
    assert [item.seq for item in take(again(), 3)] == [1, 2, 3]
    assert read(again()) == [4, 5, 6, 7]
    assert read(again()) == []
    relay(8)
    assert read(again()) == [8]


def test_an_item_that_was_not_handled_comes_again(
    relay: Callable[..., None], subscribe: Callable[..., Subscriber]
) -> None:
    relay(1, 2, 3)

    def fail_at_two() -> None:
        for item in subscribe().items(idle_seconds=5):
            assert item.seq / (item.seq - 2)

    with pytest.raises(ZeroDivisionError):
        fail_at_two()
    assert read(subscribe()) == [2, 3]


def test_repeated_numbers_are_dropped(
    relay: Callable[..., None], subscribe: Callable[..., Subscriber]
) -> None:
    """A relay that crashed between sending and marking sends the same entries under the same numbers."""
    relay(1, 2, 3, 2, 3, 4, 1, 5)
    subscriber = subscribe()
    assert read(subscriber) == [1, 2, 3, 4, 5]
    assert subscriber.duplicates == 3


def test_numbers_out_of_order_are_put_in_order(
    relay: Callable[..., None], subscribe: Callable[..., Subscriber]
) -> None:
    relay(1, 4, 5, 2, 3, 4, 5, 6)
    assert read(subscribe()) == [1, 2, 3, 4, 5, 6]


def test_a_bookmark_moved_ahead_is_noticed_and_healed(
    relay: Callable[..., None], subscribe: Callable[..., Subscriber], tmp_path: Path
) -> None:
    bookmarks = FileBookmarks(tmp_path / "bookmark.json")
    relay(*range(1, 11))
    bookmarks.save(Bookmark(seq=3, offset=8))
    assert read(subscribe(bookmarks=bookmarks)) == [4, 5, 6, 7, 8, 9, 10]


def test_a_number_that_is_nowhere_stops_the_reading_before_it(
    relay: Callable[..., None], subscribe: Callable[..., Subscriber]
) -> None:
    relay(1, 2, 5, 6)
    subscriber = subscribe()
    handled: list[int] = []
    with pytest.raises(FeedGapError, match="lacks the numbers 3 to 4") as gap:
        handled.extend(item.seq for item in subscriber.items(idle_seconds=0.5))
    assert subscriber.seq == 2
    with pytest.raises(FeedGapError):
        read(subscribe())
    subscriber.skip(gap.value)
    assert read(subscriber) == [5, 6]


def test_a_feed_shorter_than_what_was_read_is_another_feed(
    relay: Callable[..., None], subscribe: Callable[..., Subscriber], tmp_path: Path
) -> None:
    bookmarks = FileBookmarks(tmp_path / "bookmark.json")
    bookmarks.save(Bookmark(seq=50, offset=50))
    relay(1)
    with pytest.raises(FeedLostError, match="ends at 1, but was read up to 50"):
        read(subscribe(bookmarks=bookmarks))


def test_a_type_that_this_program_does_not_know_is_handed_out_undecoded(
    relay: Callable[..., None], subscribe: Callable[..., Subscriber]
) -> None:
    unknown = b"\x00\x7f\xff\xff\xff" + b"later"
    relay(1, value=unknown)
    relay(2)
    first, second = subscribe().items(idle_seconds=0.5)
    assert (first.data, first.value) == (None, unknown)
    assert "not in the catalogue" in first.problem
    assert second.problem == ""


def test_a_record_that_the_relay_did_not_write_is_left_out(
    relay: Callable[..., None], subscribe: Callable[..., Subscriber], kafka: str, names: TopicNames
) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka)
    producer.send(names.feed(UNIT), b"what is this").get(10)
    producer.close()
    relay(1)
    assert read(subscribe()) == [1]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"seq": 1}', '{"seq": "x", "offset": 1}'])
def test_a_damaged_bookmark_is_an_error_and_not_a_new_beginning(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bookmark.json"
    path.write_text(content)
    with pytest.raises(BookmarkError, match="damaged"):
        FileBookmarks(path).load()


def test_a_bookmark_is_kept_in_exactly_one_place(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="either"):
        Subscriber(UNIT, "127.0.0.1:1", group="g", bookmarks=FileBookmarks(tmp_path / "b"))
    with pytest.raises(ValueError, match="either"):
        Subscriber(UNIT, "127.0.0.1:1")
