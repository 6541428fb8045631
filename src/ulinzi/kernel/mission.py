"""A mission is a folder: `mission.toml` and a logo. Read once, checked whole, refused by name where it does not fit.

What belongs in it: docs/how-to/make-a-mission.md. Every fault names the file, the table or row, and the field.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from ulinzi.kernel import logo, replies
from ulinzi.kernel.errors import Refused
from ulinzi.kernel.logo import Logo

SHIPPED = Path(__file__).resolve().parents[1] / "missions"
DEFAULT = "belavi"
FOLDER, FILE = "mission", "mission.toml"

SCREENS = ("fr", "en")
"""The languages of the screens: a mission has both, and may have more for its own texts."""
LEVELS = ("province", "district", "area")
"""The kinds of area, from the largest, as places.rules has them; a mission says what it calls each."""
CLOCKS = ("verification", "decision", "arrival", "feedback")
PRIORITIES = ("p1", "p2", "p3", "p4")
KINDS = ("mandate", "engagement")
READ, DRAFT = "read", "draft"
TERMS = ("liaison_assistant", "team_leader", "focal_point", "alert_network", "protection_team", "base")
THRESHOLDS = {"call_back_minutes": 240, "late_entry_minutes": 240, "silence_days": 90, "reprisal_days": 90}
"""What a mission sets for its desk, each with the most that makes sense."""

# 00 test, 01 call me, 09 all clear, 98 cancel mean the same everywhere. A sign of duress stands on no sheet (H03).
RESERVED_CODES = frozenset({"00", "01", "09", "98", "99"})
# Where the mission as a whole keeps people and roles.
RESERVED_COMPARTMENT = "mission"

MOST_BYTES = 256 * 1024
_SHORT, _LONG = 80, 4000
_MOST_MINUTES = 30 * 24 * 60
_YEARS = range(1970, 2101)
_CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_SIGN = re.compile(r"[0-9]{2}")
# Of the folder itself: no path leads out of it.
_PICTURE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\.svg")
# What acts on a page or a terminal: control characters but the line feed, and what turns the direction of text around.
_ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

T = TypeVar("T")


@dataclass(frozen=True)
class Wording:
    """The same said in several languages; in French and English always."""

    said: tuple[tuple[str, str], ...]

    def of(self, language: str) -> str:
        told = dict(self.said)
        return told.get(language) or told[SCREENS[0]]


@dataclass(frozen=True)
class Language:
    """`read_by`: who vouches for the mission's texts in it. A draft has nobody yet."""

    code: str
    name: str
    state: str
    read_by: str = ""
    read_on: date | None = None


@dataclass(frozen=True)
class Named:
    """A code and what people call it: a compartment, a level of areas, a term."""

    code: str
    name: Wording


@dataclass(frozen=True)
class Text:
    """A mandate, or rules of engagement: what holds from one day to another, both included."""

    kind: str
    title: Wording
    begins: date
    ends: date | None
    words: Wording

    def holds_on(self, day: date) -> bool:
        return self.begins <= day and (self.ends is None or day <= self.ends)

    def overlaps(self, other: Text) -> bool:
        first, second = sorted((self, other), key=lambda text: text.begins)
        return self.kind == other.kind and first.holds_on(second.begins)


@dataclass(frozen=True)
class Target:
    """How many minutes after it was received an alert should be that far, by priority, the most urgent first."""

    clock: str
    minutes: tuple[int, ...]


@dataclass(frozen=True)
class Sign:
    """A line of the code sheet."""

    code: str
    priority: int
    words: Wording


@dataclass(frozen=True)
class Reply:
    """A phrase that an SMS to a source may be. Nothing else is ever sent (H01)."""

    code: str
    words: Wording


@dataclass(frozen=True)
class Thresholds:
    call_back_minutes: int
    late_entry_minutes: int
    silence_days: int
    reprisal_days: int


