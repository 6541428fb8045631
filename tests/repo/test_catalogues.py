"""Every string is said in every language: no gap, no guess, no lost placeholder."""

from __future__ import annotations

import io
import re

import pytest
from babel.messages.pofile import PoFileError, read_po

from tests.repo import tree

# Babel cuts a string whose quotes do not close, and says nothing.
LINE = re.compile(r'(#.*|(msg(ctxt|id|id_plural|str(\[\d\])?) )?"([^"\\]|\\.)*"|)')
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


def complaints(text: str) -> list[str]:
    """What is wrong with a catalogue, by the message it concerns."""
    try:
        catalogue = read_po(io.BytesIO(text.encode()), locale="fr", abort_invalid=True)
    except PoFileError as error:
        return [f"unreadable: {error}"]
    found = [f"unreadable: {line}" for line in text.splitlines() if not LINE.fullmatch(line.strip())]
    messages = [message for message in catalogue if message.id]
    found += [f"guessed: {message.id}" for message in messages if message.fuzzy]
    found += [f"not said: {message.id}" for message in messages if not said(message.string)]
    return found + [f"{error}: {message.id}" for message, errors in catalogue.check() for error in errors]


def said(string: object) -> bool:
    """A plural has one string for each form."""
    return all(string) if isinstance(string, tuple | list) else bool(string)


def test_every_catalogue_is_complete():
    # English is the language of the sources: its catalogue may stay empty.
    catalogues = [path for path in tree.files() if path.suffix == ".po" and "en" not in path.parts]
    found = {tree.named(path): complaints(path.read_text(encoding="utf-8")) for path in catalogues}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ('msgid "Task"\nmsgstr ""\n', "not said"),
        ('msgid "One task"\nmsgid_plural "Tasks"\nmsgstr[0] "Une tâche"\nmsgstr[1] ""\n', "not said"),
        ('#, fuzzy\nmsgid "Task"\nmsgstr "Taxe"\n', "guessed"),
        ('#, python-format\nmsgid "%(n)s tasks"\nmsgstr "%(m)s tâches"\n', "unknown named placeholder"),
        ('msgid "Task\nmsgstr "Tâche"\n', "unreadable"),
        ('msgid "Task"\nTâche\n', "unreadable"),
    ],
)
def test_control_each_fault_is_found(entry, complaint):
    assert any(complaint in one for one in complaints(HEADER + entry))


def test_control_a_good_catalogue_passes():
    entries = 'msgid "Task"\nmsgstr "Tâche"\n\n#, python-format\nmsgid "%(n)s tasks"\nmsgstr "%(n)s tâches"\n'
    assert complaints(HEADER + entries) == []
