"""Every code that the product can say has words, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils.translation import override

from tests.repo import tree
from ulinzi.kernel.errors import Broken, NotFound, Refused
from ulinzi.ledger.records import shapes
from ulinzi.web import labels, words

RAISED = re.compile(r'\b(?:Refused|NotFound|Broken)\(\s*"([a-z_]+)"|super\(\).__init__\(\s*"([a-z_]+)"')
PROBLEM = re.compile(r'\bProblem\(\s*"([a-z_]+)"(?:\s+if\s[^"]+?else\s+"([a-z_]+)")?')
# Codes that only the command line meets have their words there.
OWN_WORDS = tree.SRC / "cli" / "errors.py"


def codes(pattern: re.Pattern[str], paths: list[Path]) -> set[str]:
    found = (match for path in paths for match in pattern.findall(path.read_text(encoding="utf-8")))
    return {one for match in found for one in match if one}


def known() -> set[str]:
    own = set(re.findall(r'"([a-z_]+)": _\(', OWN_WORDS.read_text(encoding="utf-8"))) if OWN_WORDS.exists() else set()
    return own | set(words.ERRORS)


def source() -> list[Path]:
    return tree.python_files("src")


def test_every_error_has_words():
    assert codes(RAISED, source()) - known() == set()


def test_no_words_without_their_error():
    asked = re.compile(r'words\.code\("([a-z_]+)"()\)')
    assert set(words.ERRORS) - codes(RAISED, source()) - codes(asked, source()) == set()


def test_every_problem_has_words():
    found = codes(PROBLEM, source())
    assert "taken_twice" in found and "step_out_of_turn" in found
    assert found - set(labels.PROBLEMS) == set()


def test_control_a_new_code_is_found(tmp_path):
    planted = tmp_path / "rules.py"
    planted.write_text('raise Refused(\n    "never_heard_of", field="x")\nProblem("odd" if x == Y.Z else "even")\n')
    assert codes(RAISED, [planted]) - known() == {"never_heard_of"}
    assert codes(PROBLEM, [planted]) - set(labels.PROBLEMS) == {"odd", "even"}


def test_every_field_and_group_and_choice_has_a_label():
    for shape in shapes():
        if not shape.label.startswith("desk."):
            continue
        shown = {field.name for group in shape.groups if group.name != "act" for field in group.fields}
        assert shown - set(labels.FIELDS) == set()
        assert {group.name for group in shape.groups} - set(labels.GROUPS) == set()
    task = next(shape for shape in shapes() if shape.label == "desk.Task")
    for name, told in {"urgency": labels.URGENCY, "tiers": labels.TIERS, "due_basis": labels.DUE_BASIS}.items():
        assert set(task.field[name].choices) == set(told)


def test_an_error_says_what_happened_what_was_saved_and_what_to_do():
    error = Refused("step_not_now", step="taken", state="done")
    with override("fr"):
        assert words.said(error).what.startswith("«\xa0Prendre\xa0» n’est pas possible")
        assert words.said(error).saved == "Rien n’a été enregistré."
    with override("en"):
        assert str(words.said(error)).startswith("“Take” is not possible: the task is now “done”.")


@pytest.mark.parametrize("error", [Refused("never_heard_of"), Broken("never_heard_of"), NotFound("never_heard_of")])
def test_a_code_without_words_still_says_something(error):
    assert "Something went wrong" in words.said(error).what or "imprévu" in words.said(error).what


def test_words_whose_values_are_missing_still_read():
    with override("en"):
        assert "not given" in words.said(Refused("compartment_unknown")).what