@dataclass(frozen=True)
class Mission:
    code: str
    name: Wording
    logo: Logo
    time_zone: str
    language: str
    languages: tuple[Language, ...]
    levels: tuple[Named, ...]
    compartments: tuple[Named, ...]
    mandate: tuple[Text, ...]
    targets: tuple[Target, ...]
    thresholds: Thresholds
    terms: tuple[Named, ...]
    codes: tuple[Sign, ...]
    replies: tuple[Reply, ...] = ()

    def texts_on(self, day: date) -> tuple[Text, ...]:
        """What is in force on a day: at most one of each kind."""
        return tuple(text for text in self.mandate if text.holds_on(day))

    def office(self, code: str, language: str) -> str:
        """What the mission calls a compartment; one that it does not know keeps its code."""
        return _named(self.compartments, code, language) or code

    def term(self, code: str, language: str) -> str:
        """The mission's own word, or nothing where it says what everybody says."""
        return _named(self.terms, code, language)

    def reply(self, code: str) -> Reply | None:
        return next((one for one in self.replies if one.code == code), None)


def _named(listed: Iterable[Named], code: str, language: str) -> str:
    return next((one.name.of(language) for one in listed if one.code == code), "")


# Where missions are.


def shipped() -> tuple[str, ...]:
    """Those that come with the program, the default first."""
    found = {path.parent.name for path in SHIPPED.glob(f"*/{FILE}")}
    return (DEFAULT, *sorted(found - {DEFAULT}))


def find(given: str) -> Path:
    """A shipped name, or else a folder."""
    if given in shipped():
        return SHIPPED / given
    folder = Path(given).expanduser()
    if not given or not folder.is_dir():
        raise Refused("mission_not_found", given=given, known=", ".join(shipped()))
    return folder


def of_home(home: Path) -> Mission:
    """The mission of a node: its own folder where there is one, else the default."""
    own = home / FOLDER
    # A link that leads nowhere is a mission that is broken, not a node without one.
    return load(own if own.exists() or own.is_symlink() else SHIPPED / DEFAULT)


# Reading.


def load(folder: Path) -> Mission:
    file = folder / FILE
    try:
        raw = tomllib.loads(read(file, MOST_BYTES).decode("utf-8"))
    except ValueError as error:  # neither TOML nor UTF-8, or a number of more figures than Python reads
        raise Refused("mission_not_toml", file=str(file), error=str(error)) from error
    except RecursionError as error:
        raise Refused("mission_not_toml", file=str(file), error="nested too deeply") from error
    with _Table(str(file), "-", raw) as whole:
        return _mission(whole, folder)


