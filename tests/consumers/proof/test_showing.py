"""Saved views are checked without the bus: by line, by page and one by one."""

from __future__ import annotations

import json

import pytest

from consumers.proof.showing import check_views
from consumers.readmodel.views import to_json
from consumers.views.kinds import View
from schemas.sealed.digests import NotProven
from tests.schemas.sealed.test_digests import TYPE, shown_in


def saved(view, **changes):
    data, proof = shown_in(view)
    event = {"source": "by-env", "id": "1", "type": TYPE, "data": data, "proof": json.loads(to_json(proof))}
    return event | changes


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(saved(View.OUTLINE)),
        json.dumps({"items": [{"seq": 1, "event": saved(View.OUTLINE)}]}),
        "\n".join([json.dumps({"event": saved(View.OUTLINE)}), json.dumps(saved(View.OUTLINE)), ""]),
    ],
)
def test_a_saved_view_is_proven_in_every_form_in_which_it_is_given(text):
    for one in check_views(text):
        assert one.event == "by-env/1"
        assert "offence" in one.shown
        assert one.hidden > 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "neither JSON nor lines"),
        ("[]", "is a JSON object"),
        (json.dumps(saved(View.FULL, proof=None)), "has no proof"),
        (json.dumps(saved(View.FULL, data=None)), "no event with a proof"),
        (json.dumps(saved(View.FULL, proof={"root": "A.1.0", "leaves": [1]})), "no event with a proof"),
        (
            json.dumps(saved(View.FULL, data={**saved(View.FULL)["data"], "offence": "盗窃罪"})),
            "not as it was",
        ),
    ],
)
def test_what_is_not_proven_is_named_with_its_event(text, why):
    with pytest.raises(NotProven, match=why):
        list(check_views(text))
