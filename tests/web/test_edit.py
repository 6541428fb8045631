"""Changing a task: nobody overwrites what he has not seen, and nothing typed is lost."""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID

import pytest

from tests.nodes import person, reader
from tests.web.conftest import Browser
from tests.web.test_board import ANA, add, body
from ulinzi.desk import actions, queries
from ulinzi.kernel.clock import HOUR
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node

NORTH = ["north"]
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
CARRIED = re.compile(r'<textarea name="detail" hidden>\n(.*?)</textarea>', re.S)


def form_of(page: str) -> dict[str, str]:
    """What the hidden fields of a page would send."""
    part = page.split("<main")[1]
    found = {name: unescape(value) for name, value in HIDDEN.findall(part) if name != "csrfmiddlewaretoken"}
    carried = CARRIED.search(part)
    return found | ({"detail": unescape(carried[1])} if carried else {})


def opened(browser: Browser, task: UUID, **typed: str) -> dict[str, str]:
    """The edit form as somebody opened it, and what was typed over it."""
    row = queries.task(task, reader(*NORTH))
    shown = {"title": row.title or "", "detail": row.detail or "", "urgency": row.urgency or ""}
    return form_of(body(browser().get(f"/tasks/{task}/edit"))) | shown | typed


def test_what_changed_is_saved_and_nothing_else(browser: Browser, node: Node) -> None:
    task = add("Call back Telwa", due=HOUR + 7, urgency="soon")
    told = opened(browser, task, title="Call back Telwa now", due_date="", due_time="")
    due = queries.task(task, reader(*NORTH)).due_at
    from ulinzi.web import times

    told |= {"due_date": times.show_date(due), "due_time": times.show_time(due)}
    response = browser().post(f"/tasks/{task}/edit", told, follow=True)
    assert "Saved here: title and detail." in body(response)
    row = queries.task(task, reader(*NORTH))
    assert (row.title, row.due_at) == ("Call back Telwa now", due)
    again = browser().post(
        f"/tasks/{task}/edit", opened(browser, task) | {n: told[n] for n in ("due_date", "due_time")}, follow=True
    )
    assert "Nothing was different" in body(again)


@pytest.mark.sqlite_only
def test_a_due_time_is_taken_away_and_urgency_is_lowered(browser: Browser) -> None:
    task = add("one", due=HOUR, due_basis="order", urgency="now")
    browser().post(f"/tasks/{task}/edit", opened(browser, task, due_date="", due_time="", urgency="routine"))
    row = queries.task(task, reader(*NORTH))
    assert (row.due_at, row.due_basis, row.urgency, row.conflict) == (None, None, "routine", False)


def moved(browser: Browser, task: UUID, **mine: str) -> str:
    """Ana's change comes between the opening of my form and my saving it."""
    told = opened(browser, task, **mine)
    actions.edit_task(task, by=ANA, title="Hers", detail="Her detail")
    response = browser().post(f"/tasks/{task}/edit", told)
    assert response.status_code == 409
    return body(response)


def test_both_values_are_shown_and_nothing_is_saved(browser: Browser, node: Node) -> None:
    task = add("Before")
    page = moved(browser, task, title="Mine <1>", detail="My detail\r\n\r\nin two parts")
    for said in ("Hers", "Her detail", "Mine &lt;1&gt;", "in two parts", "not known here", "What you typed"):
        assert said in page
    assert queries.task(task, reader(*NORTH)).title == "Hers"


@pytest.mark.parametrize(
    ("choice", "title", "conflict"), [("theirs", "Hers", False), ("mine", "Mine", False), ("both", None, True)]
)
def test_the_three_choices(browser: Browser, node: Node, choice: str, title: str | None, conflict: bool) -> None:
    task = add("Before")
    page = moved(browser, task, title="Mine", detail="My <detail>\r\nin two lines", urgency="now")
    response = browser().post(f"/tasks/{task}/edit", form_of(page) | {"choice-words": choice})
    assert response.status_code == 302
    row = queries.task(task, reader(*NORTH))
    assert (row.conflict, row.urgency) == (conflict, "now")
    values = {
        leaf.values["title"]: leaf.values["detail"] for leaf in ledger.groups_of("desk.Task", task)["words"].leaves
    }
    hers, mine = ("Hers", "Her detail"), ("Mine", "My <detail>\nin two lines")
    expected = {"theirs": [hers], "mine": [mine], "both": [hers, mine]}[choice]
    assert values == dict(expected)
    assert title is None or row.title == title


