"""The watch: what stands first, what stands in full, what is said when nothing does, and what it costs."""

from __future__ import annotations

import gzip
import re
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from tests.nodes import NOON
from tests.web.conftest import Browser, add_one, signed_in
from tests.web.watching import ME, body, community, officer, raised, reader, row, step
from ulinzi import ledger
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.alerts import actions, queries
from ulinzi.alerts import clocks as alert_clocks
from ulinzi.alerts.clocks import targets_of
from ulinzi.alerts.models import Alert
from ulinzi.alerts.rules import Step
from ulinzi.kernel.clock import HOUR, MINUTE
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.node import Node
from ulinzi.messages import queries as messages
from ulinzi.web import board_alerts, clocks, nexts

pytestmark = pytest.mark.sqlite_only
# The mission of the tests: a P1 is verified in 30 min, decided in 60, arrived at in 120, fed back in a day.


@pytest.fixture
def watch(browser: Browser) -> Client:
    """A watch officer of the north looks."""
    made = officer()
    return signed_in(browser(None), made.code)


def order(page: str) -> list[str]:
    return re.findall(r'id="a-([0-9a-f-]{36})"', page)


def page_of(client: Client, url: str = "/watch", **told: Any) -> str:
    return body(client.get(url, told))


# Order.


def test_what_is_late_stands_first_then_the_promise_that_falls_due_next(watch: Client) -> None:
    waits, soon, late = raised(5), raised(25), raised(40)
    assert order(page_of(watch)) == [str(late), str(soon), str(waits)]


def test_control_the_order_is_of_promises_not_of_arrival(watch: Client) -> None:
    urgent = raised(100)
    new = raised(10, priority="p3")
    assert order(page_of(watch)) == [str(urgent), str(new)]
    assert [one["id"] for one in queries.open_alerts(reader())] == [new, urgent]


def test_of_two_that_fall_due_together_the_more_urgent_stands_first() -> None:
    same = {"received_at": NOON, "id": UUID(int=1)}
    found = [board_alerts.Due({**same, "priority": one}, (), None) for one in ("p3", "p1", "p2")]  # type: ignore[arg-type]
    listed = sorted(found, key=lambda one: (one.at is None, one.at or 0, one.row["priority"]))
    assert [one.row["priority"] for one in listed] == ["p1", "p2", "p3"]


def test_the_head_says_how_many_are_late_how_long_is_left_and_how_many_are_open(watch: Client) -> None:
    raised(40)
    raised(5, take=True)
    page = page_of(watch)
    assert "<b>1</b> late" in page and "<b>25<i> min</i></b> to the next deadline" in page
    assert "<b>2</b> open" in page and "<b>1</b> with nobody" in page


# One strip.


def test_a_strip_says_when_what_where_and_who(watch: Client) -> None:
    raised(40, community=community("Telwa"), take=True)
    page = page_of(watch)
    assert "+10<i> min</i>" in page and "late · verify" in page
    assert "Armed men moving" in page and "<bdi>Telwa</bdi>" in page and 'class="pr p1">P1' in page


def test_the_four_clocks_are_a_list_with_words(watch: Client) -> None:
    alert = raised(50, take=True)
    step(alert, Step.VERIFIED, "corroborated", ago=30)
    page = page_of(watch)
    assert '<ol class="clocks" aria-label="The four clocks">' in page
    assert re.findall(r'<span class="n">(\w+)</span>', page)[:4] == ["Verify", "Decide", "Arrive", "Feedback"]
    assert "10 min left" in page and "by " in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_of_a_clock_is_drawn_by_style_alone(node: Node, language: str) -> None:
    """Every clock has words, whatever it is drawn like, and no attribute that the policy of the pages forbids."""
    alert = raised(50)
    step(alert, Step.VERIFIED, "corroborated", ago=40)
    step(alert, Step.DECIDED, "no_response", reason="stale")
    with override(language):
        for one in clocks.gauges(row(alert), clocks.of_alert(row(alert), NOON), NOON):
            assert one.words and one.label and "style=" not in one.drawing and "<rect" in one.drawing


