"""docs/reference/access.md, from the rules themselves. `python -m tests.docs.access` writes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils import translation

from tests.repo import tree
from ulinzi.accounts import rules
from ulinzi.accounts.rules import Act, Role
from ulinzi.cli import opening
from ulinzi.web import labels

PAGE = tree.ROOT / "docs" / "reference" / "access.md"
BEGIN = "<!-- from here on written by tests/docs/access.py -->\n"


def roles() -> str:
    """Each role: how deep it sees, where it may be granted, to whom."""
    cells = ([code(one), label(labels.ROLES, one), rules.CLEARANCE[one], place(one), bodies(one)] for one in Role)
    return table(("role", "in words", "sees up to", "place", "bodies"), cells)


def place(role: Role) -> str:
    return "one compartment, or the whole mission" if role in rules.WIDE else "one compartment"


def bodies(role: Role) -> str:
    return codes([one for one in rules.BODIES if role in rules.ROLES_OF_BODY[one]])


def acts() -> str:
    """Each act: who may do it, and whether the password is asked for again."""
    cells = ([code(act), "yes" if act in rules.DANGEROUS else "", codes(roles_with(act))] for act in Act)
    return table(("act", "asks again", "roles"), cells)


def roles_with(act: Act) -> list[Role]:
    return [role for role in Role if act in rules.PLACED[role]]


def listed_bodies() -> str:
    return table(("body", "in words"), ([code(one), label(labels.BODIES, one)] for one in rules.BODIES))


def generated() -> str:
    with translation.override("en"):  # the pages are in English
        parts = {"Roles": roles(), "Acts": acts(), "Bodies": listed_bodies()}
    return "\n".join(f"## {title}\n\n{part}" for title, part in parts.items())


# Markdown.


def table(titles: Collection[str], cells: Iterable[Collection[str]]) -> str:
    rule = "|" + "---|" * len(titles) + "\n"
    head, *rows = (f"| {' | '.join(one)} |\n" for one in (titles, *cells))
    return "".join([head, rule, *rows])


def code(one: str) -> str:
    return f"`{one}`"


def codes(found: Iterable[str]) -> str:
    return ", ".join(code(one) for one in found) or "nobody"


def label(words: labels.Labels, one: str) -> str:
    return str(words[one])


if __name__ == "__main__":
    opening.django()
    head, _, _ = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(head + BEGIN + "\n" + generated(), encoding="utf-8")
