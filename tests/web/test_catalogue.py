"""French and English are both whole: every text that is marked for translation has words, its own words."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from tests.web import catalogue

# Said alike in both languages.
ALIKE = {
    "%(prog)s: error: %(message)s\n",
    "CODE",
    "HH:MM",
    "Incarnations",
    "Routine",
    "1. Dialogue and engagement",
    "argument %(argument_name)s: %(message)s",
    "h",
    "min",
    "options",
    "source",
}


def keys(found: Catalog) -> set[tuple[object, str | None]]:
    return {(message.id, message.context) for message in catalogue.messages(found)}


def alike(found: Catalog) -> set[object]:
    return {message.id for message in catalogue.messages(found) if catalogue.same(message)}


def test_every_marked_text_is_in_the_catalogue_and_nothing_else():
    """When this fails: python -m tests.web.catalogue, then write the French."""
    assert keys(catalogue.extracted()) == keys(catalogue.read("fr"))


def test_no_text_is_without_french():
    found = catalogue.messages(catalogue.read("fr"))
    assert [message.id for message in found if catalogue.empty(message)] == []


def test_french_is_not_english():
    assert alike(catalogue.read("fr")) - ALIKE == set()


def test_values_keep_their_names():
    found = catalogue.read("fr")
    assert [str(error) for message in catalogue.messages(found) for error in message.check(found)] == []


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("community liaison assistant", "assistant(e) de liaison communautaire (CLA)"),
        ("Tiers", "Volets"),
        ("provincial protection adviser", "conseiller(ère) provincial(e) en protection des civils"),
        ("senior protection adviser", "conseiller(ère) principal(e) en protection des civils"),
        ("joint protection team leader", "équipe conjointe de protection (JPT)"),
        ("due-diligence officer", "diligence voulue (PDVDH)"),
        ("One-time code", "Code à usage unique"),
        ("Information, early warning and response, on this machine.", "alerte précoce"),
    ],
)
def test_terms_are_those_of_the_field(english, french):
    assert french in catalogue.read("fr").get(english).string


def test_control_an_unmarked_text_is_not_found_and_a_marked_one_is():
    source = '_("seen"); print("not seen"); ngettext("one", "many", 2); context("where", "what")'
    assert list(catalogue.texts(source)) == [("seen", None), (("one", "many"), None), ("what", "where")]
    page = '{% translate "seen" %} not seen {% blocktranslate trimmed %}also {{ n }}{% endblocktranslate %}'
    assert [text for text, _ in catalogue.texts(page, template=True)] == ["seen", "also %(n)s"]


def test_control_empty_and_identical_words_are_found():
    planted = Catalog()
    planted.add("Save", "")
    planted.add("Day", "Day")
    planted.add(("one", "many"), ("un", ""))
    found = list(catalogue.messages(planted))
    assert [message.id for message in found if catalogue.empty(message)] == ["Save", ("one", "many")]
    assert alike(planted) >= {"Day"}
