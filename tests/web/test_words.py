"""Every code that the product can say has words, in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from django.utils.translation import override

from tests.repo import tree
from ulinzi.cli import errors
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


KINDS = ("Refused", "NotFound", "Broken", "code", "__init__")
PLACE = re.compile(r"%\((\w+)\)|\{(\w+)\}")


def given(source: str) -> Iterator[tuple[str, set[str]]]:
    """Each code that is raised or shown, and the names of the values that go with it there."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", getattr(node.func, "attr", "")) not in KINDS:
            continue
        if node.args and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value), {one.arg for one in node.keywords if one.arg}


def asked() -> dict[str, list[set[str]]]:
    """The values that each code's words ask for; a code may have words on the screens, at the command line, or both."""
    said = [*words.ERRORS.items(), *((code, (text,)) for code, text in errors._own().items())]
    found: dict[str, list[set[str]]] = {}
    for code, texts in said:
        found.setdefault(code, []).append({one or other for text in texts for one, other in PLACE.findall(str(text))})
    return found


def without_value(sources: Iterable[str], asked: Mapping[str, list[set[str]]]) -> set[tuple[str, str]]:
    """Codes, and what their words ask for and somebody who raises them does not give."""
    told = [found for source in sources for found in given(source)]
    return {(code, name) for code, names in told for wanted in asked.get(code, []) for name in wanted - names}


def test_every_value_that_words_ask_for_is_given():
    with override("en"):
        assert sum(map(bool, (names for listed in asked().values() for names in listed))) > 15
        assert without_value((path.read_text(encoding="utf-8") for path in source()), asked()) == set()


@pytest.mark.parametrize(
    "planted",
    [
        'raise Refused("compartment_unknown", given=name)',
        'Refused("compartment_unknown")',
        'super().__init__("compartment_unknown", name=name)',
        'words.code("compartment_unknown")',
    ],
)
def test_control_a_value_of_another_name_is_found(planted):
    assert without_value([planted], asked()) == {("compartment_unknown", "compartment")}
    assert without_value(['Refused("compartment_unknown", compartment=x, more=y)'], asked()) == set()


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
