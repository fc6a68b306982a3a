"""The table of rights: no unit's rights reach into another's, and the page says what the table says."""

from __future__ import annotations

import re

from hypothesis import assume, given
from hypothesis import strategies as st

from infra.cli.principals import PASSWORDS
from infra.grants import PROCESSES, May, On, unit_grants, unit_group_prefix, unit_principal
from infra.grants_page import PAGE, rights_page

codes = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,3}", fullmatch=True)


@given(codes, codes, st.sampled_from(["case-system", "x", "1.2"]))
def test_no_units_groups_are_covered_by_anothers_prefix(one, other, group):
    assume(one != other)
    assert not (unit_group_prefix(one) + group).startswith(unit_group_prefix(other))


@given(codes)
def test_a_unit_writes_one_topic_reads_one_and_has_groups_of_its_own(code):
    assert [(grant.may, grant.on, grant.name, grant.prefix) for grant in unit_grants(code)] == [
        ((May.WRITE,), On.TOPIC, f"ingress-{code}", False),
        ((May.READ,), On.TOPIC, f"feed-{code}", False),
        ((May.READ,), On.GROUP, f"{code}.", True),
    ]


@given(codes)
def test_no_unit_is_taken_for_a_process(code):
    assert unit_principal(code) not in PROCESSES


def writers(topic):
    """The processes that may write `topic`."""
    return {
        name
        for name, grants in PROCESSES.items()
        for grant in grants
        if May.WRITE in grant.may
        and grant.on is On.TOPIC
        and (topic.startswith(grant.name) if grant.prefix else topic == grant.name)
    }


def test_each_kind_of_topic_has_its_writers():
    assert writers("feed-by-env") == {"linkage-relay"}
    assert writers("ingress-by-env") == set()
    assert writers("ingress-gateway") == {"linkage-gateway", "linkage-console"}
    assert writers("case-events") == {"linkage-worker", "linkage-relay", "linkage-redrive"}
    assert writers("dead-letters") == {"linkage-worker"}


def test_every_process_can_be_given_a_password():
    assert PASSWORDS.keys() == PROCESSES.keys()


def test_the_page_is_what_the_table_gives():
    assert PAGE.read_text() == rights_page(), "run `make generate`"
    assert len(re.findall(r"^\| `linkage-", PAGE.read_text(), flags=re.MULTILINE)) == sum(
        map(len, PROCESSES.values())
    )
