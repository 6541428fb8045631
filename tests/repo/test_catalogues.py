"""Every string is said in every language: no gap, no guess, no lost value, no English left, and set as French is."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

from tests.repo import sentences, tree

# Babel cuts a string whose quotes do not close, and says nothing.
LINE = re.compile(r'(#.*|(msg(ctxt|id|id_plural|str(\[\d\])?) )?"([^"\\]|\\.)*"|)')
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
ALIKE = Path(__file__).with_name("alike.txt")
Reasons = dict[tuple[str, str], str]


def reasons(text: str) -> Reasons:
    """What may be said alike: by language and text, why."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    rows = [[cell.strip() for cell in line.split(" | ")] for line in lines]
    return {(language, said): why for language, said, why in rows if why}


def complaints(text: str, alike: Reasons | None = None, language: str = "fr") -> list[str]:
    """What is wrong with a catalogue, by the message it concerns."""
    try:
        catalogue = read_po(io.BytesIO(text.encode()), locale=language, abort_invalid=True)
    except PoFileError as error:
        return [f"unreadable: {error}"]
    found = [f"unreadable: {line}" for line in text.splitlines() if not LINE.fullmatch(line.strip())]
    allowed = {said for spoken, said in alike or {} if spoken == language}
    messages = [message for message in catalogue if message.id]
    found += [f"{wrong}: {message.id}" for message in messages for wrong in _wrong(message, allowed, language)]
    found += [f"not alike any more: {said}" for said in sorted(allowed - _alike(catalogue))]
    return found + [f"{error}: {message.id}" for message, errors in catalogue.check() for error in errors]


def _wrong(message: Message, alike: set[str], language: str) -> Iterator[str]:
    english, said = forms(message.id), forms(message.string)
    if message.fuzzy:
        yield "guessed"
    if not all(said):
        yield "not said"
    elif same(message) and english[0] not in alike:
        yield "the same as in English"
    elif not same(message):
        yield from sentences.complaints(english, said, language)


def forms(text: object) -> tuple[str, ...]:
    """A plural has one string for each form."""
    return tuple(str(one or "") for one in text) if isinstance(text, tuple | list) else (str(text or ""),)


def same(message: Message) -> bool:
    """One of its forms is what the English says."""
    return bool(set(forms(message.string)) & set(forms(message.id)))


def _alike(catalogue: Catalog) -> set[str]:
    return {forms(message.id)[0] for message in catalogue if message.id and same(message)}


def test_every_catalogue_is_complete():
    # English is the language of the sources: its catalogue may stay empty.
    alike = reasons(ALIKE.read_text(encoding="utf-8"))
    catalogues = [path for path in tree.files() if path.suffix == ".po" and "en" not in path.parts]
    found = {path.parts[-3]: complaints(path.read_text(encoding="utf-8"), alike, path.parts[-3]) for path in catalogues}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert "fr" in found


def test_what_is_said_alike_has_a_reason_each():
    lines = [line for line in ALIKE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert lines == sorted(set(lines))
    assert len(reasons("\n".join(lines))) == len(lines)


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ('msgid "Task"\nmsgstr ""\n', "not said"),
        ('msgid "One task"\nmsgid_plural "Tasks"\nmsgstr[0] "Une tâche"\nmsgstr[1] ""\n', "not said"),
        ('#, fuzzy\nmsgid "Task"\nmsgstr "Taxe"\n', "guessed"),
        ('msgid "Task"\nmsgstr "Task"\n', "the same as in English"),
        ('msgid "Task"\nmsgid_plural "Tasks"\nmsgstr[0] "Tâche"\nmsgstr[1] "Tasks"\n', "the same as in English"),
        ('#, python-format\nmsgid "%(n)s tasks"\nmsgstr "%(m)s tâches"\n', "unknown named placeholder"),
        ('msgid "Task\nmsgstr "Tâche"\n', "unreadable"),
        ('msgid "Task"\nTâche\n', "unreadable"),
        # Values and numbers.
        ('msgid "{n} tasks"\nmsgstr "{m} tâches"\n', "other placeholders"),
        ('msgid "%(n)s tasks"\nmsgstr "des tâches"\n', "other placeholders"),
        ('msgid "At least 12 signs"\nmsgstr "Au moins 10 signes"\n', "other numbers"),
        ('msgid "1 task"\nmsgid_plural "{n} tasks"\nmsgstr[0] "1 tâche"\nmsgstr[1] "{n} tâches"\n', "1 for nought"),
        # The shape of the sentence.
        ('msgid "Saved here."\nmsgstr "Enregistré ici"\n', "another sign at its end"),
        ('msgid "Saved here"\nmsgstr "Enregistré ici."\n', "another sign at its end"),
        ('msgid "Called “x”."\nmsgstr "Dit «\u00a0x\u00a0»"\n', "another sign at its end"),
        ('msgid "usage: "\nmsgstr "utilisation\u00a0:"\n', "other blanks at its ends"),
        ('msgid "Saved here. Now go"\nmsgstr "Enregistré ici.  Allez"\n', "two blanks in a row"),
        # The setting of French.
        ('msgid "Why:"\nmsgstr "Pourquoi :"\n', "no no-break space beside :"),
        ('msgid "Why:"\nmsgstr "Pourquoi:"\n', "no no-break space beside :"),
        ('msgid "Why?"\nmsgstr "Pourquoi?"\n', "no no-break space beside ?"),
        ('msgid "Go; come"\nmsgstr "Allez ; venez"\n', "no no-break space beside ;"),
        ('msgid "Called “x”"\nmsgstr "Dit « x\u00a0»"\n', "no no-break space beside «"),
        ('msgid "Called “x”"\nmsgstr "Dit «\u00a0x»"\n', "no no-break space beside »"),
        ('msgid "Called “x”"\nmsgstr "Dit “x”"\n', "quotes that are not"),
        ('msgid "Called “x”"\nmsgstr "Dit «\u00a0x"\n', "« without »"),
        ('msgid "an order"\nmsgstr "l\'ordre"\n', "straight apostrophe"),
        # English left standing.
        ('msgid "the task"\nmsgstr "the tâche"\n', "English: the"),
        ('msgid "take and hand over"\nmsgstr "prendre and remettre"\n', "English: and"),
        ('msgid "Next early warning message"\nmsgstr "Prochain early warning message"\n', "English: early warning"),
    ],
)
def test_control_each_fault_is_found(entry, complaint):
    assert any(complaint in one for one in complaints(HEADER + entry))


