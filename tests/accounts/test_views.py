"""Views that somebody kept under a name: theirs alone, a few, one of them the usual one, on this machine."""

from __future__ import annotations

from functools import partial

import pytest

from tests.faults.together import errors, together
from tests.nodes import person
from ulinzi.accounts import local, views
from ulinzi.accounts.views import View
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node

pytestmark = [pytest.mark.access, pytest.mark.sqlite_only]

ANA, BORI = person("ana"), person("bori")
TABLE = "task_table"


def names(who: object = ANA) -> list[str]:
    return [one.name for one in views.of(who, TABLE)]  # type: ignore[arg-type]


def test_what_is_kept_is_there_again_by_name(node: Node) -> None:
    assert views.save(ANA, TABLE, "  Late   in the north ", "only=late&sort=due")
    assert views.save(ANA, TABLE, "Alone", "owner=me&sort=due")
    assert views.of(ANA, TABLE) == [
        View("Alone", "owner=me&sort=due", False),
        View("Late in the north", "only=late&sort=due", False),
    ]


def test_the_same_name_takes_its_place(node: Node) -> None:
    views.save(ANA, TABLE, "Late", "only=late")
    views.save(ANA, TABLE, "Late", "only=late&office=north")
    assert views.of(ANA, TABLE) == [View("Late", "only=late&office=north", False)]


def test_nobody_sees_or_drops_those_of_another(node: Node) -> None:
    views.save(ANA, TABLE, "Late", "only=late", usual=True)
    assert names(BORI) == [] and views.usual(BORI, TABLE) is None
    views.drop(BORI, TABLE, "Late")
    views.save(BORI, TABLE, "Late", "only=torn")
    assert views.of(ANA, TABLE)[0].query == "only=late"


def test_those_of_another_screen_are_apart(node: Node) -> None:
    views.save(ANA, "another", "Late", "only=late", usual=True)
    assert names() == [] and views.usual(ANA, TABLE) is None


def test_one_is_the_usual_one(node: Node) -> None:
    assert views.usual(ANA, TABLE) is None
    views.save(ANA, TABLE, "One", "sort=due", usual=True)
    views.save(ANA, TABLE, "Two", "sort=title", usual=True)
    views.save(BORI, TABLE, "Mine", "sort=title", usual=True)
    assert [one.name for one in views.of(ANA, TABLE) if one.usual] == ["Two"]
    views.save(ANA, TABLE, "Two", "sort=title")
    assert views.usual(ANA, TABLE) is None
    assert views.usual(BORI, TABLE) == View("Mine", "sort=title", True)


def test_there_are_a_few_and_no_more(node: Node) -> None:
    assert all(views.save(ANA, TABLE, f"View {number}", "sort=due") for number in range(views.MOST))
    assert not views.save(ANA, TABLE, "One more", "sort=due", usual=True)
    assert len(names()) == views.MOST and views.usual(ANA, TABLE) is None
    assert views.save(ANA, TABLE, "View 3", "sort=title"), "a name that is there may be kept anew"
    assert views.save(BORI, TABLE, "One more", "sort=due"), "others have their own"
    views.drop(ANA, TABLE, "View 0")
    assert views.save(ANA, TABLE, "One more", "sort=due")


def keep_at_once(node: Node, count: int) -> int:
    """How many of these are kept, all asked for in the same moment."""
    acts = [partial(views.save, ANA, TABLE, f"View {number}", "sort=due") for number in range(count)]
    assert errors(together(node, acts)) == []
    return len(names())


def test_many_at_once_are_no_more(node: Node) -> None:
    assert keep_at_once(node, views.MOST + 5) == views.MOST


def test_control_without_an_end_more_are_kept(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST", 100)
    assert keep_at_once(node, 25) == 25


@pytest.mark.parametrize(
    ("name", "code"), [("", "name_missing"), (" \t ", "name_missing"), ("x" * 61, "field_does_not_fit")]
)
def test_a_name_is_a_name(node: Node, name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        views.save(ANA, TABLE, name, "sort=due")
    assert refused.value.code == code and names() == []


def test_what_is_asked_has_an_end(node: Node) -> None:
    with pytest.raises(Refused):
        views.save(ANA, TABLE, "Long", "q=" + "x" * views.LONGEST_QUERY)
    assert names() == []


def test_dropping_twice_is_dropping_once(node: Node) -> None:
    views.save(ANA, TABLE, "Late", "only=late")
    views.drop(ANA, TABLE, "Late")
    views.drop(ANA, TABLE, "Late")
    assert names() == []


def test_somebody_who_left_leaves_none(node: Node) -> None:
    views.save(ANA, TABLE, "Late", "only=late")
    views.save(BORI, TABLE, "Late", "only=late")
    views.forget(ANA)
    assert (names(ANA), names(BORI)) == ([], ["Late"])


def test_no_view_is_an_entry(node: Node) -> None:
    """What somebody likes to look at is nothing that the mission has to know for ever."""
    before = ledger.node_state().entries
    views.save(ANA, TABLE, "Late", "only=late")
    assert ledger.node_state().entries == before
    assert b"only=late" in (node.home / local.FILE).read_bytes() + (node.home / f"{local.FILE}-wal").read_bytes()


def test_an_older_file_gets_the_table(node: Node) -> None:
    """Made by a version that knew of no views."""
    with local.writing(node) as file:
        file.execute("DROP TABLE saved_view")
    local.close()
    assert views.save(ANA, TABLE, "Late", "only=late")