def read(file: Path, most: int) -> bytes:
    """An ordinary file of ordinary size: a pipe would wait for ever."""
    try:
        if file.exists() and not file.is_file():
            raise Refused("mission_file_not_readable", file=str(file), error="NotAFile")
        with file.open("rb") as opened:
            found = opened.read(most + 1)
    except OSError as error:
        raise Refused("mission_file_not_readable", file=str(file), error=type(error).__name__) from error
    if len(found) > most:
        raise Refused("mission_file_too_large", file=str(file), most=most // 1024)
    return found


class _Table(AbstractContextManager["_Table"]):
    """A table of the file while it is read. What nobody asked for by the end of the block is refused by its name."""

    def __init__(self, file: str, row: str, raw: object, languages: frozenset[str] = frozenset(SCREENS)) -> None:
        self.file, self.row, self.languages = file, row, languages
        if not isinstance(raw, dict):
            raise Refused("mission_field_wrong", file=file, row=row, field="-")
        self.left: dict[str, Any] = dict(raw)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None and self.left:
            raise Refused("mission_field_unknown", file=self.file, row=self.row, field=min(self.left))

    def take(self, field: str) -> Any:
        if field not in self.left:
            raise Refused("mission_field_missing", file=self.file, row=self.row, field=field)
        return self.left.pop(field)

    def text(self, field: str, most: int = _SHORT) -> str:
        return self._checked(field, self.take(field), most)

    def _checked(self, field: str, said: object, most: int) -> str:
        if not isinstance(said, str) or not said.strip() or len(said) > most or _ACTING.search(said):
            raise Refused("mission_text_not_allowed", file=self.file, row=self.row, field=field, most=most)
        return said.strip()

    def words(self, field: str, most: int = _SHORT) -> Wording:
        """A text in French, in English, and in whatever other languages the mission has."""
        said = self.take(field)
        if not isinstance(said, dict):
            raise Refused("mission_field_wrong", file=self.file, row=self.row, field=field)
        for one in sorted(said.keys() - self.languages):
            raise Refused("mission_language_unknown", file=self.file, row=self.row, field=field, language=one)
        for one in sorted(set(SCREENS) - said.keys()):
            raise Refused("mission_language_missing", file=self.file, row=self.row, field=field, language=one)
        return Wording(tuple((one, self._checked(f"{field}.{one}", said[one], most)) for one in sorted(said)))

    def key(self, field: str, pattern: re.Pattern[str] = _CODE, reserved: Iterable[str] = ()) -> str:
        said = self.take(field)
        if not isinstance(said, str) or not pattern.fullmatch(said):
            raise Refused("mission_code_not_allowed", file=self.file, row=self.row, field=field, value=_short(said))
        if said in reserved:
            raise Refused("mission_code_reserved", file=self.file, row=self.row, field=field, value=said)
        return said

    def choice(self, field: str, known: Iterable[str]) -> str:
        said = self.take(field)
        if said not in tuple(known):
            at, listed, value = self.row, ", ".join(known), _short(said)
            raise Refused("mission_choice_unknown", file=self.file, row=at, field=field, value=value, known=listed)
        return str(said)

    def number(self, field: str, most: int) -> int:
        said = self.take(field)
        # For Python a truth is a number too.
        if type(said) is not int or not 1 <= said <= most:
            raise Refused("mission_number_not_allowed", file=self.file, row=self.row, field=field, most=most)
        return said

    def day(self, field: str) -> date:
        said = self.take(field)
        if not isinstance(said, date) or isinstance(said, datetime) or said.year not in _YEARS:
            raise Refused("mission_day_not_allowed", file=self.file, row=self.row, field=field)
        return said

    def zone(self, field: str) -> str:
        said = self.text(field)
        try:
            return ZoneInfo(said).key
        except (KeyError, ValueError, OSError) as error:
            raise Refused("mission_zone_unknown", file=self.file, row=self.row, field=field, value=said) from error

    def table(self, field: str, row: str = "") -> _Table:
        return _Table(self.file, f"[{row or field}]", self.take(field), self.languages)

    def rows(self, field: str, build: Callable[[_Table], T]) -> tuple[T, ...]:
        """Every row of a list of tables, each with its number; at least one."""
        found = self.take(field)
        if not isinstance(found, list) or not found:
            raise Refused("mission_field_wrong", file=self.file, row=f"[[{field}]]", field=field)
        built = []
        for place, raw in enumerate(found, 1):
            with _Table(self.file, f"[[{field}]] {place}", raw, self.languages) as row:
                built.append(build(row))
        return tuple(built)

    def twice(self, rows: str, field: str, values: Iterable[str]) -> None:
        """The first value that an earlier row has already."""
        before: set[str] = set()
        for place, value in enumerate(values, 1):
            if value in before:
                raise Refused("mission_said_twice", file=self.file, row=f"[[{rows}]] {place}", field=field, value=value)
            before.add(value)


def _short(said: object) -> str:
    """As a line of a terminal has it: a number may have more figures than Python writes."""
    return said[:_SHORT] if isinstance(said, str) else type(said).__name__


def _mission(whole: _Table, folder: Path) -> Mission:
    # Languages first: they say in what a text may be written.
    languages = whole.rows("languages", _language)
    _check_languages(whole, languages)
    whole.languages = frozenset(one.code for one in languages)
    with whole.table("mission") as told:
        head: dict[str, Any] = {
            "code": told.key("code"),
            "name": told.words("name", 60),
            "logo": _logo(folder / told.key("logo", _PICTURE)),
            "time_zone": told.zone("time_zone"),
            "language": told.choice("language", SCREENS),
        }
    found = Mission(
        **head,
        languages=languages,
        levels=_all_of(whole, "levels", LEVELS),
        compartments=_compartments(whole),
        mandate=_mandate(whole),
        targets=_targets(whole),
        thresholds=_thresholds(whole),
        terms=_some_of(whole, "terms", TERMS),
        codes=_codes(whole),
        replies=_replies(whole),
    )
    _check_replies(whole, found)
    return found


def _logo(file: Path) -> Logo:
    return logo.load(file, read(file, logo.MOST_BYTES))


def _language(row: _Table) -> Language:
    code, name, state = row.key("code", _LANGUAGE), row.text("name"), row.choice("state", (READ, DRAFT))
    if state == DRAFT:
        return Language(code, name, state)
    return Language(code, name, state, row.text("read_by"), row.day("read_on"))


def _check_languages(whole: _Table, languages: Iterable[Language]) -> None:
    codes = [one.code for one in languages]
    whole.twice("languages", "code", codes)
    for one in SCREENS:
        if one not in codes:
            raise Refused("mission_language_missing", file=whole.file, row="[[languages]]", field="code", language=one)


def _all_of(whole: _Table, field: str, codes: Iterable[str]) -> tuple[Named, ...]:
    with whole.table(field) as told:
        return tuple(Named(code, told.words(code)) for code in codes)


def _some_of(whole: _Table, field: str, codes: Iterable[str]) -> tuple[Named, ...]:
    if field not in whole.left:
        return ()
    with whole.table(field) as told:
        return tuple(Named(code, told.words(code)) for code in codes if code in told.left)


def _compartments(whole: _Table) -> tuple[Named, ...]:
    found = whole.rows(
        "compartments", lambda row: Named(row.key("code", reserved=[RESERVED_COMPARTMENT]), row.words("name"))
    )
    whole.twice("compartments", "code", (one.code for one in found))
    return found


def _mandate(whole: _Table) -> tuple[Text, ...]:
    found = whole.rows("mandate", _text)
    for place, text in enumerate(found, 1):
        if any(text.overlaps(other) for other in found[: place - 1]):
            raise Refused("mission_days_overlap", file=whole.file, row=f"[[mandate]] {place}", field="from")
    return found


def _text(row: _Table) -> Text:
    kind, title, begins = row.choice("kind", KINDS), row.words("title"), row.day("from")
    ends = row.day("until") if "until" in row.left else None
    if ends is not None and ends < begins:
        raise Refused("mission_days_turned", file=row.file, row=row.row, field="until")
    return Text(kind, title, begins, ends, row.words("words", _LONG))


def _targets(whole: _Table) -> tuple[Target, ...]:
    with whole.table("targets") as told:
        return tuple(_target(told, clock) for clock in CLOCKS)


def _target(told: _Table, clock: str) -> Target:
    with told.table(clock, f"targets.{clock}") as row:
        minutes = tuple(row.number(priority, _MOST_MINUTES) for priority in PRIORITIES)
        for priority, longer, shorter in zip(PRIORITIES, minutes[1:], minutes, strict=False):
            if longer < shorter:
                raise Refused("mission_target_slower", file=row.file, row=row.row, field=priority)
        return Target(clock, minutes)


def _thresholds(whole: _Table) -> Thresholds:
    with whole.table("thresholds") as told:
        return Thresholds(**{field: told.number(field, most) for field, most in THRESHOLDS.items()})


def _codes(whole: _Table) -> tuple[Sign, ...]:
    found = whole.rows("codes", _sign)
    whole.twice("codes", "code", (one.code for one in found))
    return found


def _sign(row: _Table) -> Sign:
    return Sign(row.key("code", _SIGN, RESERVED_CODES), row.number("priority", len(PRIORITIES)), row.words("words"))


def _replies(whole: _Table) -> tuple[Reply, ...]:
    """A mission without any sends no SMS at all."""
    if "replies" not in whole.left:
        return ()
    found = whole.rows("replies", lambda row: Reply(row.key("code"), row.words("words", replies.LONGEST)))
    whole.twice("replies", "code", (one.code for one in found))
    return found


def _check_replies(whole: _Table, found: Mission) -> None:
    """None says who writes or which place it is about."""
    names = [found.code, *_said(found.name), *(text for one in found.compartments for text in _said(one.name))]
    phrases = [text for one in (*found.levels, *found.terms) for text in _said(one.name)]
    for place, one in enumerate(found.replies, 1):
        for language, text in one.words.said:
            wrong = replies.fault(text, names=names, phrases=phrases)
            if wrong:
                row, field = f"[[replies]] {place}", f"words.{language}"
                raise Refused("mission_reply_not_allowed", file=whole.file, row=row, field=field, value=wrong)


def _said(words: Wording) -> tuple[str, ...]:
    return tuple(text for _language, text in words.said)
