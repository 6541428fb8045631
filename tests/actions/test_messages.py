"""Messages, as the people in the room deal with them: each waits for a person, and no two have the same one."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest
from django.db import connections

from tests.letters import Letters
from tests.nodes import NOON, person
from ulinzi.accounts.rules import Rights, Role
from ulinzi.kernel.clock import DAY, HOUR, MINUTE, SECOND, SetClock
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger import queries as ledger
from ulinzi.ledger import store, tables, unit
from ulinzi.ledger.node import Node
from ulinzi.ledger.shapes import Row
from ulinzi.messages import actions, queries, rules, tasks
from ulinzi.messages.rules import Step
from ulinzi.network import actions as network
from ulinzi.network import queries as sources

ANA, BORI = person("ana"), person("bori")
WATCH = Rights(ANA, ((Role.WATCH_OFFICER, "north"),))


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> Letters:
    return Letters(monkeypatch)


@pytest.fixture
def clock(node: Node) -> SetClock:
    assert isinstance(node.clock, SetClock)
    return node.clock


def came(node: Node, letters: Letters, **told: object) -> UUID:
    """Something came, and the worker has written it down."""
    handle = letters.bring(**told)  # type: ignore[arg-type]
    tasks.drain(node)
    return actions.message_id(str(told.get("compartment", "north")), handle)


def state(message: UUID) -> str:
    return str(queries.message(message, WATCH)["state"])


# What comes in.


def test_a_letter_becomes_a_message_that_waits(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    row = queries.message(message, WATCH)
    assert (row["state"], row["channel"], row["received_at"]) == ("waiting", "sms", NOON)
    assert [one["id"] for one in queries.waiting(WATCH)] == [message]
    assert letters.held == []  # taken, after the commit


def test_a_letter_that_comes_five_times_is_one_message(node: Node, letters: Letters) -> None:
    """T-C-04: the gateway tries again until it has heard that we have it."""
    letters.bring()
    same = letters.held[0]
    letters.held = [dict(same) for _ in range(5)]
    tasks.drain(node)
    letters.held = [same]
    tasks.drain(node)
    assert len(queries.waiting(WATCH)) == 1


def test_control_another_letter_is_another_message(node: Node, letters: Letters) -> None:
    came(node, letters)
    handle = f"{77:032x}"
    letters.held = [{"handle": handle, "phone": "N1", "compartment": "north", "kind": "sms", "code": "U-1"}]
    letters.held[0] |= {"received_at": NOON, "taken_at": NOON}
    tasks.drain(node)
    assert len(queries.waiting(WATCH)) == 2


def test_what_was_not_committed_is_not_taken(node: Node, letters: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    letters.bring()

    def fails(**told: object) -> None:
        raise Refused("node_not_here")

    monkeypatch.setattr(actions, "receive", fails)
    tasks.drain(node)
    assert len(letters.held) == 1


def test_a_silent_gateway_ends_no_worker(node: Node, letters: Letters) -> None:
    letters.bring()
    letters.is_silent = True
    tasks.drain(node)
    letters.is_silent = False
    tasks.drain(node)
    assert len(queries.waiting(WATCH)) == 1


def test_a_letter_for_elsewhere_waits_in_the_gateway(node: Node, letters: Letters) -> None:
    letters.bring(compartment="island")
    came(node, letters)
    assert [one["compartment"] for one in letters.held] == ["island"]
    assert queries.strays() == 1


def test_however_many_are_for_elsewhere_ours_have_their_turn(
    node: Node, letters: Letters, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(queries.letters, "__kwdefaults__", {"limit": 2})
    for _ in range(3):
        letters.bring(compartment="island")
    message = came(node, letters)
    assert [one["id"] for one in queries.waiting(WATCH)] == [message]
    assert "3 letters are for a compartment that is not here" in caplog.text


def test_control_asked_for_all_only_those_for_elsewhere_come(node: Node, letters: Letters) -> None:
    for place in ("island", "island", "north"):
        letters.bring(compartment=place)
    assert {one["compartment"] for one in queries.gateway().pending(2)} == {"island"}


def test_words_and_number_are_in_no_entry_and_no_table(node: Node, letters: Letters) -> None:
    message = came(node, letters, words="they came from the river")
    row = queries.message(message, WATCH)
    assert queries.words(row) == "they came from the river"
    assert not holds(node, "river")


def test_control_a_word_that_is_stored_is_found(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    actions.step(message, Step.SET_ASIDE, by=ANA, code="other", words="it was the river")
    assert holds(node, "river")


def holds(node: Node, word: str) -> bool:
    """Whether a word stands anywhere in the database: in entries and in every table."""
    for table in connections[node.alias].introspection.table_names():
        for row in store.rows(node, f"SELECT * FROM {table}"):
            if word.encode() in b" ".join(raw(one) for one in row):
                return True
    return False


def raw(value: object) -> bytes:
    return bytes(value) if isinstance(value, memoryview | bytes) else str(value).encode()


def test_a_phone_whose_clock_is_ahead_hides_nothing(node: Node, letters: Letters) -> None:
    letters.bring()
    letters.held[0] |= {"received_at": NOON + DAY}
    tasks.drain(node)
    assert queries.waiting(WATCH)[0]["received_at"] == NOON


def test_a_phone_whose_clock_died_does_not_say_that_all_is_over(node: Node, letters: Letters) -> None:
    letters.bring()
    letters.held[0] |= {"received_at": 0}
    tasks.drain(node)
    assert queries.waiting(WATCH)[0]["received_at"] == NOON


def test_control_a_phone_that_tried_for_days_is_believed(node: Node, letters: Letters) -> None:
    came(node, letters, at=NOON - 2 * DAY - 23 * HOUR, late=2 * DAY + 23 * HOUR)
    assert queries.waiting(WATCH)[0]["received_at"] == NOON - 2 * DAY - 23 * HOUR


def test_one_who_wrote_twice_is_seen_to_be_one(node: Node, letters: Letters) -> None:
    one, other = came(node, letters), came(node, letters)
    found = queries.origins([queries.message(each, WATCH) for each in (one, other)], WATCH)
    assert {origin.code for origin in found.values()} == {"U-2345679"}


def test_the_code_of_a_source_is_for_those_who_may_know_it(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    adviser = Rights(BORI, ((Role.PROVINCIAL_ADVISER, "north"),))
    found = queries.origins([queries.message(message, adviser)], adviser)[message]
    assert (found.code, found.may_be_called) == ("", True)


@pytest.mark.parametrize("role", [Role.BASE_COMMANDER, Role.HEAD_OF_OFFICE, Role.ADMINISTRATOR])
def test_whoever_has_no_inbox_is_told_nothing(node: Node, letters: Letters, role: Role) -> None:
    message = came(node, letters)
    reader = Rights(BORI, ((role, "north"),))
    assert queries.waiting(reader) == []
    with pytest.raises(NotFound):
        queries.message(message, reader)


# One person has it, for a while.


def test_a_claim_keeps_others_off_and_runs_out_by_itself(node: Node, letters: Letters, clock: SetClock) -> None:
    message = came(node, letters)
    actions.step(message, Step.CLAIMED, by=ANA)
    with pytest.raises(Refused, match="message_held_by_another"):
        actions.step(message, Step.CLAIMED, by=BORI)
    clock.advance(rules.CLAIM_LASTS)
    actions.step(message, Step.CLAIMED, by=BORI)
    assert queries.message(message, WATCH)["holder"] == BORI


def test_whoever_has_it_gives_it_back(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    actions.step(message, Step.CLAIMED, by=ANA)
    actions.step(message, Step.RELEASED, by=ANA)
    actions.step(message, Step.CLAIMED, by=BORI)
    assert queries.message(message, WATCH)["holder"] == BORI


def test_two_who_claim_at_the_same_moment_never_both_have_it(node: Node, letters: Letters) -> None:
    """On both databases: of every pair one has it, and the other is told so."""
    messages = [came(node, letters) for _ in range(12)]
    told = race(node, messages)
    assert [sorted(map(str, one)) for one in told] == [["has it", "message_held_by_another"]] * len(messages)


def test_control_without_asking_who_has_it_both_do(
    node: Node, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "is_held", lambda message, now: False)
    assert race(node, [came(node, letters)]) == [["has it", "has it"]]


def race(node: Node, messages: list[UUID]) -> list[list[str]]:
    line = threading.Barrier(2)
    told: dict[UUID, list[str]] = {one: [] for one in messages}

    def claim_all(who: UUID) -> None:
        with node.use():
            for message in messages:
                line.wait(timeout=30)
                told[message].append(claim(message, who))
            connections[node.alias].close()

    people = [threading.Thread(target=claim_all, args=[who]) for who in (ANA, BORI)]
    for one in people:
        one.start()
    for one in people:
        one.join(timeout=60)
    return [told[one] for one in messages]


def claim(message: UUID, who: UUID) -> str:
    try:
        actions.step(message, Step.CLAIMED, by=who)
    except Refused as refused:
        return refused.code
    return "has it"


# Calling back.


def test_the_duty_phone_calls_and_the_attempt_is_counted_before(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    actions.dial(message, by=ANA)
    row = queries.message(message, WATCH)
    assert (letters.dialled, row["calls"], row["holder"]) == ([row["letter"].hex()], 1, ANA)


def test_what_came_of_a_call_is_the_same_attempt(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    actions.dial(message, by=ANA)
    actions.step(message, Step.CALLED, by=ANA, code="no_answer")
    assert queries.message(message, WATCH)["calls"] == 1


def test_there_are_two_attempts_and_no_third(node: Node, letters: Letters) -> None:
    """H02: after that people are added, not attempts."""
    message = came(node, letters)
    for _ in range(rules.MOST_CALLS):
        actions.dial(message, by=ANA)
        actions.step(message, Step.CALLED, by=ANA, code="no_answer")
    for ask in (actions.dial, actions.offer):
        with pytest.raises(Refused, match="enough_calls"):
            ask(message, by=ANA)
    assert len(letters.dialled) == rules.MOST_CALLS


def test_control_a_call_that_was_not_made_is_no_attempt(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    for _ in range(rules.MOST_CALLS + 1):
        actions.dial(message, by=ANA)
        actions.step(message, Step.CALLED, by=ANA, code="not_called")
    assert queries.message(message, WATCH)["calls"] == 0


def test_nobody_is_called_again_before_it_is_said_what_came_of_it(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    actions.offer(message, by=ANA)
    with pytest.raises(Refused, match="call_not_ended"):
        actions.dial(message, by=ANA)


def test_a_silent_gateway_has_called_nobody(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    letters.is_silent = True
    with pytest.raises(Refused, match="gateway_silent"):
        actions.dial(message, by=ANA)
    assert queries.message(message, WATCH)["calls"] == 0


@pytest.mark.parametrize(("contact", "code"), [("never", "call_never"), ("not_now", "call_not_now")])
def test_who_must_not_be_called_is_not(node: Node, letters: Letters, contact: str, code: str) -> None:
    message = came(node, letters)
    source = sources.source_id("north", "U-2345679")
    network.set_contact(source, contact=contact, by=ANA)
    with pytest.raises(Refused, match=code):
        actions.dial(message, by=ANA)
    assert letters.dialled == []


def test_what_another_has_is_not_called(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    actions.step(message, Step.CLAIMED, by=ANA)
    with pytest.raises(Refused, match="message_held_by_another"):
        actions.dial(message, by=BORI)


# What belongs to a report or an alert is written with it.


@pytest.mark.parametrize("kind", [Step.UNDONE, Step.REPORTED, Step.ALERTED, Step.ATTACHED])
def test_steps_that_belong_to_something_else_are_not_taken_by_hand(node: Node, letters: Letters, kind: Step) -> None:
    message, before = came(node, letters), ledger.node_state().entries
    with pytest.raises(Refused, match="message_not_now"):
        actions.step(message, kind, by=ANA)
    assert ledger.node_state().entries == before


def test_control_as_part_of_a_larger_act_they_are(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    with unit("alerts.report_from_message", by=ANA):
        actions.step(message, Step.REPORTED, by=ANA)
    assert state(message) == "reported"


def test_what_was_attached_is_not_opened_again_by_hand(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    with unit("alerts.attach_message", by=ANA):
        actions.step(message, Step.ATTACHED, by=ANA)
    with pytest.raises(Refused, match="message_not_now"):
        actions.step(message, Step.REOPENED, by=ANA)
    assert state(message) == "attached"


def test_control_what_was_set_aside_is(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    actions.step(message, Step.SET_ASIDE, by=ANA, code="test")
    actions.step(message, Step.REOPENED, by=ANA)
    assert state(message) == "waiting"


# Setting aside, and taking it back.


def test_nothing_is_set_aside_without_a_reason(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    for told in ({}, {"code": "because"}, {"code": "other", "words": " "}):
        with pytest.raises(Refused):
            actions.step(message, Step.SET_ASIDE, by=ANA, **told)
    actions.step(message, Step.SET_ASIDE, by=ANA, code="test")
    assert state(message) == "set_aside"
    assert queries.waiting(WATCH) == []


def test_the_last_step_is_undone_and_nothing_was_forgotten_meanwhile(
    node: Node, letters: Letters, clock: SetClock
) -> None:
    message = came(node, letters)
    aside = actions.step(message, Step.SET_ASIDE, by=ANA, code="greeting")
    clock.advance(5 * MINUTE)
    tasks.let_go(node)
    actions.undo(message, aside, by=BORI)
    assert (state(message), letters.forgotten) == ("waiting", [])


def test_what_is_set_aside_is_forgotten_by_the_gateway(node: Node, letters: Letters, clock: SetClock) -> None:
    message = came(node, letters)
    actions.step(message, Step.SET_ASIDE, by=ANA, code="greeting")
    clock.advance(HOUR)
    tasks.let_go(node)
    assert letters.forgotten == [queries.message(message, WATCH)["letter"].hex()]


def test_however_much_was_set_aside_all_of_it_is_forgotten(
    node: Node, letters: Letters, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At one moment, too: the next ones begin after the last, by time and by name."""
    monkeypatch.setattr(queries, "FORGOTTEN_AT_ONCE", 2)
    messages = [came(node, letters) for _ in range(5)]
    for place, message in enumerate(messages):
        actions.step(message, Step.SET_ASIDE, by=ANA, code="test")
        clock.advance(SECOND if place == 3 else 0)
    clock.advance(HOUR)
    tasks.let_go(node)
    assert sorted(letters.forgotten) == sorted(one["letter"].hex() for one in queries.rows(messages)), (
        "each once, and none twice"
    )


