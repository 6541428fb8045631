"""What happens when somebody forges, upgrades, erases, or writes where he may not; told as in test_merge_scenarios.py.

Bensa, Davi and Tolo work in the north, Suma in the south. Reports and steps are those of the simulation.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.ledger.simulation.stories import Story, check, story

FORGED = (
    story(
        "Two writes that claim to have seen each other both stand, and it is a problem",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | a c  | title=Bridge open
        c | Tolo  | 09:20 | a b  | title=Bridge guarded
        """,
        leaves="b c",
        value="title=Bridge guarded",
        conflict=True,
        problems=("seen_in_a_circle words",),
    ),
    story(
        "Whoever has seen all of a circle ends it",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | a c  | title=Bridge open
        c | Tolo  | 09:20 | a b  | title=Bridge guarded
        d | Bensa | 09:30 | b c  | title=Bridge blocked
        """,
        leaves="d",
        value="title=Bridge blocked",
        problems=("seen_in_a_circle words",),
    ),
    story(
        "A circle of three, of which somebody has seen one: the other two stand beside him",
        """
        a | Bensa | 09:00 | born | urgency=now
        b | Davi  | 09:10 | d    | title=One
        c | Tolo  | 09:20 | b    | title=Two
        d | Davi  | 09:30 | c    | title=Three
        e | Bensa | 09:40 | b    | title=Four
        """,
        leaves="c d e",
        value="title=Four",
        conflict=True,
        problems=("seen_in_a_circle words",),
    ),
    story(
        "A write that claims to have seen itself does not remove itself",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | a b  | title=Bridge open
        """,
        leaves="b",
        value="title=Bridge open",
        problems=("seen_in_a_circle words",),
    ),
    story(
        "A forger claims to have seen what another will write: he cannot make it disappear",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Suma  | 09:10 | a c  | title=Nothing here
        c | Tolo  | 09:20 | a    | title=Bridge guarded
        """,
        leaves="c",
        value="title=Bridge guarded",
        problems=("foreign_write south",),
    ),
    story(
        "A write that names what comes later replaces it, if that one had not seen it",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | a c  | title=Bridge open
        c | Tolo  | 09:20 | a    | title=Bridge guarded
        """,
        leaves="b",
        value="title=Bridge open",
    ),
    story(
        "Having seen a write that never comes counts for nothing",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | ?    | title=Bridge open
        """,
        leaves="a b",
        value="title=Bridge open",
        conflict=True,
    ),
)

VERSIONS = (
    story(
        "A newer program's write is shown as far as we know it, and marked",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | a    | title=Bridge open | version 9, a new field
        """,
        leaves="b",
        value="title=Bridge open",
        newer=True,
    ),
    story(
        "A newer program's value that fits no column of ours is left out, and marked",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | a    | title=Bridge open | version 9, a number now
        """,
        leaves="b",
        value="title=",
        newer=True,
    ),
    story(
        "Once somebody has replaced what was newer, the mark goes",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | a    | title=Bridge open | version 9
        c | Tolo  | 09:20 | b    | title=Bridge guarded
        """,
        leaves="c",
        value="title=Bridge guarded",
    ),
    story(
        "A group that only a newer program knows waits for it; the rest stands",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | -    | title=unknown | a group of tomorrow
        """,
        leaves="a",
        value="title=Bridge closed",
        newer=True,
    ),
    story(
        "An old program's write is read in today's words: its contact has a group of its own now",
        """
        a | Bensa | 09:00 | born | contact=Ana, by radio | version 1
        """,
        leaves="a",
        value="contact=Ana, by radio",
    ),
    story(
        "An old and a new program make the same record: it is one birth",
        """
        a | Bensa | 09:00 | born | title=Level two | version 1
        b | Davi  | 09:05 | born | title=Level two
        """,
        leaves="a+b",
        value="title=Level two",
    ),
    story(
        "Two versions edit the same thing: as any two bases",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:30 | a    | title=Bridge open | version 1
        c | Tolo  | 09:20 | a    | title=Bridge guarded
        """,
        leaves="b c",
        value="title=Bridge open",
        conflict=True,
    ),
    story(
        "A write that nobody can read is refused, shows as a problem, and harms nothing else",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | a    | title=Bridge open | ill-shaped
        """,
        leaves="a",
        value="title=Bridge closed",
        problems=("bad_shape",),
    ),
    story(
        "A value that no column can hold is refused",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | a    | title=Bridge open | too long
        """,
        leaves="a",
        value="title=Bridge closed",
        problems=("bad_shape words",),
    ),
)