LOOKS: dict[str, tuple[tuple[tuple[Step, str | None, float | None, dict[str, Any]], ...], float, list[str]]] = {
    "just in": ((), 5, ["run", "wait", "wait", "wait"]),
    "late": ((), 40, ["late", "wait", "wait", "wait"]),
    "verified": (((Step.VERIFIED, "refuted", None, {}),), 20, ["done", "run", "wait", "wait"]),
    "written down too late": (((Step.VERIFIED, "refuted", 30, {}),), 50, ["hatch", "run", "wait", "wait"]),
    "paused": (((Step.PAUSED, "not_safe", None, {}),), 20, ["pause", "run", "wait", "wait"]),
    "a reasoned no": (
        ((Step.DECIDED, "no_response", None, {"reason": "out_of_reach"}),), 20, ["no", "done", "no", "run"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(LOOKS))
def test_each_state_of_a_clock_has_a_look_of_its_own(node: Node, name: str) -> None:
    steps, ago, looks = LOOKS[name]
    alert = raised(ago)
    for kind, code, said, told in steps:
        step(alert, kind, code, ago=said, **told)
    found = clocks.gauges(row(alert), clocks.of_alert(row(alert), NOON), NOON)
    assert [one.look for one in found] == looks


def test_what_is_late_reaches_past_the_promise_and_what_is_in_time_does_not(node: Node) -> None:
    late, timely = raised(45), raised(15)
    drawn = [clocks.gauges(row(one), clocks.of_alert(row(one), NOON), NOON)[0].drawing for one in (late, timely)]
    assert 'class="passed"' in drawn[0] and 'class="passed"' not in drawn[1]
    assert all(f'class="gate" x="{clocks.GATE}%"' in one for one in drawn)


def test_a_night_goes_on_past_midnight_without_a_date() -> None:
    midnight = NOON + 13 * HOUR
    assert "/" not in clocks.by(midnight, NOON) and "/" in clocks.by(NOON + 30 * HOUR, NOON)


def test_that_nobody_has_it_is_loud_and_can_be_mended_on_the_spot(watch: Client) -> None:
    raised(1)
    alert = raised(0)
    page = page_of(watch)
    assert "Nobody has it" in page and page.count('name="kind" value="taken"') == 2
    answer = watch.post(f"/alerts/{alert}/step", {"kind": "taken", "next": "/watch"})
    assert answer["Location"] == "/watch" and row(alert)["holds"]


def test_the_owner_and_whoever_it_has_climbed_to_stand_on_the_strip(watch: Client) -> None:
    other = officer("anselo")
    alert = raised(40, take=True)
    targets = targets_of([(one.clock, one.minutes) for one in settings.MISSION.targets])
    actions.climb(alert, targets=targets, people={Role.WATCH_OFFICER: [other.id]}, by=ME)
    page = page_of(watch)
    assert f"{other.name} was asked at" in page and "has not answered" in page


def test_two_values_stand_on_the_strip_with_its_owner(watch: Client) -> None:
    alert = torn(raised(1, take=True))
    page = page_of(watch)
    assert "Two values" in page and "<b>1</b> with two values" in page
    assert str(alert) in page


def torn(alert: UUID) -> UUID:
    seen = {name: one.dots for name, one in ledger_queries.groups_of("alerts.Alert", alert).items()}
    actions.edit_alert(alert, by=ME, seen=seen, what="burning")
    with ledger.unit("alerts.edit_alert", by=ME) as unit:
        unit.put(Alert, unit.load(Alert, alert), seen=seen, keep_both=True, what="people_hurt")
    return alert


MARKS: dict[str, tuple[dict[str, Any], tuple[tuple[Step, str | None], ...], str]] = {
    "a missed call waits to be called back": ({"channel": "missed_call"}, (), "Call-back waiting"),
    "a paused clock": ({}, ((Step.PAUSED, "not_safe"),), "Clock paused"),
    "agents of a State": ({"who": "army"}, (), "State agents"),
}


@pytest.mark.parametrize("name", list(MARKS))
def test_marks_say_in_a_word_what_makes_it_another_case(watch: Client, name: str) -> None:
    told, steps, word = MARKS[name]
    control = raised(1)
    assert word not in page_of(watch)
    alert = raised(1, **told)
    for kind, code in steps:
        step(alert, kind, code)
    assert word in page_of(watch) and control


# The first strip is open.


def test_the_first_strip_says_what_it_waits_for_by_when_and_what_happens_otherwise(watch: Client) -> None:
    other = officer("anselo")
    alert = raised(55, take=True)
    step(alert, Step.VERIFIED, "corroborated")
    page = page_of(watch)
    assert "Decide the response" in page and "in 5 min." in page
    assert re.search(r"If nobody decides, (Selim Brahane|Pia Anselo) is asked at \d\d:\d\d\.", page)
    assert 'value="respond"' in page and other.name in page


def test_what_waits_to_be_taken_says_so_before_anything_else(watch: Client) -> None:
    raised(1)
    page = page_of(watch)
    assert "If nobody takes it," in page and "data-take" in page


def test_before_it_is_verified_nobody_decides_in_passing(watch: Client) -> None:
    """One press decides only what is verified; before that the file asks for words (H05)."""
    alert = raised(31, take=True)
    actions.step(alert, Step.PAUSED, by=ME, code="line_down")
    assert 'value="respond"' not in page_of(watch)


# Beside it.


def test_a_gateway_that_does_not_answer_is_no_calm(watch: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(reader: object) -> list[dict[str, Any]]:
        raise Refused("gateway_silent")

    monkeypatch.setattr(messages, "silent_phones", away)
    page = page_of(watch)
    assert "The gateway does not answer" in page and "This is not calm." in page


def test_a_silent_phone_is_named_with_how_long_and_what_is_usual(
    watch: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = {"name": "Lomuk 2", "last_heard": NOON - 47 * MINUTE, "usual_gap": 5 * MINUTE}
    monkeypatch.setattr(messages, "silent_phones", lambda reader: [phone])
    page = page_of(watch)
    assert "<bdi>Lomuk 2</bdi>" in page and "silent 47 min" in page and "usual gap 5 min" in page
    assert "1 duty phone is silent. This is not calm." in page


def test_an_empty_watch_never_says_that_it_is_calm(watch: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "silent_phones", lambda reader: [])
    page = page_of(watch)
    assert "No open alert is written down here." in page and "is not the same as nothing happening" in page


def test_whoever_reads_no_messages_is_told_nothing_of_the_inbox(browser: Browser) -> None:
    page = page_of(browser("dusane"))
    assert "Silent gateways" not in page and "On duty" in page


# Hundreds.


def many(count: int) -> None:
    """Of every priority, over two days."""
    with ledger.batch():
        for n in range(count):
            told = {"priority": f"p{n % 4 + 1}", "what": ("tension", "burning", "armed_men")[n % 3]}
            actions.raise_alert(
                compartment="north", by=ME, channel="sms", who="unknown", place_said=f"hill {n}",
                received_at=NOON - n * 6 * MINUTE, **told,
            )  # fmt: skip


def dues(count: int, **told: Any) -> list[board_alerts.Due]:
    """Of the least urgent, one every six minutes: nothing presses."""
    blank = dict.fromkeys((*Alert.shape.group_of, *(one.name for one in Alert.shape.derived)))
    start = {"priority": "p4", "state": "open", "holds": True, "conflict": False, **told}
    rows = [{**blank, **start, "id": UUID(int=n + 1), "received_at": NOON - n * 6 * MINUTE} for n in range(count)]
    return board_alerts.by_deadline(rows, NOON)  # type: ignore[arg-type]


def test_a_short_watch_is_said_in_full() -> None:
    found = board_alerts.groups(dues(30), NOON)
    assert len(board_alerts.chosen(found, ME)) == 30 and not board_alerts.counted(
        found, board_alerts.chosen(found, ME), NOON
    )


def test_of_five_hundred_forty_stand_in_full_and_the_rest_are_counted() -> None:
    found = board_alerts.groups(dues(500), NOON)
    shown = board_alerts.chosen(found, ME)
    with override("en"):
        rest = board_alerts.counted(found, shown, NOON)
    assert len(shown) <= board_alerts.FULL and len(shown) + sum(one.count for one in rest) == 500
    assert all(one.name and one.url.startswith("/watch?when=") for one in rest)


@pytest.mark.parametrize("told", [{"owner": ME}, {"priority": "p1"}, {"conflict": True}, {"climbed_to": ME}])
def test_what_presses_stands_in_full_among_hundreds(told: dict[str, Any]) -> None:
    pressing = dues(3, **told)
    pressing = [one._replace(row={**one.row, "id": UUID(int=9000 + n)}) for n, one in enumerate(pressing)]  # type: ignore[arg-type]
    found = board_alerts.groups(sorted([*dues(500), *pressing], key=lambda one: one.at or 0), NOON)
    assert {one.row["id"] for one in pressing} <= board_alerts.chosen(found, ME)


def test_control_what_presses_on_nobody_is_counted() -> None:
    far = [one._replace(row={**one.row, "id": UUID(int=9000)}) for one in dues(1)]  # type: ignore[arg-type]
    found = board_alerts.groups(sorted([*dues(500), *far], key=lambda one: one.at or 0), NOON)
    assert UUID(int=9000) not in board_alerts.chosen(found, ME)


@pytest.mark.slow
def test_five_hundred_open_alerts_cost_twelve_statements_and_fifteen_kilobytes(watch: Client, node: Node) -> None:
    many(500)
    watch.get("/watch")
    with CaptureQueriesContext(connections[node.alias]) as asked:
        answer = watch.get("/watch")
    assert len(asked) <= 12, [one["sql"][:100] for one in asked]
    assert len(gzip.compress(answer.content)) <= 15_000
    page = body(answer)
    assert "500</b> open" in page and "The rest is counted by when it falls due." in page


@pytest.mark.slow
def test_the_table_has_them_all_page_by_page(watch: Client) -> None:
    many(120)
    assert "1 to 50 of 120" in page_of(watch, "/watch/table")
    assert "101 to 120 of 120" in page_of(watch, "/watch/table", page="3")
    assert "of 120" in page_of(watch, "/watch/table", page="nonsense")
    late = page_of(watch, "/watch/table", when="late")
    assert "of 120" not in late and "1 to" in late


@pytest.mark.parametrize("when", ["1999-01-01", "x", "<script>"])
def test_a_group_that_nobody_knows_opens_nothing(watch: Client, when: str) -> None:
    raised(1)
    page = page_of(watch, "/watch", when=when)
    assert "Armed men moving" in page and "Fold it again" not in page


# Whose it is.


def test_only_those_of_ones_own_province_are_there(browser: Browser) -> None:
    here, there = raised(1), raised(1, compartment="south", place_said="a sign of the south")
    page = page_of(signed_in(browser(None), officer().code))
    assert str(here) in page and str(there) not in page and "a sign of the south" not in page


def test_words_deeper_than_a_role_sees_are_not_on_its_watch(browser: Browser) -> None:
    """Leadership sees that there is an alert and not the place as somebody said it."""
    raised(1, place_said="behind the mill")
    assert "behind the mill" in page_of(signed_in(browser(None), officer().code))
    add_one("adeyo", (Role.LEADERSHIP, EVERYWHERE))
    page = page_of(browser("adeyo"))
    assert "behind the mill" not in page and "place not known here" in page and "Armed men moving" in page


def test_the_watch_is_live_and_every_part_that_is_fetched_again_has_its_name(watch: Client) -> None:
    raised(1)
    page = page_of(watch)
    assert 'id="say" data-live' in page and 'hx-select-oob="#strips,#beside"' in page
    assert 'id="strips"' in page and 'id="beside"' in page and 'data-every="5"' in page


def test_control_with_nothing_urgent_it_looks_less_often(watch: Client) -> None:
    raised(1, priority="p3")
    assert 'data-every="15"' in page_of(watch)


def test_who_climbs_next_is_asked_of_the_same_rule_as_the_worker(node: Node) -> None:
    """With nobody of the chain there, the page says that nobody is left."""
    alert = row(raised(1))
    with override("en"):
        told = nexts.said(alert, clocks.of_alert(alert, NOON), NOON, nexts.Chain((), NOON, ()), ())
    assert told.code == nexts.TAKE and told.otherwise == "Nobody is left to be asked. Find somebody who takes it."


def test_no_key_of_the_watch_decides_anything(watch: Client) -> None:
    """The first line may be another one a moment later. Taking does no harm, and can be undone."""
    alert = raised(55, take=True)
    step(alert, Step.VERIFIED, "corroborated")
    page = page_of(watch)
    assert 'value="respond"' in page
    assert not [one for one in re.findall(r"<button[^>]*data-key[^>]*>", page.split("<main")[1]) if "code" in one]


def test_an_alert_that_lacks_what_its_clocks_need_does_not_take_the_watch_away() -> None:
    """As a newer version may write it: it counts as the most urgent, from when it was raised."""
    [told] = dues(1)
    odd = {**told.row, "received_at": None, "raised_at": NOON - 40 * MINUTE, "priority": "p9"}
    found = board_alerts.due_of(odd, NOON)  # type: ignore[arg-type]
    assert found.at == NOON - 10 * MINUTE and found.row["priority"] == "p1"


def test_control_without_that_its_clocks_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    [told] = dues(1)
    monkeypatch.setattr(alert_clocks, "whole", lambda row, now: row)
    with pytest.raises(TypeError):
        clocks.of_alert({**told.row, "received_at": None}, NOON)  # type: ignore[arg-type]
