"""The broker and the database of development are real, keep their data, and say what is wrong."""

from __future__ import annotations

import os
import stat
import time

import psutil
import psycopg
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaTimeoutError

from infra.dev.broker import Broker, BrokerOptions
from infra.dev.postgres import Postgres, PostgresOptions, server_programs
from infra.dev.process import DevError

MIB = 1024 * 1024


@pytest.fixture
def folder(session_folder, namespace):
    """A folder of its own that PostgreSQL's account may pass, unlike pytest's private ones."""
    made = session_folder / namespace
    made.mkdir()
    return made


@pytest.mark.kafka
def test_a_killed_broker_comes_back_with_its_records_at_the_same_address(folder):
    with Broker(folder / "kafka") as broker:
        address = broker.bootstrap
        write(address, b"kept")
        broker.kill()
        assert not broker.child.alive
        broker.start()
        assert broker.bootstrap == address
        assert read(address) == [b"kept"]


@pytest.mark.kafka
def test_another_broker_on_the_same_folder_has_the_records(folder):
    """As `linkage dev --data DIR` does on the next day, when the ports may be taken."""
    with Broker(folder / "kafka") as broker:
        write(broker.bootstrap, b"kept")
    with Broker(folder / "kafka") as broker:
        assert read(broker.bootstrap) == [b"kept"]


@pytest.mark.kafka
def test_a_topic_is_not_made_by_asking_for_it(kafka, namespace):
    with (
        KafkaProducer(bootstrap_servers=kafka, max_block_ms=500) as producer,
        pytest.raises(KafkaTimeoutError),
    ):
        producer.send(f"{namespace}typo", b"lost")
    with KafkaAdminClient(bootstrap_servers=kafka) as client:
        assert f"{namespace}typo" not in client.list_topics()


@pytest.mark.kafka
def test_a_broker_that_cannot_start_says_why(folder):
    broker = Broker(folder / "kafka", options=BrokerOptions(properties={"log.retention.ms": "soon"}))
    with pytest.raises(DevError, match=r"log\.retention\.ms"):
        broker.start()


@pytest.mark.kafka
def test_a_broker_whose_port_was_taken_is_quoted(folder):
    with Broker(folder / "first") as first:
        second = Broker(folder / "second", port=first.port)
        with pytest.raises(
            DevError, match=r"(?s)the Kafka broker ended with exit code 1; its log .*broker\.log ends:"
        ):
            second.start()


@pytest.mark.postgres
def test_a_postgres_whose_port_was_taken_is_quoted(folder, postgres):
    with pytest.raises(
        DevError, match=r"(?s)PostgreSQL ended with exit code 1; its log .*postgres\.log ends:"
    ):
        Postgres(folder / "postgres", port=postgres.port).start()


@pytest.mark.kafka
def test_the_broker_is_small(broker):
    assert psutil.Process(broker.child.pid).memory_info().rss < 500 * MIB


@pytest.mark.postgres
def test_a_killed_postgres_comes_back_with_what_was_committed(folder):
    with Postgres(folder / "postgres") as server:
        with psycopg.connect(server.url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        server.kill()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url())
        server.start()
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]


@pytest.mark.postgres
def test_a_killed_postgres_leaves_no_process_behind(folder):
    with Postgres(folder / "postgres") as server:
        psycopg.connect(server.url()).close()
        family = [
            psutil.Process(server.child.pid),
            *psutil.Process(server.child.pid).children(recursive=True),
        ]
        server.kill()
        _, alive = psutil.wait_procs(family, timeout=5)
        assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.postgres
def test_durability_is_the_default_and_only_options_turn_it_off(folder, postgres_url):
    settings = ("fsync", "synchronous_commit", "full_page_writes")
    assert [show(postgres_url, name) for name in settings] == ["on", "on", "on"]
    with Postgres(folder / "postgres", options=PostgresOptions(durable=False)) as server:
        assert [show(server.url(), name) for name in settings] == ["off", "off", "off"]


@pytest.mark.postgres
def test_postgres_listens_on_the_loopback_only(postgres_url):
    assert show(postgres_url, "listen_addresses") == "127.0.0.1"
    assert show(postgres_url, "unix_socket_directories") == ""


@pytest.mark.postgres
def test_postgres_never_runs_as_root(postgres):
    assert psutil.Process(postgres.child.pid).uids().real != 0


@pytest.mark.postgres
@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run it as somebody else")
def test_a_folder_that_the_account_may_not_enter_is_named(folder):
    private = folder / "private"
    private.mkdir(mode=0o700)
    with pytest.raises(DevError, match=f"may not enter {private}"):
        Postgres(private / "postgres").start()


@pytest.mark.postgres
@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run it as somebody else")
def test_programs_in_a_private_folder_are_copied_beside_the_data(folder, monkeypatch):
    """A virtual environment under /root is closed to the account that PostgreSQL runs as."""
    private = folder / "private"
    private.mkdir(mode=0o700)
    package = server_programs().parent.parent
    for source in (package, package.with_name(f"{package.name}.libs")):
        (private / source.name).symlink_to(source)
    monkeypatch.setenv("LINKAGE_POSTGRES_BIN", str(private / package.name / "pginstall" / "bin"))
    with Postgres(folder / "postgres") as server:
        assert show(server.url(), "server_version").split(".")[0] >= "15"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert (folder / "postgres" / "server" / package.name / "pginstall" / "bin" / "postgres").exists()


def test_a_wrong_folder_of_programs_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("LINKAGE_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(DevError, match="LINKAGE_POSTGRES_BIN"):
        server_programs()


def test_both_servers_are_up_in_eight_seconds(folder):
    """On a machine that has nothing else to do; on a busy one, in as many times more."""
    began = time.monotonic()
    broker, server = Broker(folder / "kafka"), Postgres(folder / "postgres")
    try:
        broker.launch()
        server.launch()
        broker.wait()
        server.wait()
        seconds = time.monotonic() - began
        assert seconds < 8 * max(1.0, os.getloadavg()[0] / os.cpu_count())
    finally:
        server.stop()
        broker.stop()


def write(bootstrap, value):
    with KafkaAdminClient(bootstrap_servers=bootstrap) as client:
        client.create_topics({"log": {"num_partitions": 1, "replication_factor": 1}})
    with KafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        producer.send("log", value).get(timeout=20)


def read(bootstrap):
    with KafkaConsumer(bootstrap_servers=bootstrap, consumer_timeout_ms=5000) as consumer:
        partition = TopicPartition("log", 0)
        consumer.assign([partition])
        end = consumer.end_offsets([partition])[partition]
        consumer.seek_to_beginning(partition)
        return [next(consumer).value for _ in range(end)]


def show(url, name):
    with psycopg.connect(url) as connection:
        return connection.execute(f"SHOW {name}").fetchone()[0]