ERASING = (
    story(
        "An erased group is empty, and says so; the others stand",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | -    | urgency=now
        c | Tolo  | 09:20 | -    | erase words
        """,
        leaves="",
        value="title=",
        erased="words",
    ),
    story(
        "Erasing the newest words does not bring back the older ones",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | a    | title=Ana saw it
        c | Tolo  | 09:20 | -    | erase words
        """,
        leaves="",
        value="title=",
        erased="words",
    ),
    story(
        "A write that was under way when the words were erased is erased on arrival",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        c | Tolo  | 09:20 | -    | erase words
        b | Davi  | 09:30 | a    | title=Ana saw it
        """,
        leaves="",
        value="title=",
        erased="words",
    ),
    story(
        "Erasing one group leaves another's words",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | -    | contact=Ana
        c | Tolo  | 09:20 | -    | erase contact
        """,
        leaves="a",
        value="title=Bridge closed",
        erased="contact",
    ),
    story(
        "An old body holds title and contact: it goes whole when the contact goes, so the title is written anew first",
        """
        a | Bensa | 09:00 | born | title=Bridge closed | version 1
        b | Tolo  | 09:20 | a    | title=Bridge closed
        c | Tolo  | 09:20 | -    | erase contact
        """,
        leaves="b",
        value="title=Bridge closed",
        erased="contact",
    ),
    story(
        "What nobody could read goes with whatever is erased of its record",
        """
        a | Bensa | 09:00 | born | urgency=now
        b | Davi  | 09:10 | a    | title=Ana saw it | ill-shaped
        c | Tolo  | 09:20 | -    | erase contact
        """,
        leaves="a",
        value="urgency=now",
        erased="contact",
    ),
    story(
        "A record erased as a whole is not here, whatever still arrives",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | -    | erase all
        c | Tolo  | 09:20 | a    | title=Bridge open
        d | Tolo  | 09:30 | born | title=Bridge closed
        """,
        here=False,
    ),
    story(
        "A step goes with its report",
        """
        a     | Bensa | 09:00 | born  | title=Bridge closed
        step1 | Davi  | 09:10 | born  | words=Called Ana
        b     | Tolo  | 09:20 | -     | erase all
        step2 | Davi  | 09:30 | step1 | words=Called again
        """,
        here=False,
        of="step",
    ),
    story(
        "A step erased alone leaves its report",
        """
        a     | Bensa | 09:00 | born | title=Bridge closed
        step1 | Davi  | 09:10 | born | words=Called Ana
        step2 | Tolo  | 09:20 | -    | erase all
        """,
        leaves="a",
        value="title=Bridge closed",
    ),
)

COMPARTMENTS = (
    story(
        "A write from another compartment is refused, shows as a problem, and replaces nothing",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Suma  | 09:10 | a    | title=Nothing here
        """,
        leaves="a",
        value="title=Bridge closed",
        problems=("foreign_write south",),
    ),
    story(
        "A birth in another compartment takes nothing over, however early its clock",
        """
        a | Bensa | 09:00 -0 | born | title=Bridge closed
        b | Suma  | 09:00 -3 | born | title=Nothing here
        """,
        leaves="a",
        value="title=Bridge closed",
        problems=("foreign_write south",),
    ),
    story(
        "An erasure from another compartment erases nothing",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Suma  | 09:10 | -    | erase all
        """,
        leaves="a",
        value="title=Bridge closed",
    ),
)

STORIES = (*FORGED, *VERSIONS, *ERASING, *COMPARTMENTS)


@pytest.mark.parametrize("story", STORIES, ids=[one.title for one in STORIES])
def test_story(story: Story) -> None:
    check(story)


WRONG = {
    "problems": replace(FORGED[0], problems=()),
    "newer": replace(VERSIONS[0], newer=False),
    "erased": replace(ERASING[0], erased=""),
    "what stands beside an erased group": replace(ERASING[3], leaves=""),
    "a whole record erased": replace(ERASING[6], here=True),
    "refused from elsewhere": replace(COMPARTMENTS[0], leaves="b"),
}


@pytest.mark.parametrize("story", WRONG.values(), ids=WRONG)
def test_control_a_story_told_wrong_fails(story: Story) -> None:
    with pytest.raises(AssertionError):
        check(story)
