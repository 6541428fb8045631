"""Alerts: a warning, the steps people took about it, and the four clocks that follow from them.

No screen writes a state. Who has it, what it waits for and how late it is are read off the steps; so reopening and
undoing are steps too. The clocks themselves are in clocks.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from ulinzi.accounts.rules import Act
from ulinzi.kernel import turns
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.shapes import Children, Derived, Field, Group, Kind, Problem, Row, Sensitivity, Shape
from ulinzi.messages.rules import CHANNELS
from ulinzi.reports.rules import WHAT, WHO, check_words

PRIORITIES = ("p4", "p3", "p2", "p1")


class Step(StrEnum):
    """What was done about an alert. An event: nobody changes it afterwards."""

    TAKEN = "taken"
    HANDED_OVER = "handed_over"
    ATTACHED = "attached"
    CALLED = "called"
    PAUSED = "paused"
    RESUMED = "resumed"
    VERIFIED = "verified"
    TOLD = "told"
    DECIDED = "decided"
    LEFT = "left"
    ARRIVED = "arrived"
    ENDED = "ended"
    FED_BACK = "fed_back"
    CLOSED = "closed"
    DUPLICATE = "duplicate"
    ESCALATED = "escalated"
    REOPENED = "reopened"
    NOTED = "noted"
    UNDONE = "undone"


class State(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    DUPLICATE = "duplicate"


# Settled question 4: confirmed is two independent sources, or one trained person who saw it.
VERIFIED = ("corroborated", "two_sources", "trained_observer", "refuted", "unverifiable")
CONFIRMED = frozenset({"two_sources", "trained_observer"})
# Only the last three end the clock: to look first is a decision too, but nobody is on the way because of it.
LOOKING = ("prepare", "second_source", "observe")
FINAL = ("respond", "transfer", "no_response")
DECISIONS = (*LOOKING, *FINAL)
NO_RESPONSE = (
    "out_of_reach",
    "no_asset",
    "road_or_weather",
    "own_protection",
    "clearance_late",
    "movement_denied",
    "stale",
    "not_credible",
    "others_answer",
    "other",
)
# Who was told. Telling somebody is not a response (L02).
TOLD = ("army", "police", "authority", "humanitarian", "headquarters")
# How sure it is that somebody came: our own people saw it, others say so, others say so and somebody of ours agrees.
ARRIVED = ("seen", "claimed", "confirmed")
# How a response ended: somebody had come, somebody had talked from afar, or they turned back on the way.
ENDED = ("came", "talked", "turned_back")
FEEDBACK = ("visit", "liaison", "committee", "radio", "third_person", "call", "sms")
CALLED = ("safe", "not_safe", "no_answer", "other_person")
CLOSED = ("fed_back", "unsafe_to_tell", "nobody_to_tell", "asked_not_to", "cannot_reach", "test", "false")
# These are no alert at all, and stand in no rate.
NOT_COUNTED = frozenset({"test"})
PAUSES = ("not_safe", "line_down")
ESCALATED = ("taking", "verification", "decision", "arrival", "feedback")
CODES = (
    *VERIFIED, *DECISIONS, *NO_RESPONSE, *TOLD, *ARRIVED, *ENDED, *FEEDBACK, *CALLED, *CLOSED, *PAUSES, *ESCALATED,
)  # fmt: skip

# In an open alert everything may be done but reopening it.
REOPENS = frozenset({Step.REOPENED, Step.NOTED, Step.UNDONE})
CODED: Mapping[Step, tuple[str, ...]] = {
    Step.VERIFIED: VERIFIED,
    Step.DECIDED: DECISIONS,
    Step.TOLD: TOLD,
    Step.ARRIVED: ARRIVED,
    Step.FED_BACK: FEEDBACK,
    Step.CALLED: CALLED,
    Step.CLOSED: CLOSED,
    Step.PAUSED: PAUSES,
    Step.ESCALATED: ESCALATED,
}
NEEDS_WORDS = frozenset({Step.NOTED, Step.REOPENED})

# Who may do which: whoever it may climb to takes it; whoever works on it does the rest; few decide, few end it.
ACT_OF: Mapping[Step, Act] = {
    Step.TAKEN: Act.TAKE_ALERTS,
    Step.HANDED_OVER: Act.TAKE_ALERTS,
    Step.NOTED: Act.TAKE_ALERTS,
    Step.DECIDED: Act.DECIDE_ALERTS,
    Step.CLOSED: Act.CLOSE_ALERTS,
    Step.REOPENED: Act.CLOSE_ALERTS,
    Step.DUPLICATE: Act.CLOSE_ALERTS,
}


def act_of(kind: Step, code: str | None = None) -> Act:
    if kind == Step.VERIFIED and code == "refuted":
        return Act.CLOSE_ALERTS
    return ACT_OF.get(kind, Act.STEP_ALERTS)


def derive(alert: Row, children: Children) -> dict[str, Any]:
    """What the steps come to. No clock is read: whether something is late is asked when somebody looks."""
    now = dict.fromkeys(one.name for one in DERIVED)
    now |= {"state": str(State.OPEN), "paused_for": 0, "rounds": 1, "reports": 0, "climbs": 0}
    for step in effective(children["alerts.Step"]):
        _TELL[Step(step["kind"])](now, step)
    return now


def effective(steps: Sequence[Row]) -> list[Row]:
    """Those that count, in turn; one whose act is not here yet has no time and waits."""
    return [step for step in turns.effective(steps, _TELL) if step["claimed_at"] is not None]


def _taken(now: dict[str, Any], step: Row) -> None:
    """A named person has it: whoever it had climbed to need not be asked again."""
    now["owner"] = step["by_whom"]
    now["taken_at"] = _first(now["taken_at"], step)
    now["climbed_to"] = None
    now["holds"] = True


def _handed_over(now: dict[str, Any], step: Row) -> None:
    """The other one has it, and has not said so yet."""
    now["owner"], now["holds"] = step["to_whom"], False


def _attached(now: dict[str, Any], step: Row) -> None:
    now["reports"] += 1


def _called(now: dict[str, Any], step: Row) -> None:
    now["called"] = step["code"]


def _paused(now: dict[str, Any], step: Row) -> None:
    if now["verified_at"] is None:
        now["paused_at"] = now["paused_at"] or step["claimed_at"]


def _resumed(now: dict[str, Any], step: Row) -> None:
    if now["paused_at"] is not None:
        now["paused_for"] = _span(now["paused_for"] + step["claimed_at"] - now["paused_at"])
        now["paused_at"] = None


def _verified(now: dict[str, Any], step: Row) -> None:
    _resumed(now, step)
    now["verified_at"] = _first(now["verified_at"], step)
    now["verified_lag"] = _lag(now["verified_lag"], step)
    now["verification"] = step["code"]


def _decided(now: dict[str, Any], step: Row) -> None:
    """What was decided last holds; when it was decided at first is what the clock counts."""
    now["decision"], now["reason"] = step["code"], step["reason"]
    if step["code"] in FINAL:
        now["decided_at"] = _first(now["decided_at"], step)
        now["decided_lag"] = _lag(now["decided_lag"], step)


def _left(now: dict[str, Any], step: Row) -> None:
    now["left_at"] = _first(now["left_at"], step)


def _arrived(now: dict[str, Any], step: Row) -> None:
    """What was seen or confirmed outdoes what was claimed; the first sure one counts, whoever went there later."""
    now["answered_at"] = _first(now["answered_at"], step)
    if now["arrival"] is None or _SURE.get(step["code"], -1) > _SURE.get(now["arrival"], -1):
        now["arrival"], now["arrived_by"] = step["code"], step["reason"]
        now["arrived_at"], now["arrived_lag"] = step["claimed_at"], _lag(None, step)


def _ended(now: dict[str, Any], step: Row) -> None:
    now["ended_at"] = step["claimed_at"]
    if step["code"] == "talked":
        now["answered_at"] = _first(now["answered_at"], step)


def _fed_back(now: dict[str, Any], step: Row) -> None:
    now["fed_back_at"] = _first(now["fed_back_at"], step)
    now["fed_back_lag"] = _lag(now["fed_back_lag"], step)
    now["feedback"] = now["feedback"] or step["code"]


def _closed(now: dict[str, Any], step: Row) -> None:
    now["state"], now["closed_at"], now["closing"] = str(State.CLOSED), step["claimed_at"], step["code"]
    _resumed(now, step)


def _duplicate(now: dict[str, Any], step: Row) -> None:
    now["state"], now["closed_at"], now["same_as"] = str(State.DUPLICATE), step["claimed_at"], step["other"]


def _escalated(now: dict[str, Any], step: Row) -> None:
    again = now["climbed_for"] == step["code"]
    now["climbs"] = now["climbs"] + 1 if again else 1
    now["climbed_for"], now["climbed_to"], now["climbed_at"] = step["code"], step["to_whom"], step["claimed_at"]
    now["holds"] = False


def _reopened(now: dict[str, Any], step: Row) -> None:
    """What was decided and done no longer holds; the clocks go on from when the warning came, so late stays late."""
    now |= dict.fromkeys(_UNDONE_BY_REOPENING)
    now |= {"state": str(State.OPEN), "rounds": now["rounds"] + 1}


def _nothing(now: dict[str, Any], step: Row) -> None:
    """It is told in the timeline and changes nothing."""


def _first(before: int | None, step: Row) -> int:
    return step["claimed_at"] if before is None else before


def _lag(before: int | None, step: Row) -> int:
    """How long after it is said to have happened it was written down."""
    lag = _span((step["entered_at"] or step["claimed_at"]) - step["claimed_at"])
    return lag if before is None else before


def _span(long: int) -> int:
    """What a wrong clock makes of a span still fits its column, and none is negative."""
    return max(0, min(long, _LONGEST))


_LONGEST = 2**62
_SURE = {"claimed": 0, "confirmed": 1, "seen": 1}
_UNDONE_BY_REOPENING = (
    "decided_at", "decided_lag", "decision", "reason", "left_at", "arrived_at", "arrived_lag", "arrival", "arrived_by",
    "answered_at", "ended_at", "fed_back_at", "fed_back_lag", "feedback", "closed_at", "closing", "same_as",
)  # fmt: skip
_TELL = {
    Step.TAKEN: _taken,
    Step.HANDED_OVER: _handed_over,
    Step.ATTACHED: _attached,
    Step.CALLED: _called,
    Step.PAUSED: _paused,
    Step.RESUMED: _resumed,
    Step.VERIFIED: _verified,
    Step.TOLD: _nothing,
    Step.DECIDED: _decided,
    Step.LEFT: _left,
    Step.ARRIVED: _arrived,
    Step.ENDED: _ended,
    Step.FED_BACK: _fed_back,
    Step.CLOSED: _closed,
    Step.DUPLICATE: _duplicate,
    Step.ESCALATED: _escalated,
    Step.REOPENED: _reopened,
    Step.NOTED: _nothing,
}

DERIVED = (
    Derived("state", "code"),
    Derived("owner", "person"),
    Derived("holds", "bool"),  # the owner has said that it is theirs
    Derived("taken_at", "time"),
    Derived("called", "code"),  # what came of the last call back
    Derived("verified_at", "time"),
    Derived("verified_lag", "int"),
    Derived("verification", "code"),
    Derived("paused_at", "time"),
    Derived("paused_for", "int"),
    Derived("decided_at", "time"),
    Derived("decided_lag", "int"),
    Derived("decision", "code"),
    Derived("reason", "code"),
    Derived("left_at", "time"),
    Derived("arrived_at", "time"),
    Derived("arrived_lag", "int"),
    Derived("arrival", "code"),
    Derived("arrived_by", "code"),
    Derived("answered_at", "time"),  # somebody came, or talked: what a response is
    Derived("ended_at", "time"),
    Derived("fed_back_at", "time"),
    Derived("fed_back_lag", "int"),
    Derived("feedback", "code"),
    Derived("closed_at", "time"),
    Derived("closing", "code"),
    Derived("same_as", "person"),  # an id like a person's: another alert
    Derived("climbed_to", "person"),
    Derived("climbed_at", "time"),
    Derived("climbed_for", "code"),  # the promise that had passed
    Derived("climbs", "int"),  # how many were asked because of it
    Derived("rounds", "int"),
    Derived("reports", "int"),
)


def problems(alert: Row, children: Children) -> list[Problem]:
    """What two bases can bring about together, though each kept the rules; and what a wrong clock does."""
    steps = effective(children["alerts.Step"])
    found = [Problem("before_it_was_received", step["kind"]) for step in steps if _is_too_early(alert, step)]
    asked = [step for step in steps if step["kind"] in (Step.ESCALATED, Step.TAKEN)]
    if asked and asked[-1]["kind"] == Step.ESCALATED and asked[-1]["to_whom"] is None:
        found.append(Problem("nobody_to_ask"))
    finals = {step["code"] for step in steps if step["kind"] == Step.DECIDED and step["code"] in FINAL}
    if len(finals) > 1 and "no_response" in finals and not any(step["kind"] == Step.REOPENED for step in steps):
        found.append(Problem("decided_both_ways"))
    return found


def _is_too_early(alert: Row, step: Row) -> bool:
    received = alert["received_at"]
    return received is not None and step["claimed_at"] is not None and step["claimed_at"] < received


ALERT = Shape(
    number=16,
    label="alerts.Alert",
    schema=1,
    children=("alerts.Step",),
    groups=(
        Group(1, "number", Kind.FIXED, Sensitivity.RESTRICTED, (Field(1, "number", "text", max_length=40),)),
        # The clocks start when the message came, not when somebody looked at it.
        Group(
            2,
            "received",
            Kind.FIXED,
            Sensitivity.RESTRICTED,
            (
                Field(2, "received_at", "time"),
                Field(3, "raised_at", "time"),
                Field(4, "raised_by", "person"),
                Field(5, "channel", "code", choices=CHANNELS),
            ),
        ),
        Group(3, "what", Kind.LAST, Sensitivity.RESTRICTED, (Field(6, "what", "code", choices=WHAT),)),
        Group(
            4,
            "where",
            Kind.LAST,
            Sensitivity.RESTRICTED,
            (Field(7, "community", "ref", to="places.Community"), Field(8, "area", "ref", to="places.Area")),
        ),
        Group(
            5,
            "priority",
            Kind.MAX,
            Sensitivity.RESTRICTED,
            (Field(9, "priority", "code", choices=PRIORITIES),),
            scale=PRIORITIES,
        ),
        Group(6, "who", Kind.LAST, Sensitivity.RESTRICTED, (Field(10, "who", "code", choices=WHO),)),
        Group(
            7,
            "words",
            Kind.LAST,
            Sensitivity.CONFIDENTIAL,
            (Field(11, "words", "text", max_length=1000), Field(12, "place_said", "text", max_length=120)),
        ),
        # The one machine that lets it climb: two that both did would call two people.
        Group(8, "duty", Kind.LAST, Sensitivity.RESTRICTED, (Field(13, "duty_node", "bytes", max_length=32),)),
    ),
    derived=DERIVED,
    derive=derive,
    problems=problems,
)

STEP = Shape(
    number=17,
    label="alerts.Step",
    schema=1,
    root="alerts.Alert",
    groups=(
        Group(
            1,
            "act",
            Kind.FIXED,
            Sensitivity.RESTRICTED,
            (
                Field(1, "kind", "code", choices=tuple(Step)),
                Field(2, "claimed_at", "time"),
                Field(3, "entered_at", "time"),
                Field(4, "by_whom", "person"),
                Field(5, "to_whom", "person"),
                Field(6, "code", "code", choices=CODES),
                Field(7, "reason", "text", max_length=40),  # why no response; who came
                Field(8, "other", "ref", to="alerts.Alert"),
                Field(9, "report", "ref", to="reports.Report"),
                Field(10, "undoes", "ref", to="alerts.Step"),
                Field(11, "turn", "int"),
            ),
        ),
        Group(2, "words", Kind.LAST, Sensitivity.CONFIDENTIAL, (Field(12, "words", "text", max_length=1000),)),
    ),
)


def check_alert(values: Mapping[str, Any]) -> None:
    if values.get("priority") not in PRIORITIES:
        raise Refused("answer_missing", field="priority")
    if values.get("what") not in WHAT:
        raise Refused("answer_missing", field="what")
    if values.get("who") not in WHO:
        raise Refused("answer_missing", field="who")
    if not (values.get("community") or values.get("area") or (values.get("place_said") or "").strip()):
        raise Refused("place_missing", field="place")
    if values["what"] == "abuse" and (values.get("words") or "").strip():
        raise Refused("abuse_in_words", field="words")
    check_words(values)


def check_may_step(alert: Row, kind: Step, *, code: str | None = None, reason: str = "", words: str = "") -> None:
    if not may_step(alert, kind):
        raise Refused("alert_not_now", step=str(kind), state=alert["state"])
    if kind in CODED and code not in CODED[kind]:
        raise Refused("reason_missing", field="code")
    if kind in NEEDS_WORDS and not words.strip():
        raise Refused("words_missing", field="words", step=str(kind))
    check_words({"words": words})
    check = _CHECKS.get(kind)
    if check is not None:
        check(alert, code or "", reason, words)


def kept(kind: Step, **told: Any) -> dict[str, Any]:
    """Of what a form brought, what belongs to the step: nobody's free words stand where a code does."""
    names = {"code"} if kind in CODED else set()
    names |= {"reason"} if kind == Step.DECIDED and told.get("code") == "no_response" else set()
    names |= {"to_whom"} if kind == Step.HANDED_OVER else set()
    return {name: value for name, value in told.items() if name in names}