@pytest.mark.parametrize(
    "entry",
    [
        'msgid "Task"\nmsgstr "Tâche"\n\n#, python-format\nmsgid "%(n)s tasks"\nmsgstr "%(n)s tâches"\n',
        'msgid "Open 14:05 at http://x"\nmsgstr "Ouvrez 14:05 à http://x"\n',
        'msgid "Why:"\nmsgstr "Pourquoi\u202f:"\n',
        'msgid "Run “ulinzi init --code BEN”; end"\nmsgstr "Lancez «\u00a0ulinzi init --code BEN\u00a0»\u00a0; fin"\n',
        'msgid "12,000 signs"\nmsgstr "12\u202f000 signes"\n',
        'msgid "or an age on it"\nmsgstr "or un an on a son but"\n',
    ],
)
def test_control_a_good_catalogue_passes(entry):
    assert complaints(HEADER + entry) == []


def test_control_another_language_is_not_set_as_french_is():
    entry = HEADER + 'msgid "Why: {reason}"\nmsgstr "Kwa nini: {reason}"\n'
    assert complaints(entry, language="sw") == []
    assert complaints(entry.replace("nini: {reason}", "nini: {sababu}"), language="sw") != []


def test_control_what_is_alike_passes_only_with_a_reason_and_in_its_language():
    entry = HEADER + 'msgid "Routine"\nmsgstr "Routine"\n'
    assert complaints(entry, reasons("fr | Routine | the same word")) == []
    assert complaints(entry, reasons("fr | Routine | ")) != []
    assert complaints(entry, reasons("sw | Routine | the same word")) != []


def test_control_a_reason_for_what_is_not_alike_any_more_is_found():
    entry = HEADER + 'msgid "Task"\nmsgstr "Tâche"\n'
    assert complaints(entry, reasons("fr | Task | the same word")) == ["not alike any more: Task"]


# The missions that come with the product speak for themselves, in both languages too.


def wordings(told: object) -> Iterator[tuple[str, str]]:
    """Every English and French of a mission's file."""
    if isinstance(told, dict) and isinstance(told.get("fr"), str) and isinstance(told.get("en"), str):
        yield told["en"], told["fr"]
    elif isinstance(told, dict | list):
        for one in told.values() if isinstance(told, dict) else told:
            yield from wordings(one)


def test_what_a_shipped_mission_says_is_set_as_french_is():
    paths = [path for path in tree.files() if path.name == "mission.toml" and path.is_relative_to(tree.SRC)]
    said = [pair for path in paths for pair in wordings(tomllib.loads(path.read_text(encoding="utf-8")))]
    assert [(french, wrong) for one, french in said if (wrong := sentences.complaints((one,), (french,)))] == []


def test_control_a_wording_of_a_mission_is_found():
    told = tomllib.loads('[[codes]]\ncode = "11"\nwords = { fr = "abus: rappelez", en = "abuse: call back" }\n')
    assert [sentences.complaints((one,), (french,)) for one, french in wordings(told)] != [[]]
