"""What people do about alerts. Every step is one entry; the alert's state and clocks follow from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import count
from typing import Any
from uuid import UUID

from ulinzi import ledger
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Act, Role
from ulinzi.alerts import climbing, rules
from ulinzi.alerts.clocks import Targets, clocks
from ulinzi.alerts.models import Alert, Step
from ulinzi.kernel import ids, turns
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import node
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.shapes import Row
from ulinzi.places.models import Area, Community

Seen = Mapping[str, Sequence[Dot]]


def raise_alert(
    *,
    compartment: str,
    by: UUID,
    received_at: int,
    channel: str,
    report: UUID | None = None,
    at: int | None = None,
    **values: Any,
) -> UUID:
    """A warning, from the moment it reached us. Whoever raises it has it, until somebody else takes it."""
    rules.check_alert(values)
    with ledger.unit("alerts.raise_alert", by=by, at=at) as unit:
        accounts.check_may(by, Act.RAISE_ALERTS, compartment)
        _check_near(unit, Row({"compartment": compartment, "community": None, "area": None}), values)
        came = min(received_at, unit.at)
        told = {"received_at": came, "raised_at": unit.at, "raised_by": by, "channel": channel}
        duty = {"duty_node": node.current().public_key}
        alert = unit.add(Alert, compartment=compartment, number=ledger.NUMBER, **told, **duty, **values)
        if accounts.rights_of(by).may(Act.TAKE_ALERTS, compartment):
            _add(unit, alert, rules.Step.TAKEN, by=by)
        if report is not None:
            _add(unit, alert, rules.Step.ATTACHED, by=by, report=report)
    return alert["id"]


def edit_alert(
    alert: UUID,
    *,
    by: UUID,
    seen: Seen | None = None,
    keep_both: Collection[str] = (),
    why: str = "",
    at: int | None = None,
    **values: Any,
) -> list[str]:
    """Change what is said of it: what, where, who, how urgent. Where somebody else did too, ledger.Moved shows both.

    `keep_both` names the groups whose value may stand beside another. Less urgent than it was: `why` is a note.
    """
    beside = {name: value for name, value in values.items() if rules.ALERT.group_of[name].name in keep_both}
    alone = {name: value for name, value in values.items() if name not in beside}
    with ledger.unit("alerts.edit_alert", by=by, at=at) as unit:
        row = _loaded(unit, alert, by, Act.CLOSE_ALERTS)
        rules.check_alert({**row, **values})
        _check_near(unit, row, values)
        was = row["priority"]
        changed = unit.put(Alert, row, seen=seen, **alone) if alone else []
        changed += unit.put(Alert, row, seen=seen, keep_both=True, **beside) if beside else []
        if "priority" in changed:
            _say_why_less(unit, row, was, values["priority"], why, by)
        return changed


def settle(alert: UUID, *, by: UUID, seen: Seen, why: str = "", at: int | None = None, **values: Any) -> None:
    """Choose between two values: a normal write that has seen all of them."""
    with ledger.unit("alerts.settle", by=by, at=at) as unit:
        row = _loaded(unit, alert, by, Act.CLOSE_ALERTS)
        rules.check_alert({**row, **values})
        was = row["priority"]
        unit.put(Alert, row, seen=seen, settle=True, **values)
        _say_why_less(unit, row, was, values.get("priority"), why, by)


def _say_why_less(unit: ledger.Unit, row: Row, was: str | None, wanted: str | None, why: str, by: UUID) -> None:
    """Whoever makes it less urgent answers for that, in words: the clocks give it more time from now on."""
    if not lowers(was, wanted):
        return
    if not why.strip():
        raise Refused("words_missing", field="words", step=str(rules.Step.NOTED))
    _add(unit, row, rules.Step.NOTED, by=by, words=why)


def lowers(now: str | None, wanted: str | None) -> bool:
    ranked = rules.PRIORITIES
    return now in ranked and wanted in ranked and ranked.index(wanted) < ranked.index(now)


def _check_near(unit: ledger.Unit, row: Row, values: Mapping[str, Any]) -> None:
    """What two provinces know stays apart."""
    for name, model, code in (("community", Community, "community_elsewhere"), ("area", Area, "area_elsewhere")):
        place = values.get(name)
        if place is not None and not ids.lives_in(place.bytes, row["compartment"]):
            raise Refused(code, field=name)
        if place is not None and place != row[name]:
            unit.load(model, place)


def step(
    alert: UUID,
    kind: rules.Step,
    *,
    by: UUID,
    code: str | None = None,
    reason: str = "",
    words: str = "",
    to: UUID | None = None,
    happened_at: int | None = None,
    at: int | None = None,
) -> UUID:
    """`happened_at`: when it is said to have been, where that is not now. Both times are kept."""
    with ledger.unit(f"alerts.{kind}", by=by, at=at) as unit:
        row = _loaded(unit, alert, by, rules.act_of(kind, code))
        if kind in _NOT_BY_HAND:
            raise Refused("alert_not_now", step=str(kind), state=row["state"])
        if kind == rules.Step.HANDED_OVER:
            check_can_have(to, row["compartment"])
        rules.check_may_step(row, kind, code=code, reason=reason, words=words)
        if kind == rules.Step.FED_BACK and code == "sms":
            raise Refused("sms_needs_phrase", field="code")
        told = rules.kept(kind, code=code, reason=reason or None, to_whom=to) | {"words": words}
        return _add(unit, row, kind, by=by, happened_at=happened_at, **told)["id"]


# Written by what they belong to: reports, duplicates, responses, the climbing, the undoing.
_NOT_BY_HAND = frozenset(
    {
        rules.Step.ATTACHED,
        rules.Step.DUPLICATE,
        rules.Step.LEFT,
        rules.Step.ARRIVED,
        rules.Step.ENDED,
        rules.Step.ESCALATED,
        rules.Step.UNDONE,
    }
)


def check_can_have(person: UUID | None, compartment: str) -> None:
    if person is None:
        raise Refused("person_missing", field="to")
    if not accounts.rights_of(person).may(Act.TAKE_ALERTS, compartment):
        raise Refused("person_may_not", field="to")


def attach(alert: UUID, report: UUID, *, by: UUID, at: int | None = None) -> UUID:
    """One more report of the same thing. That two reports agree does not make them independent."""
    with ledger.unit("alerts.attached", by=by, at=at) as unit:
        row = _loaded(unit, alert, by, Act.STEP_ALERTS)
        rules.check_may_step(row, rules.Step.ATTACHED)
        return _add(unit, row, rules.Step.ATTACHED, by=by, report=report)["id"]


def same_as(alert: UUID, other: UUID, *, by: UUID, at: int | None = None) -> UUID:
    """It is the warning that we already have: its reports go there, and it waits for nothing more."""
    with ledger.unit("alerts.duplicate", by=by, at=at) as unit:
        row, kept = (_loaded(unit, one, by, Act.CLOSE_ALERTS) for one in (alert, other))
        _check_other(row, kept)
        rules.check_may_step(row, rules.Step.DUPLICATE)
        for one in rules.effective(unit.children(Step, row)):
            if one["kind"] == rules.Step.ATTACHED:
                _add(unit, kept, rules.Step.ATTACHED, by=by, report=one["report"])
        return _add(unit, row, rules.Step.DUPLICATE, by=by, other=other)["id"]


def _check_other(row: Row, kept: Row) -> None:
    if row["id"] == kept["id"] or kept["state"] != rules.State.OPEN or row["compartment"] != kept["compartment"]:
        raise Refused("not_the_same_as_that", field="other")


def push(
    alert: UUID,
    kind: rules.Step,
    *,
    by: UUID,
    code: str | None = None,
    reason: str | None = None,
    happened_at: int | None = None,
) -> UUID | None:
    """What a response tells the alert, in its own unit. One that has been closed meanwhile is told nothing."""
    with ledger.unit(f"alerts.{kind}", by=by) as unit:
        row = unit.load(Alert, alert)
        if not rules.may_step(row, kind):
            return None
        return _add(unit, row, kind, by=by, code=code, reason=reason, happened_at=happened_at)["id"]


def take_back(pushed: UUID, *, by: UUID) -> None:
    """A response takes back what it told."""
    with ledger.unit("alerts.undone", by=by) as unit:
        one = unit.load(Step, pushed)
        _add(unit, unit.load(Alert, one["root"]), rules.Step.UNDONE, by=by, undoes=pushed)


def tell_by_sms(alert: UUID, outgoing: str, *, phrase: str, by: UUID) -> UUID:
    """Within the unit of alerts.write_back: that the community is told. Pressed twice, it is one step.

    Its id comes from the SMS, and from how often telling so was taken back.
    """
    with ledger.unit("alerts.write_back", by=by) as unit:
        row = _loaded(unit, alert, by, Act.STEP_ALERTS)
        rules.check_may_step(row, rules.Step.FED_BACK, code="sms")
        gone = {one["undoes"] for one in unit.children(Step, row)}
        for times in count():
            record = ids.derived_id("alerts.sms", alert.bytes, outgoing, str(times), compartment=row["compartment"])
            if unit.find(Step, record) is None:
                return _add(unit, row, rules.Step.FED_BACK, by=by, id=record, code="sms", reason=phrase)["id"]
            if record not in gone:
                return record
    raise AssertionError  # one of them is free


def undo(alert: UUID, undone: UUID, *, by: UUID, at: int | None = None) -> UUID:
    """Undoing is a step: the one undone stays in the timeline, crossed out."""
    with ledger.unit("alerts.undone", by=by, at=at) as unit:
        row = _loaded(unit, alert, by, Act.TAKE_ALERTS)
        one = unit.load(Step, undone)
        accounts.check_may(by, rules.act_of(rules.Step(one["kind"]), one["code"]), row["compartment"])
        rules.check_may_undo(unit.children(Step, row), one)
        return _add(unit, row, rules.Step.UNDONE, by=by, undoes=undone)["id"]


def climb(
    alert: UUID, *, targets: Targets, people: Mapping[Role, Sequence[UUID]], by: UUID, at: int | None = None
) -> UUID | None:
    """A promise has passed and nobody says that they have it: the next person is asked. A machine's act.

    Asked again here: somebody may have taken it since. The id comes from what was before, so that two workers ask once.
    """
    with ledger.unit("alerts.escalated", by=by, at=at) as unit:
        row = unit.load(Alert, alert)
        found = climbing.next_climb(row, clocks(row, targets, unit.at), people, unit.at)
        if row["state"] != rules.State.OPEN or found is None:
            return None
        told = (str(row["rounds"]), found.clock, str(found.level), str(row["climbed_at"] or 0))
        record = ids.derived_id("alerts.climb", alert.bytes, *told, compartment=row["compartment"])
        asked = {"code": found.clock, "to_whom": found.to, "reason": str(found.level)}
        return _add(unit, row, rules.Step.ESCALATED, by=by, id=record, **asked)["id"]


def _add(
    unit: ledger.Unit,
    alert: Row,
    kind: rules.Step,
    *,
    by: UUID,
    words: str = "",
    happened_at: int | None = None,
    id: UUID | None = None,
    **act: Any,
) -> Row:
    spoken = {"words": words.strip()} if words.strip() else {}
    claimed = _claimed(happened_at, unit.at)
    turn = turns.next_turn(unit.children(Step, alert))
    told = {"kind": str(kind), "claimed_at": claimed, "entered_at": unit.at, "by_whom": by, "turn": turn}
    return unit.add(Step, root=alert, id=id, **told, **act, **spoken)


def _claimed(happened_at: int | None, now: int) -> int:
    """Nothing is said to have happened in time to come."""
    return now if happened_at is None else min(happened_at, now)


def _loaded(unit: ledger.Unit, alert: UUID, by: UUID, act: Act) -> Row:
    """The alert, for somebody who may do this with it. To whoever may not know of it, it is not here."""
    row = unit.load(Alert, alert)
    accounts.check_may(by, act, row["compartment"])
    return row
