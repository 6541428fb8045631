"""The access matrix: every address x persona x province as the file says it, and what is never open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.access import matrix
from tests.access.asks import ASKS, BY_KEY
from tests.access.matrix import CLOSED, FIELDS, MATRIX, SIDES, Answers, Cell
from tests.access.world import BY_ROLE, COLUMNS, CONSOLE, World, narrow, world
from tests.nodes import Nodes
from ulinzi.accounts import rules
from ulinzi.accounts.rules import WIDE, Act, Role
from ulinzi.cli.personas import PERSONAS
from ulinzi.desk import queries
from ulinzi.ledger.shapes import Row
from ulinzi.web import middleware, routes

pytestmark = [pytest.mark.access, pytest.mark.sqlite_only]


# The files and the product.


def test_everybody_is_answered_as_the_matrix_says(answers: Answers) -> None:
    assert matrix.differences(matrix.read(MATRIX), answers.cells) == []
    assert len(answers.cells) == len(ASKS) * len(COLUMNS) * len(SIDES)


def test_the_file_is_as_the_command_writes_it(answers: Answers) -> None:
    assert MATRIX.read_text(encoding="utf-8") == matrix.text(MATRIX, answers.cells)
    assert FIELDS.read_text(encoding="utf-8") == matrix.text(FIELDS, answers.fields)


def test_a_refusal_writes_nothing_and_what_is_done_is_written(answers: Answers) -> None:
    assert answers.wrong == []


def test_every_answer_has_a_word(answers: Answers) -> None:
    assert set(answers.cells.values()) == {"see", "do", "open", "refused", "not found", "sign in"}


def test_every_request_is_a_good_one(answers: Answers) -> None:
    """A request that nobody gets through might be refused for another reason than rights."""
    through = {cell.what for cell, word in answers.cells.items() if word not in CLOSED}
    assert {one.key for one in ASKS} - through == {"choose_person GET", "choose_person POST"}


def test_there_is_a_persona_for_every_role_and_the_outsider() -> None:
    assert [one.role for one in PERSONAS] == list(Role)
    assert list(BY_ROLE) == [*Role, "outsider"]


@pytest.mark.slow
@pytest.mark.postgres
def test_postgresql_answers_the_same(
    request: pytest.FixtureRequest, tmp_path: Path, templates: Path, answers: Answers
) -> None:
    made = Nodes(tmp_path, templates, "postgres", request.getfixturevalue("postgres_server"))
    with made.make().use() as node, world(node) as asked:
        found = matrix.ask_all(asked)
    made.close()
    assert (found.cells, found.fields, found.leaks) == (answers.cells, answers.fields, answers.leaks)


# What is never open.


def test_the_nevers_are_many_and_each_has_its_own_reason() -> None:
    found = matrix.nevers()
    reasons = Counter(one.reason.casefold() for one in found)
    assert len(found) >= 80
    assert [reason for reason, times in reasons.items() if times > 1] == []
    assert [one for one in found if len(one.reason.split()) < 4] == []
    assert len({one[:3] for one in found}) == len(found)


def test_each_never_is_about_something(answers: Answers) -> None:
    assert [one for one in matrix.nevers() if not matrix.about(one, answers)] == []


def test_what_is_never_open_is_closed(answers: Answers) -> None:
    assert matrix.broken(answers) == []


def test_control_a_never_that_is_open_is_found_and_nothing_is_rewritten(
    answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    before = MATRIX.read_bytes()
    opened = Answers({**answers.cells, Cell("erase POST", "leadership", "own"): "do"}, answers.fields)
    assert len(matrix.broken(opened)) == 1
    assert matrix.write(opened) == 1
    assert "no embarrassment at the top" in capsys.readouterr().out
    assert MATRIX.read_bytes() == before


# Whoever holds a wide role in one province alone.


def test_a_role_for_the_whole_mission_held_in_one_province_ends_at_its_border(here: World) -> None:
    everywhere = routes.OPEN | routes.SIGNED_IN | {"check", "save_view", "drop_view", "mission"}
    about_a_province = [one for one in ASKS if one.name not in everywhere]
    found = matrix.ask_all(here, about_a_province, narrow(here))
    through = {cell: word for cell, word in found.cells.items() if word not in CLOSED}
    assert {cell: word for cell, word in through.items() if cell.side == "foreign"} == {}
    assert {cell.role for cell in through} == set(WIDE) - {Role.PARTNER}
    assert found.leaks == set()


# Controls: with the protection taken out, the same comparison finds it.


def differing(here: World, keys: Sequence[str], roles: Sequence[str]) -> set[tuple[str, str, str, str]]:
    """Which of these cells the product answers otherwise than the file."""
    found = matrix.ask_all(here, [BY_KEY[key] for key in keys], [BY_ROLE[role] for role in roles])
    told = matrix.read(MATRIX)
    return {(*cell, word) for cell, word in found.cells.items() if told[cell] != word}


def test_control_with_everything_in_place_nothing_differs(here: World) -> None:
    assert differing(here, ["tasks GET", "task GET", "step POST"], ["watch_officer", "leadership", "partner"]) == set()


def test_control_an_act_more_for_a_role_is_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rules.PLACED, Role.PARTNER, frozenset({Act.SEE_TASKS}))  # type: ignore[arg-type]
    assert ("task GET", "partner", "own", "see") in differing(here, ["task GET"], ["partner"])
    monkeypatch.setitem(rules.PLACED, Role.LEADERSHIP, frozenset({Act.SEE_TASKS, Act.NOTE_TASKS}))  # type: ignore[arg-type]
    assert ("step POST", "leadership", "own", "do") in differing(here, ["step POST"], ["leadership"])


def test_control_a_list_that_forgets_the_reader_is_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "seen_by", lambda reader: ["mission", "north", "south"])
    found = differing(here, ["tasks GET"], ["watch_officer", "team_leader"])
    assert found == {
        ("tasks GET", "watch_officer", "foreign", "see"),
        ("tasks GET", "team_leader", "foreign", "see"),
    }


def test_control_a_record_that_forgets_the_reader_is_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = queries.tasks
    console = rules.Rights(CONSOLE, all=True)
    monkeypatch.setattr(queries, "tasks", lambda records, reader: real(records, console))
    found = differing(here, ["task GET", "step POST"], ["watch_officer"])
    # The page opens; the step is still refused, because the action asks by itself.
    assert found == {("task GET", "watch_officer", "foreign", "see")}


def test_control_an_address_that_asks_for_nothing_is_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware.ActingMiddleware, "_placed", lambda *_: None)
    assert ("check POST", "partner", "own", "do") in differing(here, ["check POST"], ["partner"])


def test_control_an_action_that_does_not_ask_is_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the page's own question taken out as well, nothing but the matrix is left to notice."""
    real, console = queries.tasks, rules.Rights(CONSOLE, all=True)
    monkeypatch.setattr(queries, "tasks", lambda records, reader: real(records, console))
    monkeypatch.setattr("ulinzi.accounts.queries.check_may", lambda *_: None)
    assert differing(here, ["step POST"], ["watch_officer"]) == {("step POST", "watch_officer", "foreign", "do")}


def test_control_words_that_are_not_withheld_are_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [BY_KEY["tasks GET"], BY_KEY["task GET"]]
    columns = [BY_ROLE["leadership"], BY_ROLE["headquarters_analyst"]]
    before = matrix.ask_all(here, asked, columns)
    assert (before.leaks, matrix.broken(before)) == (set(), [])
    monkeypatch.setattr(queries, "withhold", lambda shape, row, rights, act: Row({**row, "withheld": frozenset()}))
    after = matrix.ask_all(here, asked, columns)
    assert {one.role for one in after.leaks} == {"leadership", "headquarters_analyst"}
    assert any("desk.Task/words" in one for one in matrix.broken(after))
    assert matrix.differences(matrix.read(FIELDS), after.fields)


def test_control_a_grant_for_everywhere_is_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def may(self: rules.Rights, act: Act, compartment: str) -> bool:
        return self.all or any(act in rules.PLACED[role] for role, _ in self.held)

    monkeypatch.setattr(rules.Rights, "may", may)
    assert ("tasks GET", "watch_officer", "foreign", "see") in differing(here, ["tasks GET"], ["watch_officer"])
