"""One task: its steps, its undoing, two values, and everything that happened."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from tests.nodes import NOON, person, reader
from tests.web.conftest import SIX, Browser, entries
from tests.web.test_board import ANA, add, body
from ulinzi.desk import actions, queries, rules
from ulinzi.kernel.clock import HOUR, MINUTE
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node
from ulinzi.web import leaves

NORTH = ["north"]
ME, OTHER = SIX[0], SIX[1]


def state(task: UUID) -> tuple[str, UUID | None]:
    row = queries.task(task, reader(*NORTH))
    return row.state, row.owner


def test_a_task_is_taken_noted_handed_over_done_and_undone(browser: Browser, node: Node) -> None:
    task, made = add("Call back Telwa"), browser()
    url = f"/tasks/{task}"
    assert made.post(f"{url}/step", {"kind": "taken"}).status_code == 302
    assert state(task) == ("taken", ME.id)
    assert "You have this" in body(made.get(url))
    made.post(f"{url}/step", {"kind": "noted", "noted-words": "No answer"})
    made.post(f"{url}/step", {"kind": "handed_over", "handed_over-to": str(OTHER.id)})
    assert state(task) == ("taken", OTHER.id)
    made.post(f"{url}/step", {"kind": "done", "done-words": "Spoke to the chief"})
    assert state(task) == ("done", OTHER.id)
    last = queries.undoable(task)
    response = made.post(f"{url}/undo", {"step": str(last), "words": "Another village"}, follow=True)
    assert state(task) == ("taken", OTHER.id)
    page = body(response)
    assert "The step is undone" in page and 'class="undone"' in page
    for said in ("No answer", "handed it over to Tomas Vessin.", "Spoke to the chief", "Another village"):
        assert said in page


@pytest.mark.sqlite_only
def test_setting_aside_and_opening_again_need_a_reason(browser: Browser) -> None:
    task, made = add("one"), browser()
    response = made.post(f"/tasks/{task}/step", {"kind": "set_aside", "set_aside-words": " "})
    assert response.status_code == 422 and "Write a few words." in body(response)
    assert '<details name="step" open>' in body(response)
    made.post(f"/tasks/{task}/step", {"kind": "set_aside", "set_aside-words": "Somebody went"})
    assert state(task)[0] == "set_aside" and "This was set aside" in body(made.get(f"/tasks/{task}"))
    made.post(f"/tasks/{task}/step", {"kind": "reopened", "reopened-words": "He did not"})
    assert state(task)[0] == "open"


@pytest.mark.sqlite_only
def test_only_steps_that_are_possible_are_offered(browser: Browser) -> None:
    task, made = add("one"), browser()
    for before in (None, "taken", "done"):
        if before:
            made.post(f"/tasks/{task}/step", {"kind": before})
        page, row = body(made.get(f"/tasks/{task}")), queries.task(task, reader(*NORTH))
        for kind in rules.Step:
            offered = f'name="kind" value="{kind}"' in page
            assert offered == (kind != rules.Step.UNDONE and rules.may_step(row, kind)), (kind, row.state)


@pytest.mark.sqlite_only
def test_somebody_was_faster_and_what_was_typed_stays(browser: Browser) -> None:
    task = add("one")
    actions.step(task, rules.Step.DONE, by=ANA)
    response = browser().post(f"/tasks/{task}/step", {"kind": "set_aside", "set_aside-words": "Typed in vain"})
    assert response.status_code == 409
    assert "Somebody may have been faster" in body(response) and "Typed in vain" in body(response)
    taken = browser().post(f"/tasks/{task}/step", {"kind": "taken"})
    assert taken.status_code == 409 and "Take it" not in body(taken)


@pytest.mark.sqlite_only
def test_what_happened_earlier_is_marked_as_written_later(browser: Browser) -> None:
    task = add("one")
    at = NOON - 47 * MINUTE
    from ulinzi.web import times

    said = {"noted-said_date": times.show_date(at), "noted-said_time": times.show_time(at)}
    browser().post(f"/tasks/{task}/step", {"kind": "noted", "noted-words": "Heard it", **said})
    assert "47 min later" in body(browser().get(f"/tasks/{task}")) or "48 min later" in body(
        browser().get(f"/tasks/{task}")
    )
    ahead = {"noted-said_time": times.show_time(NOON + HOUR)}
    response = browser().post(f"/tasks/{task}/step", {"kind": "noted", "noted-words": "Not yet", **ahead})
    assert response.status_code == 422 and "This is still to come." in body(response) and "Not yet" in body(response)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("verb", "told", "status"),
    [
        ("step", {"kind": "undone"}, 422),
        ("step", {"kind": "nonsense"}, 422),
        ("step", {}, 422),
        ("step", {"kind": "handed_over"}, 422),
        ("step", {"kind": "handed_over", "handed_over-to": str(uuid4())}, 422),
        ("undo", {}, 422),
        ("undo", {"step": "nonsense"}, 422),
        ("undo", {"step": str(uuid4())}, 404),
        ("settle", {}, 409),
        ("settle", {"group": "words", "choose": "x", "seen": "x"}, 409),
    ],
)
def test_forms_made_up_by_hand_are_refused(browser: Browser, verb: str, told: dict[str, str], status: int) -> None:
    task, made = add("one"), browser()
    before = entries()
    assert made.post(f"/tasks/{task}/{verb}", told).status_code == status
    assert entries() == before
    assert made.post(f"/tasks/{task}/step", {"kind": "taken"}).status_code == 302
    assert entries() > before


@pytest.mark.sqlite_only
def test_undoing_what_is_no_longer_last_says_so_and_keeps_the_words(browser: Browser) -> None:
    task = add("one")
    first = actions.step(task, rules.Step.TAKEN, by=ANA)
    actions.step(task, rules.Step.DONE, by=ANA)
    response = browser().post(f"/tasks/{task}/undo", {"step": str(first), "words": "Typed in vain"})
    assert response.status_code == 409
    assert "is no longer the last step" in body(response) and "Typed in vain" in body(response)


def both(task: UUID) -> None:
    seen = {name: group.dots for name, group in ledger.groups_of("desk.Task", task).items()}
    actions.edit_task(task, by=ME.id, seen=seen, title="North side")
    actions.edit_task(task, by=OTHER.id, seen=seen, keep_both=True, title="South side")


def test_two_values_are_shown_with_their_writers_and_settled(browser: Browser, node: Node) -> None:
    task, made = add("Which side"), browser("rensa")
    both(task)
    page = body(made.get(f"/tasks/{task}"))
    block = page.split('class="clash"')[1].split("</section>")[0]
    for said in ("North side", "South side", ME.name, OTHER.name):
        assert said in block
    group = ledger.groups_of("desk.Task", task)["words"]
    north = next(leaf for leaf in group.leaves if leaf.values["title"] == "North side")
    told = {"group": "words", "seen": leaves.token(group.dots), "choose": leaves.token(north.dots)}
    response = made.post(f"/tasks/{task}/settle", told, follow=True)
    row = queries.task(task, reader(*NORTH))
    assert (row.title, row.conflict) == ("North side", False)
    assert "settled two values." in body(response) and "South side" in body(response)


@pytest.mark.sqlite_only
def test_settling_what_has_moved_settles_nothing(browser: Browser) -> None:
    task = add("Which side")
    both(task)
    group = ledger.groups_of("desk.Task", task)["words"]
    told = {"seen": leaves.token(group.dots), "choose": leaves.token(group.leaves[0].dots), "group": "words"}
    seen = {"words": group.leaves[1].dots}
    actions.edit_task(task, by=ANA, seen=seen, keep_both=True, title="Third side")
    response = browser().post(f"/tasks/{task}/settle", told)
    assert response.status_code == 409 and "Somebody changed this since you opened it." in body(response)
    assert queries.task(task, reader(*NORTH)).conflict


@pytest.mark.sqlite_only
def test_a_forged_list_of_what_was_seen_is_refused(browser: Browser) -> None:
    task = add("Which side")
    both(task)
    group = ledger.groups_of("desk.Task", task)["words"]
    for seen in ("nonsense", leaves.token([group.dots[0]._replace(seq=999)])):
        told = {"group": "words", "choose": leaves.token(group.leaves[0].dots), "seen": seen}
        assert browser().post(f"/tasks/{task}/settle", told).status_code in (409, 422)
    assert queries.task(task, reader(*NORTH)).conflict


@pytest.mark.sqlite_only
def test_the_page_of_an_unknown_owner_and_a_problem(browser: Browser) -> None:
    task = add("one", due=HOUR, urgency="now", tiers=["dialogue", "physical"], due_basis="order")
    actions.step(task, rules.Step.TAKEN, by=person("stranger"))
    page = body(browser(language="fr").get(f"/tasks/{task}"))
    for said in ("inconnue ici", "Immédiat", "1. Dialogue et engagement", "un ordre", "dans 1 h"):
        assert said in page
