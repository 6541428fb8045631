"""One table: what was measured, how much, the bar, and whether it was kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    what: str
    measured: str
    bar: str = ""
    kept: bool | None = None


def at_most(what: str, value: float, bar: float, unit: str) -> Line:
    return Line(what, f"{value:.2f} {unit}", f"at most {bar:g} {unit}", value <= bar)


def at_least(what: str, value: float, bar: float, unit: str) -> Line:
    return Line(what, f"{value:,.0f} {unit}", f"at least {bar:,.0f} {unit}", value >= bar)


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def show(lines: Sequence[Line], say: Callable[[str], None]) -> None:
    say("| what | measured | bar | kept |")
    say("|---|---|---|---|")
    for line in lines:
        kept = "" if line.kept is None else ("yes" if line.kept else "NO")
        say(f"| {line.what} | {line.measured} | {line.bar} | {kept} |")
