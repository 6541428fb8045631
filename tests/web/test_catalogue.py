"""What the screens and commands say is marked for translation, with its signs, and is in the catalogue.

How each sentence is translated: tests/repo/test_catalogues.py and tests/repo/test_terms.py.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tests.repo import tree
from tests.web import catalogue
from ulinzi.cli import personas
from ulinzi.web import languages

# The product and a unit are called the same everywhere; a key and a code are one letter.
NAMES = {"Ulinzi", "km"}
SHOWN = {"aria-label", "title", "placeholder", "alt", "aria-description", "aria-roledescription"}
BLOCK = re.compile(r"\{% blocktranslate.*?\{% endblocktranslate %\}|\{#.*?#\}|\{% comment.*?endcomment %\}", re.DOTALL)
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
SIGN = re.compile(r"[:;?!«»“”]")


def keys(found: Catalog) -> set[tuple[object, str | None]]:
    return {(message.id, message.context) for message in catalogue.messages(found)}


def test_who_reads_a_compiled_catalogue_never_reads_half_of_a_newer_one(tmp_path, monkeypatch):
    """Two processes of one run: one reads what the other compiles anew."""
    monkeypatch.setattr(catalogue, "LOCALE", shutil.copytree(catalogue.LOCALE, tmp_path / "locale"))
    made = catalogue.path_of("fr").with_suffix(".mo")
    made.write_bytes(b"as it was")
    os.utime(made, (0, 0))
    with made.open("rb") as reading:
        catalogue.compile_stale()
        assert reading.read() == b"as it was"
    assert made.read_bytes() == catalogue.compiled("fr")
    assert [path.name for path in made.parent.glob("*.mo")] == ["django.mo"]


def test_every_marked_text_is_in_the_catalogue_and_nothing_else():
    """When this fails: python -m tests.web.catalogue, then write the French."""
    assert keys(catalogue.extracted()) == keys(catalogue.read("fr"))


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


# Templates hold no words of their own, and no sign that French sets otherwise.


class Loose(HTMLParser):
    """What a template says by itself, in text and in the attributes that are read aloud or shown."""

    def __init__(self, template: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.feed(TAG.sub("", BLOCK.sub("", template)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value for name, value in attrs if name in SHOWN and value]

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def loose(template: str) -> list[str]:
    said = [text.strip() for text in Loose(template).said]
    words = [word for text in said for word in re.findall(r"[^\W\d_]{2,}", text) if word not in NAMES]
    return words + [sign for text in said for sign in SIGN.findall(text)]


def templates() -> list[Path]:
    return [path for path in tree.files() if path.suffix == ".html" and path.is_relative_to(tree.SRC)]


def test_templates_say_nothing_by_themselves():
    found = {tree.named(path): loose(path.read_text(encoding="utf-8")) for path in templates()}
    assert len(found) > 10
    assert {name: said for name, said in found.items() if said} == {}


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ('<p>{% translate "Save" %}: {{ step }}</p>', [":"]),
        ("<a>{{ name }}</a>: {{ error }}", [":"]),
        ("<p>Saved {{ here }}</p>", ["Saved"]),
        ('<svg aria-label="Late"></svg>', ["Late"]),
        ('<p title="{% translate "Late" %}?">', ["?"]),
    ],
)
def test_control_words_and_signs_of_a_template_are_found(template, found):
    assert loose(template.replace('"{% translate "Late" %}?"', "'{% translate \"Late\" %}?'")) == found


@pytest.mark.parametrize(
    "template",
    [
        "{% blocktranslate trimmed with step=x|label:'step' %}Save: {{ step }}{% endblocktranslate %}",
        '<b title="{{ x }}">{{ a }} / {{ b }} · {{ c }}, …</b>{# a word: here #}',
        '<a href="x:y" class="one">Ulinzi</a>',
    ],
)
def test_control_what_is_translated_and_what_nobody_reads_passes(template):
    assert loose(template) == []


# Python puts no sentence together from a value, a sign and another value.


def joined(source: str) -> Iterator[int]:
    """The lines where an f-string sets a colon or its like after a value."""
    for node in ast.walk(ast.parse(source)):
        values = node.values if isinstance(node, ast.JoinedStr) else []
        for before, after in pairwise(values):
            said = str(after.value) if isinstance(after, ast.Constant) else ""
            # A sign alone between two values is an address or a time.
            ends = "$" if after is values[-1] else r"\s"
            if isinstance(before, ast.FormattedValue) and re.match(rf"\s?[:;?!»](?:\s|{ends})", said):
                yield node.lineno


def test_python_sets_no_sign_after_a_value():
    paths = tree.python_files("src/ulinzi/web", "src/ulinzi/cli")
    found = {tree.named(path): list(joined(path.read_text(encoding="utf-8"))) for path in paths}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_control_a_sign_after_a_value_is_found_and_an_address_is_not():
    assert list(joined('f"{name}: {value}"')) == [1]
    assert list(joined('f"{name}?"')) == [1]
    assert list(joined('f"{host}:{port} {day} {hour}:{minute}"')) == []


# Who has read which sentence.


READ = "# head\n1f2e3d4c5b6a7988 2026-11-17 Ana Kelmi\n"


def test_who_has_read_is_a_list_of_digests_dates_and_names():
    for language in languages.translated():
        text = languages.record(language).read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        assert [line for line in lines if not languages.LINE.fullmatch(line)] == []
        assert {who for _, _, who in languages.parse(text)} & {one.name for one in personas.PERSONAS} == set()


def test_catalogue_and_product_take_the_same_digest_of_a_sentence():
    compiled = catalogue.compiled("fr")
    assert set(languages.digests(compiled)) == {
        catalogue.digest(one) for one in catalogue.messages(catalogue.read("fr"))
    }


def test_what_was_read_counts_until_it_is_changed(tmp_path):
    planted = Catalog(locale="fr")
    planted.add("Save", "Enregistrer")
    planted.add(("one", "many"), ("un", "plusieurs"))
    planted.add("late", "retard", context="promise")
    before = [catalogue.digest(message) for message in catalogue.messages(planted)]
    assert len(set(before)) == 3
    for changed in (
        ("Save", "Sauver", None),
        (("one", "many"), ("une", "plusieurs"), None),
        ("late", "tard", "promise"),
    ):
        other = Catalog(locale="fr")
        other.add(changed[0], changed[1], context=changed[2])
        assert {catalogue.digest(message) for message in catalogue.messages(other)} & set(before) == set()


def test_a_person_marks_what_was_read(tmp_path):
    planted = Catalog(locale="fr")
    planted.add("Save", "Enregistrer")
    planted.add("Task", "Tâche")
    sheet = "\n".join(catalogue.sheet(planted, set()))
    only = [line for line in sheet.splitlines() if "Task" in line]
    marked = catalogue.marked(READ, planted, only, "Bori Tessal", date(2026, 11, 18))
    assert [(day, who) for _, day, who in languages.parse(marked)] == [("2026-11-18", "Bori Tessal")]
    assert marked.startswith("# head\n")
    assert len(catalogue.sheet(planted, {one for one, _, _ in languages.parse(marked)})) == 1
    assert catalogue.marked(marked, planted, only, "Ana Kelmi", date(2026, 11, 19)) == marked


@pytest.mark.parametrize(("line", "who"), [("0000000000000000  Save", "Ana"), ("", ""), ("{digest} Save", "  ")])
def test_control_nobody_marks_what_is_not_there_or_without_a_name(line, who):
    planted = Catalog(locale="fr")
    planted.add("Save", "Enregistrer")
    here = catalogue.digest(next(iter(catalogue.messages(planted))))
    with pytest.raises(SystemExit):
        catalogue.marked(READ, planted, [line.replace("{digest}", here)], who, date(2026, 11, 18))
