"""Text as people look for it: what is typed without accents, capitals and signs finds what is written with them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ulinzi.desk import rules
from ulinzi.kernel import folding
from ulinzi.kernel.folding import folded
from ulinzi.ledger.shapes import Row, Sensitivity

ANSWERS = {
    # Accents, composed or not, and capitals.
    "École": "ecole",
    "E\u0301cole": "ecole",
    "ÉCOLE": "ecole",
    "Cœur d'Œdème": "coeur d oedeme",
    "Noël à Kibélé": "noel a kibele",
    "Straße, STRAẞE": "strasse, strasse",
    "İstanbul, Iğdır": "istanbul, igdir",
    "I\u0307": "i",
    "ﬁn": "fin",
    "Ａ１": "a1",
    "ǅ": "dz",
    "ΣΊΣΥΦΟΣ": "σισυφοσ",
    # Letters of names in the region.
    "Ŋɔɔr": "ngoor",
    "Ɓarɗe": "barde",
    # What keeps words apart: one blank, whatever it was.
    "l’école": "l ecole",
    "l'école": "l ecole",
    "lʼécole": "l ecole",
    "Saint-Paul": "saint paul",
    "Saint\u2011Paul": "saint paul",
    "Saint – Paul": "saint paul",
    "  two \t\n blanks\u00a0here ": "two blanks here",
    "BEN-147": "ben 147",
    # What nobody sees keeps nobody from finding it.
    "bo\u00adnus\u200b\u202e": "bonus",
    "": "",
    "\u0301": "",
    # Other scripts keep their letters.
    "قَرْيَة": "قرية",
    "Киев": "киев",
    "🙂": "🙂",
}


@pytest.mark.parametrize(("text", "answer"), ANSWERS.items())
def test_it_is_folded(text: str, answer: str) -> None:
    assert folded(text) == answer


def test_nothing_is_nothing() -> None:
    assert folded(None) == ""


def test_folding_twice_is_folding_once() -> None:
    """What is typed may have been copied from anywhere; it is compared with what was folded once."""
    assert [sign for sign in map(chr, range(0x20000)) if folded(folded(sign)) != folded(sign)] == []


@given(st.text(), st.text())
def test_a_part_of_what_is_written_is_found(before: str, after: str) -> None:
    assert folded("école") in folded(f"{before} école {after}")
    assert folded(before + " " + after) == " ".join(filter(None, (folded(before), folded(after))))


@given(st.text())
def test_nothing_folded_has_accents_or_hidden_signs(text: str) -> None:
    assert not any(folding.unicodedata.combining(sign) for sign in folded(text))
    assert "  " not in folded(text) and folded(text) == folded(text).strip()


def test_control_small_letters_alone_would_not_do() -> None:
    assert [text for text in ("École", "l’école", "Straße", "bo\u00adnus") if text.lower() == folded(text)] == []


# Accents in disorder cost the square of their number where a text is brought into order as a whole.
HOSTILE = "\u0301\u0323" * 100_000


@pytest.fixture
def ordered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long each text was that was brought into order, with nothing known from before."""
    found: list[int] = []
    real = folding.unicodedata.normalize

    def counted(form: str, text: str) -> str:
        found.append(len(text))
        return real(form, text)

    monkeypatch.setattr(folding.unicodedata, "normalize", counted)
    monkeypatch.setattr(folding, "_SIGNS", folding._Signs())
    return found


def test_a_hostile_text_is_brought_into_order_sign_by_sign(ordered: list[int]) -> None:
    folded(HOSTILE)
    assert max(ordered) == 1 and len(ordered) <= 2 * len(set(HOSTILE))


def test_control_a_text_that_is_brought_into_order_whole_is_seen(ordered: list[int]) -> None:
    folding.unicodedata.normalize("NFKD", "\u0301\u0323" * 10)
    assert max(ordered) == 20


def test_few_signs_are_kept_however_many_there_are() -> None:
    folded("".join(map(chr, range(0x4E00, 0x9FFF))) + "é")
    assert len(folding._SIGNS) <= folding._KNOWN


# What a task is found by.


def task(**told: Any) -> Row:
    return Row({"number": "BEN-7", "title": "L’École", "detail": "Près du pont"} | told)


def test_a_task_is_found_by_its_number_and_its_words() -> None:
    assert rules.sought(task()) == {"folded_number": "ben 7", "folded_words": "l ecole\npres du pont"}


def test_what_is_erased_leaves_nothing() -> None:
    assert rules.sought(task(title=None, detail=None))["folded_words"].strip() == ""


def test_what_follows_from_words_is_as_deep_as_they_are() -> None:
    depth = {one.name: one.sensitivity for one in rules.TASK.derived}
    assert depth["folded_words"] == rules.TASK.group("words").sensitivity == Sensitivity.CONFIDENTIAL
    assert depth["folded_number"] == rules.TASK.group("number").sensitivity
