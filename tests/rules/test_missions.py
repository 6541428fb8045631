"""A mission's folder: the shipped ones load, and all that can be wrong in one is named by file, row and field."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.repo import tree
from ulinzi.accounts.rules import HOME, Role
from ulinzi.cli import commands
from ulinzi.cli.mission import PASTS
from ulinzi.kernel import logo, mission
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import init
from ulinzi.places.rules import KINDS as AREA_KINDS

TOML = (mission.SHIPPED / "belavi" / mission.FILE).read_text(encoding="utf-8")
LOGO = (mission.SHIPPED / "belavi" / "logo.svg").read_text(encoding="utf-8")


def folder(tmp_path: Path, toml: str = TOML, drawing: str | bytes = LOGO) -> Path:
    made = tmp_path / "broken"
    made.mkdir()
    (made / mission.FILE).write_text(toml, encoding="utf-8")
    (made / "logo.svg").write_bytes(drawing if isinstance(drawing, bytes) else drawing.encode())
    return made


def refusal(path: Path) -> Refused:
    with pytest.raises(Refused) as refused:
        mission.load(path)
    return refused.value


# The shipped missions.


@pytest.mark.parametrize("code", mission.shipped())
def test_a_shipped_mission_loads_and_is_called_by_its_folder(code: str) -> None:
    found = mission.load(mission.find(code))
    assert found.code == code
    assert [one.code for one in found.levels] == list(mission.LEVELS)
    assert [one.clock for one in found.targets] == list(mission.CLOCKS)


def test_two_unlike_missions_are_shipped() -> None:
    """What is the same in both is proved by neither."""
    first, second = (mission.load(mission.find(code)) for code in mission.shipped())
    unlike = ("code", "name", "logo", "time_zone", "language", "levels", "mandate", "targets", "thresholds", "terms")
    assert [name for name in unlike if getattr(first, name) == getattr(second, name)] == []
    codes = [{one.code for one in found.compartments} for found in (first, second)]
    assert codes[0] & codes[1] == set() and len(codes[0]) != len(codes[1])


def test_what_the_commands_offer_is_what_is_shipped_and_has_a_past() -> None:
    assert mission.shipped() == commands.MISSIONS == tuple(PASTS)
    for code, past in PASTS.items():
        found = mission.load(mission.find(code))
        assert set(past.areas) == {one.code for one in found.compartments}
        assert {story.compartment for story in past.stories} == set(past.areas)


def test_words_kept_twice_are_the_same_in_both_places() -> None:
    assert mission.LEVELS == AREA_KINDS
    assert mission.RESERVED_COMPARTMENT == HOME
    assert mission._CODE.pattern == init.COMPARTMENT.pattern
    assert {"liaison_assistant", "team_leader"} == set(mission.TERMS) & set(Role)


# In force or not, and words in a language.


@pytest.mark.parametrize(
    ("day", "title"),
    [
        (date(2025, 6, 30), None),
        (date(2025, 7, 1), "First mandate"),
        (date(2026, 6, 30), "First mandate"),
        (date(2026, 7, 1), "Renewed mandate"),
        (date(2029, 6, 30), "Renewed mandate"),
        (date(2029, 7, 1), None),
    ],
)
def test_a_mandate_holds_from_its_first_day_to_its_last(day: date, title: str | None) -> None:
    found = mission.load(mission.find("belavi"))
    titles = [text.title.of("en") for text in found.texts_on(day) if text.kind == "mandate"]
    assert titles == ([title] if title else [])


def test_words_are_said_in_the_language_asked_for_or_in_french() -> None:
    level = mission.load(mission.find("osmere")).levels[0]
    said = [level.name.of(language) for language in ("en", "qom", "fr", "qsk")]
    assert said == ["county", "rathe", "comté", "comté"]


def test_an_office_that_the_mission_does_not_know_keeps_its_code() -> None:
    found = mission.load(mission.find("osmere"))
    assert (found.office("delta", "en"), found.office("north", "en")) == ("Delta station", "north")


def test_a_mission_made_before_sends_no_sms(tmp_path: Path) -> None:
    found = mission.load(folder(tmp_path, TOML.split("[[replies]]")[0]))
    assert found.replies == () and found.reply("thanks") is None
    assert mission.load(mission.find("belavi")).reply("thanks") is not None


# What is refused.


class Fault(NamedTuple):
    """One thing changed in a mission that is whole, and what is said of it."""

    before: str
    after: str
    code: str
    row: str
    field: str


NORTH = 'name = { fr = "Bureau nord, Belavi", en = "North office, Belavi" }'
FIRST = "[targets.verification]\np1 = 30\np2 = 120\np3 = 720\np4 = 2880\n"
FAULTS = {
    "not TOML": Fault("[mission]", "[mission", "mission_not_toml", "", ""),
    "more figures than Python reads": Fault("p2 = 120\n", f"p2 = {'9' * 5000}\n", "mission_not_toml", "", ""),
    "more figures than Python writes": Fault(
        'language = "fr"', f"language = 0x{'f' * 5000}", "mission_choice_unknown", "[mission]", "language"
    ),
    "a key twice": Fault('language = "fr"', 'language = "fr"\nlanguage = "en"', "mission_not_toml", "", ""),
    "a key left out": Fault('time_zone = "Etc/GMT-2"\n', "", "mission_field_missing", "[mission]", "time_zone"),
    "a table left out": Fault("[thresholds]", "[terms.x]", "mission_field_missing", "-", "thresholds"),
    "a key too many": Fault(
        'code = "belavi"', 'code = "belavi"\nforce = "x"', "mission_field_unknown", "[mission]", "force"
    ),
    "a table too many": Fault("[terms]", "[outline]\nx = 1\n[terms]", "mission_field_unknown", "-", "outline"),
    "an unknown term": Fault("[terms]", "[terms]\narmy = 1", "mission_field_unknown", "[terms]", "army"),
    "a number for a table": Fault(
        FIRST, "[targets]\nverification = 30\n", "mission_field_wrong", "[targets.verification]", "-"
    ),
    "a table for a list": Fault('[[codes]]\ncode = "11"', '[codes]\ncode = "11"', "mission_not_toml", "", ""),
    "no words but a text": Fault(NORTH, 'name = "North"', "mission_field_wrong", "[[compartments]] 1", "name"),
    "an empty text": Fault(
        'fr = "Bureau nord, Belavi"', 'fr = " "', "mission_text_not_allowed", "[[compartments]] 1", "name.fr"
    ),
    "a text too long": Fault("Bureau nord", "x" * 81, "mission_text_not_allowed", "[[compartments]] 1", "name.fr"),
    "a hidden sign": Fault(
        "Bureau nord", "Bureau\\u202enord", "mission_text_not_allowed", "[[compartments]] 1", "name.fr"
    ),
    "no English": Fault(', en = "North office, Belavi"', "", "mission_language_missing", "[[compartments]] 1", "name"),
    "no French at all": Fault('code = "fr"', 'code = "qfr"', "mission_language_missing", "[[languages]]", "code"),
    "a language of no list": Fault(
        'en = "North', 'qzz = "Za", en = "North', "mission_language_unknown", "[[compartments]] 1", "name"
    ),
    "a code with capitals": Fault(
        'code = "north"', 'code = "North"', "mission_code_not_allowed", "[[compartments]] 1", "code"
    ),
    "a code that is no text": Fault('code = "23"', "code = 23", "mission_code_not_allowed", "[[codes]] 5", "code"),
    "a logo elsewhere": Fault('"logo.svg"', '"../logo.svg"', "mission_code_not_allowed", "[mission]", "logo"),
    "the mission's own compartment": Fault(
        '"north"', '"mission"', "mission_code_reserved", "[[compartments]] 1", "code"
    ),
    "a sign of duress": Fault('code = "81"', 'code = "99"', "mission_code_reserved", "[[codes]] 10", "code"),
    "a third screen language": Fault(
        'language = "fr"', 'language = "qbt"', "mission_choice_unknown", "[mission]", "language"
    ),
    "an unknown state": Fault(
        'state = "draft"', 'state = "fine"', "mission_choice_unknown", "[[languages]] 1", "state"
    ),
    "a kind that is a list": Fault(
        'kind = "engagement"', "kind = [1]", "mission_choice_unknown", "[[mandate]] 3", "kind"
    ),
    "a draft that was read": Fault(
        'state = "draft"', 'state = "draft"\nread_by = "X"', "mission_field_unknown", "[[languages]] 1", "read_by"
    ),
    "read by nobody": Fault('read_by = "Tomas Vessin"\n', "", "mission_field_missing", "[[languages]] 3", "read_by"),
    "a compartment twice": Fault(
        'code = "south"', 'code = "north"', "mission_said_twice", "[[compartments]] 2", "code"
    ),
    "a code twice": Fault('code = "12"', 'code = "11"', "mission_said_twice", "[[codes]] 2", "code"),
    "a language twice": Fault('code = "qbt"', 'code = "fr"', "mission_said_twice", "[[languages]] 3", "code"),
    "no minutes": Fault("p1 = 30\n", "p1 = 0\n", "mission_number_not_allowed", "[targets.verification]", "p1"),
    "a month of minutes": Fault(
        "p4 = 2880\n", "p4 = 43201\n", "mission_number_not_allowed", "[targets.verification]", "p4"
    ),
    "yes is no number": Fault(
        "silence_days = 7", "silence_days = true", "mission_number_not_allowed", "[thresholds]", "silence_days"
    ),
    "a fifth priority": Fault("priority = 4", "priority = 5", "mission_number_not_allowed", "[[codes]] 10", "priority"),
    "more time for what is urgent": Fault(
        "p2 = 120\n", "p2 = 721\n", "mission_target_slower", "[targets.verification]", "p2"
    ),
    "a day as a text": Fault(
        "from = 2026-07-01", 'from = "2026-07-01"', "mission_day_not_allowed", "[[mandate]] 2", "from"
    ),
    "a day with a time": Fault(
        "from = 2026-07-01", "from = 2026-07-01T08:00:00", "mission_day_not_allowed", "[[mandate]] 2", "from"
    ),
    "a day of another age": Fault(
        "from = 2025-07-01\nuntil", "from = 0825-07-01\nuntil", "mission_day_not_allowed", "[[mandate]] 1", "from"
    ),
    "over before it began": Fault(
        "until = 2026-06-30", "until = 2025-06-30", "mission_days_turned", "[[mandate]] 1", "until"
    ),
    "two mandates on one day": Fault(
        "until = 2026-06-30", "until = 2026-07-01", "mission_days_overlap", "[[mandate]] 2", "from"
    ),
    "an endless first mandate": Fault("until = 2026-06-30\n", "", "mission_days_overlap", "[[mandate]] 2", "from"),
    "no such zone": Fault("Etc/GMT-2", "Africa/Belavi", "mission_zone_unknown", "[mission]", "time_zone"),
    "a folder of zones": Fault("Etc/GMT-2", "Africa", "mission_zone_unknown", "[mission]", "time_zone"),
    "a file of this machine": Fault("Etc/GMT-2", "/etc/passwd", "mission_zone_unknown", "[mission]", "time_zone"),
    "an SMS that says who writes": Fault(
        "Merci et bonne", "La mission et bonne", "mission_reply_not_allowed", "[[replies]] 1", "words.fr"
    ),
    "an SMS that says from where": Fault(
        "Thank you, and", "Belavi thanks you,", "mission_reply_not_allowed", "[[replies]] 1", "words.en"
    ),
    "an SMS with the word for a base": Fault(
        "It will be", "The forward post will be", "mission_reply_not_allowed", "[[replies]] 3", "words.en"
    ),
    "an SMS of two": Fault("Merci et bonne", "m" * 141, "mission_text_not_allowed", "[[replies]] 1", "words.fr"),
    "an SMS twice": Fault('code = "later"', 'code = "done"', "mission_said_twice", "[[replies]] 3", "code"),
    "no logo": Fault('"logo.svg"', '"other.svg"', "mission_file_not_readable", "", ""),
    "too long a file": Fault("[mission]", "#" * mission.MOST_BYTES + "\n[mission]", "mission_file_too_large", "", ""),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_refused_by_file_row_and_field(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    assert fault.before in TOML
    error = refusal(folder(tmp_path, TOML.replace(fault.before, fault.after, 1)))
    assert error.code == fault.code
    assert Path(str(error.values["file"])).parent == tmp_path / "broken"
    assert all(len(str(told)) < 500 for told in error.values.values()), "it has to fit on a terminal"
    if fault.row:
        assert (error.values["row"], error.values["field"]) == (fault.row, fault.field)


def test_control_without_the_fault_the_same_folder_loads(tmp_path: Path) -> None:
    assert mission.load(folder(tmp_path)) == mission.load(mission.find("belavi"))


DRAWN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">%s</svg>'
DRAWINGS = {
    "no drawing": ("not a picture", "-", "ParseError"),
    "an entity": ('<!DOCTYPE svg [<!ENTITY a "b">]>' + DRAWN % "<path/>", "-", "ValueError"),
    "an entity in another encoding": (("<!DOCTYPE svg>" + DRAWN % "").encode("utf-16"), "-", "UnicodeDecodeError"),
    "no box": (DRAWN.replace("0 0 8 8", "a") % "", "svg", "viewBox"),
    "another kind of file": ('<html viewBox="0 0 8 8"/>', "svg", "viewBox"),
    "a script": (DRAWN % "<script>alert(1)</script>", "script", "-"),
    "a script of another kind": (DRAWN % '<script xmlns="http://www.w3.org/1999/xhtml"/>', "", "-"),
    "a style": (DRAWN % "<style>*{display:none}</style>", "style", "-"),
    "a foreign page": (DRAWN % "<foreignObject/>", "foreignObject", "-"),
    "another drawing": (DRAWN % '<use href="#x"/>', "use", "-"),
    "text": (DRAWN % "<g>words</g>", "g", "-"),
    "text after": (DRAWN % "<g/>words", "g", "-"),
    "an order": (DRAWN % '<g onload="alert(1)"/>', "g", "onload"),
    "a class": (DRAWN % '<g class="btn"/>', "g", "class"),
    "an order on top": (DRAWN.replace("viewBox", 'onload="x" viewBox') % "", "svg", "onload"),
    "a colour": (DRAWN % '<path fill="#00f"/>', "path", "fill"),
    "an address": (DRAWN % '<path fill="url(http://example.org)"/>', "path", "fill"),
    "markup in a value": (DRAWN % '<path d="M0 0&quot;&gt;"/>', "path", "d"),
    "a pit": (DRAWN % ("<g>" * 2000 + "</g>" * 2000), "g", "-"),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_logo_that_could_do_something_is_refused(name: str, tmp_path: Path) -> None:
    drawing, row, field = DRAWINGS[name]
    error = refusal(folder(tmp_path, drawing=drawing))
    assert (error.code, error.values["field"]) == ("mission_logo_not_allowed", field)
    assert row in str(error.values["row"])


def test_control_a_plain_logo_is_drawn_anew(tmp_path: Path) -> None:
    found = mission.load(folder(tmp_path, drawing=DRAWN % '<!-- a hill --><path d="M0 8L4 0" fill="none"/>'))
    assert (found.logo.box, found.logo.drawing) == ("0 0 8 8", '<g><path d="M0 8L4 0" fill="none"></path></g>')


def test_a_logo_larger_than_a_page_is_refused(tmp_path: Path) -> None:
    error = refusal(folder(tmp_path, drawing=LOGO + " " * logo.MOST_BYTES))
    assert (error.code, Path(str(error.values["file"])).name) == ("mission_file_too_large", "logo.svg")


def test_every_refusal_of_the_reader_is_in_these_tables() -> None:
    raised = set(re.findall(r'Refused\(\s*"(\w+)"', (tree.SRC / "kernel" / "mission.py").read_text()))
    assert raised - {fault.code for fault in FAULTS.values()} == {"mission_not_found"}


# Where a mission is looked for.


@pytest.mark.parametrize("given", ["", "nowhere", "Belavi", "belavi/mission.toml"])
def test_a_mission_that_is_neither_shipped_nor_a_folder_is_refused(given: str) -> None:
    with pytest.raises(Refused, match=r"mission_not_found.*known=belavi, osmere"):
        mission.find(given)


def test_a_home_has_its_own_mission_or_the_default(tmp_path: Path) -> None:
    assert mission.of_home(tmp_path).code == "belavi"
    shutil.copytree(mission.find("osmere"), tmp_path / mission.FOLDER)
    assert mission.of_home(tmp_path).code == "osmere"


@pytest.mark.parametrize("way", ["empty", "a file", "a link that leads nowhere"])
def test_a_home_whose_mission_is_broken_does_not_fall_back_to_the_default(tmp_path: Path, way: str) -> None:
    own = tmp_path / mission.FOLDER
    {"empty": own.mkdir, "a file": own.touch}.get(way, lambda: own.symlink_to(tmp_path / "gone"))()
    with pytest.raises(Refused, match="mission_file_not_readable"):
        mission.of_home(tmp_path)
