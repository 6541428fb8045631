"""Erasing: a page of its own, a second person, a basis, and somebody who knows what he does."""

from __future__ import annotations

import pytest

from tests.nodes import reader
from tests.web.conftest import SIX, Browser
from tests.web.test_board import ANA, add, body
from ulinzi.desk import actions, queries, rules
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node

NORTH = ["north"]
TOLD = {"what": "words", "basis": "asked by the person", "second": str(SIX[3].id), "sure": "on"}


def test_words_are_erased_and_that_they_were_there_stays(browser: Browser, node: Node) -> None:
    task = add("SECRET-1", detail="SECRET-2")
    actions.step(task, rules.Step.NOTED, by=ANA, words="SECRET-3")
    response = browser().post(f"/tasks/{task}/erase", TOLD, follow=True)
    page = body(response)
    assert "SECRET" not in page and "The words of this task were erased" in page
    assert page.count("Something was written here. It has been erased.") == 2
    assert "erased the words." in page and "wrote a note." in page


def test_a_whole_task_is_erased(browser: Browser, node: Node) -> None:
    task = add("SECRET-1")
    response = browser().post(f"/tasks/{task}/erase", {**TOLD, "what": "task"}, follow=True)
    assert response.redirect_chain == [("/tasks", 302)] and "The task is erased." in body(response)
    assert browser().get(f"/tasks/{task}").status_code == 404
    assert ledger.was_erased(task)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"what": ""}, "This is missing."),
        ({"basis": " "}, "This is missing."),
        ({"second": ""}, "Choose a person."),
        ({"second": str(SIX[0].id)}, "Select a valid choice"),
        ({"sure": ""}, "Confirm that you know."),
    ],
)
def test_what_is_missing_is_asked_for(browser: Browser, wrong: dict[str, str], said: str) -> None:
    task = add("Still here")
    response = browser().post(f"/tasks/{task}/erase", {**TOLD, **wrong})
    assert response.status_code == 422 and said in body(response)
    assert queries.task(task, reader(*NORTH)).title == "Still here"
