"""Who may do which step with an alert: one address takes them all, so the matrix alone does not tell them apart."""

from __future__ import annotations

import pytest

from tests.access.asks import alert_of
from tests.access.world import COLUMNS, World, id_of, place_of
from ulinzi.accounts import rules
from ulinzi.accounts.rules import Act, Role

pytestmark = [pytest.mark.access, pytest.mark.sqlite_only]

# By hand. Who ends a warning, or says that it was none, is not who may not have come; the top takes and writes notes.
ROOM = {"watch_officer", "provincial_adviser", "head_of_office"}
THERE = ROOM | {"liaison_assistant", "base_commander", "police_commander"}
MAY: dict[str, tuple[dict[str, str], set[str]]] = {
    "take it": ({"kind": "taken"}, THERE | {"leadership"}),
    "write a note": ({"kind": "noted", "words": "Seen"}, THERE | {"leadership"}),
    "say what came of a call": ({"kind": "called", "code": "no_answer"}, THERE),
    "verify it": ({"kind": "verified", "code": "corroborated"}, THERE),
    "say who was told": ({"kind": "told", "code": "authority"}, THERE),
    "tell the community": ({"kind": "fed_back", "code": "visit"}, THERE),
    "decide that nobody goes": (
        {"kind": "decided", "code": "no_response", "reason": "stale"},
        ROOM | {"base_commander"},
    ),
    "refute it": ({"kind": "verified", "code": "refuted"}, ROOM),
    "close it": ({"kind": "closed", "code": "test"}, ROOM),
}


def doing(here: World, told: dict[str, str]) -> set[str]:
    """The roles that get through, each with a fresh alert of their own province."""
    found = set()
    for column in COLUMNS:
        url = f"/alerts/{alert_of(here, place_of(column, 'own'))}/step"
        sent = here.send(id_of(column), "POST", url, told)
        if sent.status_code == 302 and not sent.headers["Location"].startswith("/sign-in"):
            found.add(str(column.role))
    return found


@pytest.mark.parametrize("what", MAY)
def test_each_step_is_for_those_whose_it_is(here: World, what: str) -> None:
    told, roles = MAY[what]
    assert doing(here, told) == roles


def test_control_an_act_more_is_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    more = rules.PLACED[Role.BASE_COMMANDER] | {Act.CLOSE_ALERTS}
    monkeypatch.setattr(rules, "PLACED", {**rules.PLACED, Role.BASE_COMMANDER: more})
    told, roles = MAY["close it"]
    assert doing(here, told) == roles | {"base_commander"}