@pytest.mark.sqlite_only
def test_it_may_move_again_while_somebody_chooses(browser: Browser) -> None:
    task = add("Before")
    page = moved(browser, task, title="Mine")
    actions.edit_task(task, by=ANA, title="Hers again")
    response = browser().post(f"/tasks/{task}/edit", form_of(page) | {"choice-words": "mine"})
    assert response.status_code == 409 and "Hers again" in body(response) and "Mine" in body(response)
    assert queries.task(task, reader(*NORTH)).title == "Hers again"
    last = browser().post(f"/tasks/{task}/edit", form_of(body(response)) | {"choice-words": "mine"})
    assert last.status_code == 302 and queries.task(task, reader(*NORTH)).title == "Mine"


@pytest.mark.sqlite_only
def test_two_groups_moved_and_each_gets_its_own_choice(browser: Browser) -> None:
    task = add("Before", urgency="routine")
    told = opened(browser, task, title="Mine", urgency="soon")
    actions.edit_task(task, by=ANA, title="Hers", urgency="now")
    page = body(browser().post(f"/tasks/{task}/edit", told))
    assert 'name="choice-words" value="theirs" required' in page and 'name="choice-urgency"' in page
    choices = {"choice-words": "mine", "choice-urgency": "both"}
    browser().post(f"/tasks/{task}/edit", form_of(page) | choices)
    row = queries.task(task, reader(*NORTH))
    assert (row.title, row.urgency, row.conflict) == ("Mine", "now", True)
    assert ledger.conflicts(NORTH)[0]["group"] == "urgency"


@pytest.mark.sqlite_only
def test_keeping_both_of_one_group_says_nothing_of_another(browser: Browser) -> None:
    """The urgency moves only while somebody chooses about the words: that choice is no choice about the urgency."""
    task = add("Before", urgency="routine")
    told = opened(browser, task, title="Mine", urgency="soon")
    actions.edit_task(task, by=ANA, title="Hers")
    page = body(browser().post(f"/tasks/{task}/edit", told))
    actions.edit_task(task, by=ANA, urgency="now")
    response = browser().post(f"/tasks/{task}/edit", form_of(page) | {"choice-words": "both"})
    assert response.status_code == 409 and 'name="choice-urgency"' in body(response)
    assert not queries.task(task, reader(*NORTH)).conflict
    last = form_of(body(response)) | {"choice-urgency": "mine"}
    assert last["choice-words"] == "both"
    assert browser().post(f"/tasks/{task}/edit", last).status_code == 302
    assert queries.task(task, reader(*NORTH)).urgency == "soon"
    assert [one["group"] for one in ledger.conflicts(NORTH)] == ["words"]


@pytest.mark.sqlite_only
def test_different_groups_do_not_meet(browser: Browser) -> None:
    task = add("Before", urgency="routine")
    told = opened(browser, task, urgency="soon")
    actions.edit_task(task, by=ANA, title="Hers")
    assert browser().post(f"/tasks/{task}/edit", told).status_code == 302
    row = queries.task(task, reader(*NORTH))
    assert (row.title, row.urgency, row.conflict) == ("Hers", "soon", False)


@pytest.mark.sqlite_only
def test_a_wrong_form_keeps_what_it_was_made_from(browser: Browser) -> None:
    task = add("Before")
    told = opened(browser, task, title="", detail="Typed with care")
    actions.edit_task(task, by=ANA, title="Hers")
    response = browser().post(f"/tasks/{task}/edit", told)
    assert response.status_code == 422 and "Typed with care" in body(response)
    again = form_of(body(response)) | {"title": "Mine", "detail": "Typed with care"}
    assert again["seen-words"] == told["seen-words"]
    assert browser().post(f"/tasks/{task}/edit", again).status_code == 409


@pytest.mark.sqlite_only
def test_words_erased_meanwhile_come_back_to_be_copied(browser: Browser) -> None:
    task = add("Before")
    told = opened(browser, task, title="Typed", detail="Typed with care")
    actions.erase_words(task, by=ANA, second=person("bori"), basis="asked")
    response = browser().post(f"/tasks/{task}/edit", told)
    assert response.status_code == 422 and "Typed with care" in body(response)
    assert "erased for ever" in body(response)
    page = body(browser().get(f"/tasks/{task}/edit"))
    assert 'name="title"' not in page
    assert browser().post(f"/tasks/{task}/edit", form_of(page) | {"urgency": "now"}).status_code == 302


@pytest.mark.sqlite_only
@pytest.mark.parametrize("token", ["nonsense", "gIA="])
def test_a_forged_token_is_refused_and_what_was_typed_stays(browser: Browser, token: str) -> None:
    task = add("Before")
    told = opened(browser, task, title="Typed with care") | {"seen-words": token}
    response = browser().post(f"/tasks/{task}/edit", told)
    assert response.status_code == 422 and "Typed with care" in body(response)
    assert queries.task(task, reader(*NORTH)).title == "Before"
