"""The words of the field are the same everywhere: terms.txt, held against every string in English and French."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest
from babel.messages.pofile import read_po

from tests.docs import pages
from tests.repo import tree
from tests.repo.test_catalogues import forms

TERMS = Path(__file__).with_name("terms.txt")
PO = tree.SRC / "web" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
SECTIONS = ("terms", "both ways", "labels", "never")
# What is typed in every language: names of columns, options of commands.
TYPED = re.compile(r"\b(?:\w+, ){2,}\w+|--[\w-]+")
Pairs = Iterable[tuple[str, str]]


class Term(NamedTuple):
    section: str
    first: str
    second: str
    note: str

    @property
    def french(self) -> list[str]:
        return [one.strip() for one in self.second.split(",")]


def parse(text: str) -> list[Term]:
    found, section = [], ""
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            first, second, note = [cell.strip() for cell in f"{line} ".split(" |")]
            found.append(Term(section, first, second, note))
    return found


def plain(text: str) -> str:
    """Without what does not matter here: endings in parentheses, kinds of blanks and apostrophes."""
    return re.sub(r"[\u00a0\u202f]", " ", re.sub(r"(?<=\w)\(\w+\)", "", text)).replace("’", "'").lower()


def english(term: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(term.lower())}(?:s|es)?\b")


def french(form: str) -> re.Pattern[str]:
    """The form, its feminine and its plural."""
    words = [re.escape(word) + ("(?:e|s|es|x)?" if word[-1] != "*" else "") for word in plain(form).split()]
    return re.compile(r"\b" + " ".join(words).replace(r"\*", r"\w*") + r"\b")


def said(form: str, text: str) -> bool:
    return bool(french(form).search(plain(text)))


def wanted(text: str, terms: list[Term]) -> list[Term]:
    """The terms that an English string holds; a longer one hides the shorter ones in it."""
    left, found = plain(text), []
    for term in sorted(terms, key=lambda one: -len(one.first)):
        if english(term.first).search(left):
            found.append(term)
            left = english(term.first).sub("|", left)
    return found


def _missing(one: str, other: str, terms: list[Term]) -> list[str]:
    for typed in TYPED.findall(one):
        one = one.replace(typed, "") if typed in other else one
    held = wanted(one, [term for term in terms if term.section in ("terms", "both ways")])
    held += [term for term in terms if term.section == "labels" and plain(one).strip(" .") == term.first.lower()]
    return [term.first for term in held if not any(said(form, other) for form in term.french)]


def _unfounded(one: str, other: str, terms: list[Term]) -> list[str]:
    """French words that stand for one English word alone, without it."""
    alone = [term for term in terms if term.section == "both ways"]
    missing = [term for term in alone if not english(term.first).search(plain(one))]
    return [form for term in missing for form in term.french if said(form, other)]


def _avoided(one: str, other: str, terms: list[Term]) -> list[str]:
    """Forms that no string uses; inside the one to use instead they are none."""
    found = []
    for term in (term for term in terms if term.section == "never"):
        text = plain(one if term.first == "en" else other)
        if french(term.second).search(french(term.note.partition(";")[0]).sub(" ", text)):
            found.append(term.second)
    return found


def objections(pairs: Pairs, terms: list[Term]) -> list[str]:
    found = []
    for one, other in pairs:
        found += [f"{one}: {term} is not said so" for term in _missing(one, other, terms)]
        found += [f"{one}: {form} without its English" for form in _unfounded(one, other, terms)]
        found += [f"{one}: {form} is avoided" for form in _avoided(one, other, terms)]
    return found


def catalogue() -> list[tuple[str, str]]:
    """Every string of screens, errors, labels and the command line: they share one catalogue."""
    with PO.open("rb") as file:
        listed = [message for message in read_po(file, locale="fr") if message.id]
    return [(forms(message.id)[-1], forms(message.string)[-1]) for message in listed]


def test_every_string_uses_the_words_of_the_field():
    assert objections(catalogue(), parse(TERMS.read_text(encoding="utf-8"))) == []


def test_the_table_says_each_term_once_and_has_no_other_section():
    terms = parse(TERMS.read_text(encoding="utf-8"))
    assert {term.section for term in terms} == set(SECTIONS)
    named = [(term.section == "never", term.first, term.second if term.section == "never" else "") for term in terms]
    assert sorted(named) == sorted(set(named))
    assert [term for term in terms if not term.second] == []
    assert [
        term for term in terms if term.section == "never" and (term.first not in ("en", "fr") or not term.note)
    ] == []


def test_the_glossary_and_the_table_agree():
    glossary = {row[0].lower(): row[1] for row in pages.rows(pages.text("GLOSSARY.md")) if row[1]}
    terms = [term for term in parse(TERMS.read_text(encoding="utf-8")) if term.first.lower() in glossary]
    assert len(terms) > 5
    assert [
        term.first for term in terms if not any(said(form, glossary[term.first.lower()]) for form in term.french)
    ] == []


SOME = parse(
    "[terms]\nalert | alerte |\nearly warning | alerte précoce |\ncommunity alert network | RAC |\n"
    "point | point, points focaux |\nerase | effac* |\nhead of office | chef de bureau |\n"
    "[both ways]\nabuse | atteinte |\nviolation | violation |\n[labels]\nmust | doit |\n"
    "[never]\nfr | auteur | auteur présumé; or who wrote it\nen | territory | territoire\n"
)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("An alert came", "Un signal est venu", "alert is not said so"),
        ("Two alerts", "Deux signaux", "alert is not said so"),
        ("Early warning", "Alerte", "early warning is not said so"),
        ("An abuse", "Une violation", "abuse is not said so"),
        ("An abuse", "Une violation", "violation without its English"),
        ("Harm", "Une atteinte", "atteinte without its English"),
        ("Must", "Devrait", "must is not said so"),
        ("Alleged perpetrator", "Auteur", "auteur is avoided"),
        ("In this territory", "Dans ce territoire", "territory is avoided"),
    ],
)
def test_control_another_word_is_found(one, other, said):
    assert [line for line in objections([(one, other)], SOME) if said in line]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Two alerts", "Deux alertes"),
        ("The community alert network", "Le RAC"),
        ("Early warning", "Alerte précoce"),
        ("An abuse", "Une atteinte"),
        ("Alleged perpetrators", "Auteurs présumés"),
        ("You must go", "Il faut partir"),
        ("It was erased; erase it", "Effacé\u00a0; effacez-le"),
        ("A head of office", "Un(e) chef(fe) de bureau"),
        ("Alertness", "Vigilance"),
        ("sheet: number, alert, area", "tableau\u00a0: number, alert, area"),
    ],
)
def test_control_the_words_of_the_field_pass(one, other):
    assert objections([(one, other)], SOME) == []