def may_step(alert: Row, kind: Step) -> bool:
    if alert["state"] != State.OPEN:
        return kind in REOPENS
    return kind != Step.REOPENED and (kind != Step.RESUMED or alert["paused_at"] is not None)


def _check_decision(alert: Row, code: str, reason: str, words: str) -> None:
    """One tap is enough, but a reason there is: and before it is verified somebody says why in words (H05)."""
    if code == "no_response" and reason not in NO_RESPONSE:
        raise Refused("reason_missing", field="reason")
    if code == "no_response" and reason == "other" and not words.strip():
        raise Refused("words_missing", field="words", step=str(Step.DECIDED))
    if code != "no_response" and alert["verified_at"] is None and not words.strip():
        raise Refused("unverified_needs_words", field="words")


def _check_closing(alert: Row, code: str, reason: str, words: str) -> None:
    """Closed only when the community was told, or somebody says why not. There is no reason that is given by itself."""
    if code == "fed_back" and alert["fed_back_at"] is None:
        raise Refused("feedback_missing", field="code")
    if code != "fed_back" and alert["fed_back_at"] is not None:
        raise Refused("feedback_was_given", field="code")
    if alert["decided_at"] is None and code not in ("test", "false"):
        raise Refused("decision_missing", field="code")


_CHECKS = {Step.DECIDED: _check_decision, Step.CLOSED: _check_closing}


def check_may_undo(steps: Sequence[Row], step: Row) -> None:
    if not may_undo(steps, step):
        raise Refused("undo_not_now", step=step["kind"])


# What is another record's too, or was a machine's act, is not taken back here alone.
_STAYS = frozenset({Step.ATTACHED, Step.DUPLICATE, Step.ESCALATED, Step.LEFT, Step.ARRIVED, Step.ENDED})


def may_undo(steps: Sequence[Row], step: Row) -> bool:
    return turns.is_newest(effective(steps), step) and step["kind"] not in _STAYS
