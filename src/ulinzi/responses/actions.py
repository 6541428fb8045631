"""Sending people, and what they say on the way. Three buttons; the alert hears of each in the same unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ulinzi import ledger
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Act
from ulinzi.alerts import actions as alerts
from ulinzi.alerts import rules as alert_rules
from ulinzi.alerts.models import Alert
from ulinzi.kernel import ids, turns
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.shapes import Row
from ulinzi.places.models import Base
from ulinzi.responses import rules
from ulinzi.responses.models import Response, Step

# What the alert is told of each step; that somebody was called off it is not.
_TOLD: Mapping[rules.Step, alert_rules.Step] = {
    rules.Step.LEFT: alert_rules.Step.LEFT,
    rules.Step.ARRIVED: alert_rules.Step.ARRIVED,
    rules.Step.ENDED: alert_rules.Step.ENDED,
}


def send(
    alert: UUID,
    *,
    by: UUID,
    responder: str,
    way: str,
    base: UUID | None = None,
    words: str = "",
    at: int | None = None,
) -> UUID:
    """Somebody goes, or is said to. Where nobody had decided yet, sending them is the decision."""
    rules.check_response({"responder": responder, "way": way})
    with ledger.unit("responses.send", by=by, at=at) as unit:
        row = unit.load(Alert, alert)
        accounts.check_may(by, Act.RESPOND, row["compartment"])
        if base is not None:
            _check_base(unit, base, row["compartment"])
        if row["state"] != alert_rules.State.OPEN:
            raise Refused("alert_not_now", step=str(alert_rules.Step.DECIDED), state=row["state"])
        if row["decision"] != "respond":
            alerts.step(alert, alert_rules.Step.DECIDED, by=by, code="respond", words=words)
        told = {"responder": responder, "way": way, "base": base, "ordered_at": unit.at, "ordered_by": by}
        spoken = {"words": words.strip()} if words.strip() else {}
        return unit.add(Response, compartment=row["compartment"], alert=alert, **told, **spoken)["id"]


def _check_base(unit: ledger.Unit, base: UUID, compartment: str) -> None:
    if not ids.lives_in(base.bytes, compartment):
        raise Refused("base_elsewhere", field="base")
    unit.load(Base, base)


def step(
    response: UUID,
    kind: rules.Step,
    *,
    by: UUID,
    outcome: str | None = None,
    happened_at: int | None = None,
    words: str = "",
    at: int | None = None,
) -> UUID:
    """`happened_at`: when it is said to have been, where that is not now. Both times are kept."""
    with ledger.unit(f"responses.{kind}", by=by, at=at) as unit:
        row = _loaded(unit, response, by)
        outcome = outcome if kind == rules.Step.ENDED else None
        if kind in (rules.Step.CONFIRMED, rules.Step.UNDONE):
            raise Refused("response_not_now", step=str(kind), state=row["state"])
        rules.check_may_step(row, kind, outcome=outcome)
        claimed = unit.at if happened_at is None else min(happened_at, unit.at)
        pushed = _push(row, kind, by=by, happened_at=claimed)
        spoken = {"words": words.strip()} if words.strip() else {}
        return _add(unit, row, kind, by=by, claimed_at=claimed, outcome=outcome, alert_step=pushed, **spoken)["id"]


def _add(unit: ledger.Unit, response: Row, kind: rules.Step, *, by: UUID, **act: Any) -> Row:
    turn = turns.next_turn(unit.children(Step, response))
    told = {"kind": str(kind), "claimed_at": unit.at, "entered_at": unit.at, "by_whom": by, "turn": turn}
    return unit.add(Step, root=response, **{**told, **act})


def _push(row: Row, kind: rules.Step, *, by: UUID, happened_at: int) -> UUID | None:
    told = _TOLD.get(kind)
    if told is None or (row["way"] not in rules.PHYSICAL and kind != rules.Step.ENDED):
        return None
    code = rules.told(row, kind)
    return alerts.push(row["alert"], told, by=by, code=code, reason=row["responder"], happened_at=happened_at)


def confirm(response: UUID, *, by: UUID, at: int | None = None) -> UUID:
    """Others said that they came; somebody of ours agrees. When they came stays as it was said."""
    with ledger.unit("responses.confirm", by=by, at=at) as unit:
        row = _loaded(unit, response, by)
        rules.check_may_confirm(row)
        told = {"code": "confirmed", "reason": row["responder"], "happened_at": row["arrived_at"]}
        pushed = alerts.push(row["alert"], alert_rules.Step.ARRIVED, by=by, **told)
        if pushed is None:
            raise Refused("alert_not_now", step=str(alert_rules.Step.ARRIVED), state=str(alert_rules.State.CLOSED))
        return _add(unit, row, rules.Step.CONFIRMED, by=by, claimed_at=row["arrived_at"], alert_step=pushed)["id"]


def undo(response: UUID, undone: UUID, *, by: UUID, at: int | None = None) -> UUID:
    """The step stays in the timeline, crossed out; what the alert was told is taken back with it."""
    with ledger.unit("responses.undone", by=by, at=at) as unit:
        row = _loaded(unit, response, by)
        steps, one = unit.children(Step, row), unit.load(Step, undone)
        rules.check_may_undo(steps, one)
        if one["alert_step"] is not None:
            alerts.take_back(one["alert_step"], by=by)
        return _add(unit, row, rules.Step.UNDONE, by=by, undoes=undone)["id"]


def _loaded(unit: ledger.Unit, response: UUID, by: UUID) -> Row:
    row = unit.load(Response, response)
    accounts.check_may(by, Act.RESPOND, row["compartment"])
    return row
