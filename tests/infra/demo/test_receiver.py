"""The demonstration's receiver takes what a robot would, keeps it in order, and is reached on the loopback only."""

from __future__ import annotations

import json

import httpx

from infra.demo.receiver import Receiver


def test_what_is_posted_is_kept_a_line_each_and_answered_as_robots_do(tmp_path):
    file = tmp_path / "told.jsonl"
    said = [{"msgtype": "text", "text": {"content": f"已逾期 {n}"}} for n in range(3)]
    with Receiver(file) as receiver:
        answers = [
            httpx.post(f"{receiver.address}/cgi-bin/webhook/send", json=one, trust_env=False).json()
            for one in said
        ]
    assert answers == [{"errcode": 0, "errmsg": "ok"}] * 3
    assert [json.loads(line) for line in file.read_text("utf-8").splitlines()] == said


def test_it_listens_on_the_loopback(tmp_path):
    with Receiver(tmp_path / "told.jsonl") as receiver:
        assert receiver.address.startswith("http://127.0.0.1:")
