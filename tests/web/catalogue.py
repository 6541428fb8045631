"""The message catalogues, and who has read them.

`python -m tests.web.catalogue` brings them up to date with what the product says.
`python -m tests.web.catalogue drafts fr` prints what nobody has read yet, one sentence a line.
`python -m tests.web.catalogue read fr "Name"` takes such lines from standard input: read by that person.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from tests.repo import tree
from ulinzi.web import languages

LOCALE = tree.SRC / "web" / "locale"
LANGUAGES = ("fr", "en")
_CONTEXT_FIRST = ((1, "c"), 2)
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "gettext_lazy": None,
    "lazy": None,
    "ngettext": (1, 2),
    "pgettext": _CONTEXT_FIRST,
    "pgettext_lazy": _CONTEXT_FIRST,
    "context": _CONTEXT_FIRST,
    "npgettext": ((1, "c"), 2, 3),
}
_NOISE = ('"Project-Id', '"Report-M', '"POT-', '"PO-Rev', '"Last-T', '"Language-Team', '"Generated-By')

Found = tuple[str | tuple[str, ...], str | None]


def path_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language, domain="django")


def extracted() -> Catalog:
    """Every text that is marked for translation, with the files that say it."""
    found = Catalog(domain="django", charset="utf-8", fuzzy=False)
    for path in tree.files():
        if path.is_relative_to(tree.SRC) and path.suffix in (".py", ".html"):
            for text, context in texts(path.read_text(encoding="utf-8"), template=path.suffix == ".html"):
                found.add(text, locations=[(tree.named(path), 0)], context=context)
    return found


def texts(source: str, *, template: bool = False) -> Iterator[Found]:
    """The marked texts of one file, each with its context."""
    python = templatize(source) if template else source
    for _line, name, said, _comments in extract_python(io.BytesIO(python.encode()), list(KEYWORDS), (), {}):
        places = KEYWORDS.get(name) or (1,)
        listed = said if isinstance(said, tuple) else (said,)
        taken = [listed[place - 1] for place in places if isinstance(place, int) and len(listed) >= place]
        context = next((listed[place[0] - 1] for place in places if isinstance(place, tuple)), None)
        if taken and all(isinstance(one, str) and one for one in taken):
            yield (taken[0] if len(taken) == 1 else tuple(taken)), context


def messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def forms(text: object) -> tuple[str, ...]:
    """A plural has one string for each form."""
    return tuple(str(one or "") for one in text) if isinstance(text, tuple | list) else (str(text or ""),)


def empty(message: Message) -> bool:
    return not all(forms(message.string))


def update(language: str) -> None:
    """Write the catalogue anew: what is no longer said goes, what is new comes empty. English is what the code says."""
    known = read(language) if path_of(language).exists() else Catalog()
    header = "# What the screens and commands say."
    made = Catalog(locale=language, domain="django", charset="utf-8", fuzzy=False, header_comment=header)
    for message in messages(extracted()) if language != "en" else ():
        told = known.get(message.id, message.context)
        made.add(message.id, told.string if told else None, message.locations, context=message.context)
    write(language, made)


def write(language: str, catalogue: Catalog) -> None:
    """As plain as it can be: no line numbers, and no header that nobody reads."""
    out = io.BytesIO()
    write_po(out, catalogue, width=110, include_lineno=False)
    lines = [line for line in out.getvalue().decode().splitlines() if not line.startswith(_NOISE)]
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    path_of(language).write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def compiled(language: str) -> bytes:
    out = io.BytesIO()
    write_mo(out, read(language))
    return out.getvalue()


def compile_stale() -> None:
    """As `make setup` does it, where somebody ran the tests without."""
    for language in LANGUAGES:
        made = path_of(language).with_suffix(".mo")
        if not made.exists() or made.stat().st_mtime < path_of(language).stat().st_mtime:
            # Beside it, then in its place: two processes of one run may both compile, and neither reads half a file.
            whole = made.with_suffix(f".{os.getpid()}.mo")
            whole.write_bytes(compiled(language))
            os.replace(whole, made)


def digest(message: Message) -> str:
    """As the product takes it from the compiled catalogue."""
    context = f"{message.context}\x04" if message.context else ""
    asked, said = context + "\0".join(forms(message.id)), "\0".join(forms(message.string))
    return languages.digest(asked.encode(), said.encode())


def sheet(catalogue: Catalog, read: Collection[str]) -> list[str]:
    """What nobody has read, a line each: its digest, the English, the French."""
    found = [message for message in messages(catalogue) if digest(message) not in read and not empty(message)]
    lines = [(digest(one), " / ".join(forms(one.id)), " / ".join(forms(one.string))) for one in found]
    return [" | ".join(cell.replace("\n", " ") for cell in line) for line in lines]


def marked(text: str, catalogue: Catalog, lines: Iterable[str], who: str, day: date) -> str:
    """The record with these lines of a sheet as read by this person; what has no sentence any more goes."""
    here = {digest(message) for message in messages(catalogue)}
    asked = [line.split()[0] for line in lines if line.strip()]
    if not who.strip() or not asked or set(asked) - here:
        sys.exit("Nothing was marked: name who has read, and give lines as `drafts` prints them now.")
    kept = {one: f"{one} {when} {name}" for one, when, name in languages.parse(text) if one in here}
    added = {one: f"{one} {day.isoformat()} {who.strip()}" for one in asked}
    head = [line for line in text.splitlines() if line.startswith("#")]
    return "\n".join([*head, *(added | kept).values()]) + "\n"


def _update_all() -> None:
    for one in LANGUAGES:
        update(one)
        missing = [message.id for message in messages(read(one)) if empty(message)]
        print(one, len(read(one)), "texts,", len(missing), "without words")


def _drafts(language: str) -> None:
    text = languages.record(language).read_text(encoding="utf-8")
    print("\n".join(sheet(read(language), {one for one, _, _ in languages.parse(text)})))


def _mark(language: str, who: str) -> None:
    record = languages.record(language)
    made = marked(record.read_text(encoding="utf-8"), read(language), sys.stdin, who, date.today())
    record.write_text(made, encoding="utf-8")
    print(len(list(languages.parse(made))), "of", len(list(messages(read(language)))), "read")


def main(words: list[str]) -> None:
    match words:
        case []:
            _update_all()
        case ["drafts", language]:
            _drafts(language)
        case ["read", language, who]:
            _mark(language, who)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
