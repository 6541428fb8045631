"""The lines of numbers.txt that the shapes give."""

from __future__ import annotations

from collections.abc import Sequence

from ulinzi.ledger.shapes import Shape


def numbers(shapes: Sequence[Shape]) -> list[str]:
    """The lines of numbers.txt: what a number means, for ever, and since which schema a group has its fields."""
    lines = []
    for shape in sorted(shapes, key=lambda one: one.number):
        lines.append(f"model {shape.number} {shape.label}")
        for group in sorted(shape.groups, key=lambda one: one.number):
            held = " ".join(str(number) for number in sorted(one.number for one in group.fields))
            lines.append(f"group {shape.number}.{group.number} {shape.label}.{group.name} {group.kind}")
            lines.append(f"layout {shape.number}.{group.number}/{group.since} {held}")
        for one in sorted(shape.fields, key=lambda one: one.number):
            lines.append(f"field {shape.number}:{one.number} {shape.label}.{one.name} {one.type}")
    return lines