def test_a_gateway_that_is_silent_is_asked_once(
    node: Node, letters: Letters, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FORGOTTEN_AT_ONCE", 1)
    for message in [came(node, letters) for _ in range(3)]:
        actions.step(message, Step.SET_ASIDE, by=ANA, code="test")
    clock.advance(HOUR)
    letters.is_silent = True
    tasks.let_go(node)
    letters.is_silent = False
    assert letters.forgotten == []
    tasks.let_go(node)
    assert len(letters.forgotten) == 3


def test_what_was_dealt_with_last_stands_first_and_what_has_no_time_last(
    node: Node, letters: Letters, clock: SetClock
) -> None:
    first, second, third = [came(node, letters) for _ in range(3)]
    for message in (first, second, third):
        actions.step(message, Step.SET_ASIDE, by=ANA, code="test")
        clock.advance(MINUTE)
    with store.connection(node).ledger_opened():  # what an erasure leaves
        tables.upsert(node, rules.MESSAGE, [Row({**queries.rows([third])[0], "ended_at": None})])
    assert [one["id"] for one in queries.dealt_with(WATCH)] == [second, first, third]


def test_control_what_waits_is_kept_however_long(node: Node, letters: Letters, clock: SetClock) -> None:
    came(node, letters)
    clock.advance(2 * DAY)
    tasks.let_go(node)
    assert letters.forgotten == []


def test_letting_go_says_whether_the_gateway_heard_it(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    letters.is_silent = True
    assert actions.let_go_all([message]) is False
    letters.is_silent = False
    assert actions.let_go_all([message]) is True
    assert queries.words(queries.message(message, WATCH)) is None


def test_a_step_below_another_is_not_undone(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    first = actions.step(message, Step.CLAIMED, by=ANA)
    actions.step(message, Step.CALLED, by=ANA, code="safe")
    with pytest.raises(Refused, match="undo_not_now"):
        actions.undo(message, first, by=ANA)


def test_a_refusal_leaves_nothing(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    before = ledger.node_state().entries
    with pytest.raises(Refused):
        actions.step(message, Step.SET_ASIDE, by=ANA)
    assert ledger.node_state().entries == before


def test_the_table_is_what_the_entries_say(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    actions.step(message, Step.SET_ASIDE, by=ANA, code="test")
    rows = tables.read(node, rules.MESSAGE, "state = %s", ["set_aside"])
    assert [row["id"] for row in rows] == [message]
