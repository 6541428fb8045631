"""Reports are written down by whoever heard them. They say what was said; what happened is judged later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ulinzi import ledger
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Act
from ulinzi.kernel import ids
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.shapes import Row
from ulinzi.places.models import Area, Community
from ulinzi.reports import queries, rules
from ulinzi.reports.models import Report


def add_report(
    *, compartment: str, by: UUID, received_at: int, channel: str, at: int | None = None, **answers: Any
) -> UUID:
    """What somebody said to one of us: a call, a visit, the radio. `answers`: the six, and what else was said."""
    rules.check_report(answers)
    with ledger.unit("reports.add_report", by=by, at=at) as unit:
        accounts.check_may(by, Act.RAISE_ALERTS, compartment)
        _check_near(unit, compartment, answers)
        told = {"received_at": received_at, "channel": channel}
        return _born(unit, compartment, by, told | answers)["id"]


def report_message(message: Row, *, by: UUID, at: int | None = None, **answers: Any) -> UUID:
    """What a message says. Done again, after something was undone, it is the same report with the new answers."""
    rules.check_report(answers)
    with ledger.unit("reports.report_message", by=by, at=at) as unit:
        accounts.check_may(by, Act.RAISE_ALERTS, message["compartment"])
        record = queries.report_id(message["id"], message["compartment"])
        here = unit.find(Report, record)
        _check_near(unit, message["compartment"], answers, here)
        if here is not None:
            unit.put(Report, here, **_whole(answers))
            return record
        told = {name: message[name] for name in ("received_at", "channel", "source")}
        return _born(unit, message["compartment"], by, told | {"message": message["id"]} | answers, id=record)["id"]


def grade(report: UUID, *, by: UUID, reliability: str, credibility: str, at: int | None = None) -> list[str]:
    """How far the source and what it says may be relied on: officers say so, later."""
    with ledger.unit("reports.grade", by=by, at=at) as unit:
        row = unit.load(Report, report)
        accounts.check_may(by, Act.STEP_ALERTS, row["compartment"])
        return unit.put(Report, row, reliability=reliability, credibility=credibility)


def _born(unit: ledger.Unit, compartment: str, by: UUID, told: Mapping[str, Any], *, id: UUID | None = None) -> Row:
    written = {"number": ledger.NUMBER, "entered_at": unit.at, "by_whom": by}
    # Nothing reached us in time to come, whatever a clock says.
    written["received_at"] = min(told["received_at"], unit.at)
    # A new source begins as F6: nothing is known of it, and what it says cannot be judged yet.
    grades = {"reliability": "F", "credibility": "6"}
    return unit.add(Report, id=id, compartment=compartment, **{**told, **written, **grades})


def _check_near(unit: ledger.Unit, compartment: str, answers: Mapping[str, Any], was: Row | None = None) -> None:
    """What two provinces know stays apart. A place that was named before need not have reached this machine."""
    for name, model, code in (("community", Community, "community_elsewhere"), ("area", Area, "area_elsewhere")):
        place = answers.get(name)
        if place is not None and not ids.lives_in(place.bytes, compartment):
            raise Refused(code, field=name)
        if place is not None and (was is None or place != was[name]):
            unit.load(model, place)


# What may be answered anew; an answer that is left out now is no answer, not the old one.
_ANSWERS = (
    "community", "area", "what", "happened_at", "happened", "ongoing", "who", "unknown_why",
    "people_min", "people_max", "words", "place_said",
)  # fmt: skip


def _whole(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: answers.get(name) for name in _ANSWERS}
