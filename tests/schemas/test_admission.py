"""What may enter the log: each check refuses with its own reason, in the agreed order, and nothing escapes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import codec
from schemas.admission import Admitted, Reason, Refusal, admit
from schemas.catalogue import BY_NAME
from schemas.envelope import write_headers
from schemas.identity import case_id
from schemas.samples import samples
from schemas.spans import Precision
from schemas.topics import GATEWAY
from schemas.units import Register, Role

NOW = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)
SENT = codec.encode("transfer.sent", {"addressee": "by-police"})


def test_a_proper_record_is_admitted_with_what_was_read_from_it(submission: Any) -> None:
    admitted = submission.judged()
    assert isinstance(admitted, Admitted)
    assert admitted.envelope == submission.envelope
    assert admitted.event_type is BY_NAME["transfer.sent"]
    assert admitted.data["addressee"] == "by-police"


def _refused(submission: Any, **changes: Any) -> tuple[Reason, str]:
    verdict = submission.but(**changes).judged()
    assert isinstance(verdict, Refusal)
    return verdict.reason, verdict.detail


def test_key_value_and_headers_together_must_fit(submission: Any) -> None:
    size = len(submission.value) + 36
    size += sum(len(name) + len(value) for name, value in write_headers(submission.envelope))
    assert isinstance(submission.but(max_bytes=size).judged(), Admitted)
    assert _refused(submission, max_bytes=size - 1)[0] == Reason.TOO_LARGE


def hashed(sha256: str, addressee: str = "by-police") -> bytes:
    """A transfer with two documents, the second of which is named by this hash."""
    documents = [{"kind": "移送书", "title": "移送书", "sha256": one} for one in (None, sha256)]
    return codec.encode("transfer.sent", {"addressee": addressee, "documents": documents})


@pytest.mark.parametrize(
    ("changes", "reason", "detail"),
    [
        ({"value": None}, Reason.NO_VALUE, "send case.voided"),
        ({"headers": []}, Reason.ENVELOPE, "header ce_specversion is missing"),
        ({"type": "transfer.teleported"}, Reason.UNKNOWN_TYPE, "'transfer.teleported' is no event type"),
        (
            {"type": "transfer.refused"},
            Reason.UNKNOWN_TYPE,
            "schema id 13 in the value belongs to transfer.sent",
        ),
        ({"value": b"\0\0\1\0\0abc"}, Reason.UNKNOWN_TYPE, "schema id 65536 is not in the catalogue"),
        ({"value": b""}, Reason.UNDECODABLE, "0 bytes are too few"),
        ({"value": b"{}"}, Reason.UNDECODABLE, "too few"),
        ({"value": b"\0\0\0\0\x0d"}, Reason.UNDECODABLE, "end before the record does"),
        ({"value": SENT.replace(b"police", b"pol\0ce")}, Reason.UNDECODABLE, "addressee: holds a NUL"),
        ({"value": SENT[:-9] + b"\x03" + SENT[-8:]}, Reason.UNDECODABLE, "union index -2"),
        ({"owner": "by-market"}, Reason.WRONG_SOURCE, "the ingress topic of 'by-market'"),
        ({"source": "bus"}, Reason.WRONG_SOURCE, "the bus itself"),
        ({"source": "bus", "owner": GATEWAY}, Reason.WRONG_SOURCE, "the bus itself"),
        ({"source": "nobody"}, Reason.WRONG_SOURCE, "'nobody' is not in the register"),
        ({"source": "nobody", "owner": GATEWAY}, Reason.WRONG_SOURCE, "'nobody' is not in the register"),
        ({"source": "by-court"}, Reason.WRONG_SPEAKER, "by-court acts as CT; transfer.sent is for AG"),
        ({"origin_unit": "nobody"}, Reason.CASE_ID, "'nobody' is not in the register"),
        ({"origin_unit": "by-market"}, Reason.CASE_ID, "has the id"),
        ({"subject": uuid4()}, Reason.CASE_ID, "'白环移〔2026〕17号' of by-env has the id"),
        ({"key": None}, Reason.KEY, "record key must be the case id"),
        ({"key": b"x"}, Reason.KEY, "record key must be the case id"),
        (
            {"value": codec.encode("transfer.sent", {"addressee": "by-nobody"})},
            Reason.ADDRESSEE,
            "'by-nobody' is not in the register",
        ),
        ({"value": hashed("AB" * 32)}, Reason.DOCUMENT, "documents[1].sha256 must be the file's SHA-256"),
        ({"value": hashed("ab" * 31)}, Reason.DOCUMENT, "64 lower-case hexadecimal digits"),
        ({"value": hashed("")}, Reason.DOCUMENT, "left out, got ''"),
        ({"time": NOW + timedelta(minutes=6)}, Reason.TIME, "more than 5 minutes ahead"),
        ({"time": datetime(1066, 10, 14, tzinfo=UTC)}, Reason.TIME, "before 1949-10-01"),
        ({"time": datetime.max.replace(tzinfo=UTC)}, Reason.TIME, "ahead"),
    ],
)
def test_each_check_has_its_reason(
    submission: Any, changes: dict[str, Any], reason: Reason, detail: str
) -> None:
    found, text = _refused(submission, **changes)
    assert found is reason
    assert detail in text


def test_the_first_check_that_fails_decides(submission: Any) -> None:
    """Everything is wrong at once; then one thing after the other is put right."""
    case = {"subject": case_id("by-env", "白环移〔2026〕17号")}
    repairs: list[tuple[Reason, dict[str, Any]]] = [
        (Reason.TOO_LARGE, {"max_bytes": 4096}),
        (Reason.UNKNOWN_TYPE, {"type": "transfer.sent"}),
        (Reason.UNDECODABLE, {"value": hashed("x", addressee="by-nobody")}),
        (Reason.WRONG_SOURCE, {"owner": "by-court"}),
        (Reason.WRONG_SPEAKER, {"source": "by-env", "owner": "by-env"}),
        (Reason.CASE_ID, case),
        (Reason.KEY, {"key": b""}),
        (Reason.ADDRESSEE, {"value": hashed("x")}),
        (Reason.DOCUMENT, {"value": submission.value}),
        (Reason.TIME, {"time": NOW}),
    ]
    broken = submission.but(
        max_bytes=10,
        type="transfer.teleported",
        value=b"",
        owner="by-env",
        source="by-court",
        subject=uuid4(),
        key=b"x",
        time=NOW + timedelta(days=1),
    )
    for reason, repair in repairs:
        assert _refused(broken)[0] is reason
        broken = broken.but(**repair)
    assert isinstance(broken.judged(), Admitted)


@pytest.mark.parametrize(
    ("time", "precision", "fits"),
    [
        (NOW + timedelta(minutes=5), Precision.SECOND, True),
        (NOW + timedelta(minutes=5, seconds=1), Precision.SECOND, False),
        (NOW + timedelta(hours=7), Precision.DAY, True),  # later on the same day in China
        (NOW + timedelta(hours=9), Precision.DAY, False),
        (datetime(2026, 3, 31, tzinfo=UTC), Precision.MONTH, True),
        (datetime(2026, 4, 1, tzinfo=UTC), Precision.MONTH, False),
        (datetime(2026, 12, 31, tzinfo=UTC), Precision.YEAR, True),
        (datetime(2027, 6, 1, tzinfo=UTC), Precision.YEAR, False),
        (NOW + timedelta(hours=20), Precision.BEFORE, True),  # "before tomorrow"
        (NOW + timedelta(days=3), Precision.BEFORE, False),
        (NOW, Precision.AFTER, False),  # after today is tomorrow
        (NOW - timedelta(days=1), Precision.AFTER, True),
        (NOW + timedelta(days=3), Precision.UNKNOWN, False),
    ],
)
def test_an_event_may_not_lie_ahead_on_any_possible_reading(
    submission: Any, time: datetime, precision: Precision, fits: bool
) -> None:
    assert isinstance(submission.but(time=time, precision=precision).judged(), Admitted if fits else Refusal)


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+08:00", "9999-12-31T00:00:00Z", "9999-12-31T23:59:59-08:00"]
)
@pytest.mark.parametrize("precision", list(Precision))
def test_times_that_no_calendar_holds_are_refused_and_raise_nothing(
    submission: Any, text: str, precision: Precision
) -> None:
    headers = [
        (name, text.encode() if name == "ce_time" else value)
        for name, value in write_headers(submission.but(precision=precision).envelope)
    ]
    assert _refused(submission, headers=headers)[0] in (Reason.TIME, Reason.ENVELOPE)


def test_the_gateway_speaks_for_every_unit_but_only_as_that_unit_may(submission: Any) -> None:
    assert isinstance(submission.but(owner=GATEWAY).judged(), Admitted)
    assert _refused(submission, owner=GATEWAY, source="by-court")[0] is Reason.WRONG_SPEAKER


def test_a_unit_of_several_roles_may_say_what_any_of_them_may(submission: Any) -> None:
    """Police send cases as the agency for traffic, and receive them as police."""
    assert isinstance(submission.but(source="by-police").judged(), Admitted)


def test_nobody_says_what_only_the_bus_says(submission: Any, register: Register) -> None:
    for name, event_type in BY_NAME.items():
        if event_type.speakers != {Role.BUS}:
            continue
        value = codec.encode_json(name, samples(name)[0].data)
        for unit in register.units:
            assert _refused(submission, type=name, value=value, source=unit.code)[0] is Reason.WRONG_SPEAKER


def test_another_partition_key_is_refused_and_none_is_fine(submission: Any) -> None:
    headers = [
        (name, value) for name, value in write_headers(submission.envelope) if name != "ce_partitionkey"
    ]
    assert isinstance(submission.but(headers=headers).judged(), Admitted)
    assert _refused(submission, headers=[*headers, ("ce_partitionkey", b"by-env")])[0] is Reason.KEY


@pytest.mark.parametrize("name", ["source", "type", "origin_unit", "origin_case", "operator", "traceparent"])
def test_a_header_with_a_nul_is_refused_and_not_handed_on(submission: Any, name: str) -> None:
    """What is refused is kept in PostgreSQL too, whose text holds no NUL."""
    refusal = submission.but(**{name: "a\0b"}).judged()
    assert refusal.reason is Reason.ENVELOPE
    assert refusal.envelope is None
    assert "\0" not in refusal.detail


def test_a_refusal_keeps_the_envelope_once_it_could_be_read(submission: Any) -> None:
    refusal = submission.but(value=b"").judged()
    assert refusal.envelope == submission.envelope
    assert submission.but(headers=[]).judged().envelope is None


_OURS = ["ce_id", "ce_source", "ce_time", "ce_timeprecision", "ce_type", "ce_subject"]
_HEADERS = st.lists(
    st.tuples(st.sampled_from(_OURS) | st.text(max_size=20), st.none() | st.binary(max_size=80)), max_size=12
)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.none() | st.binary(max_size=40),
    value=st.none()
    | st.binary(max_size=200)
    | st.binary(max_size=200).map(lambda noise: b"\0\0\0\0\x0d" + noise),
    headers=_HEADERS,
    replaced=st.dictionaries(st.integers(0, 12), st.none() | st.binary(max_size=80), max_size=3),
    owner=st.sampled_from(["by-env", GATEWAY, "by-court", "", "bus"]),
    keep=st.booleans(),
)
def test_no_record_makes_admission_raise(
    submission: Any,
    *,
    key: bytes | None,
    value: bytes | None,
    headers: list[tuple[str, bytes | None]],
    replaced: dict[int, bytes | None],
    owner: str,
    keep: bool,
) -> None:
    good = [
        (name, replaced.get(at, text)) for at, (name, text) in enumerate(write_headers(submission.envelope))
    ]
    verdict = admit(
        key=key,
        value=submission.value if keep else value,
        headers=good + headers if keep else headers,
        owner=owner,
        register=submission.register,
        now=NOW,
        max_bytes=4096,
    )
    assert isinstance(verdict, Admitted | Refusal)
    if isinstance(verdict, Refusal):
        assert verdict.detail
        assert "\0" not in verdict.detail
