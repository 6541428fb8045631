"""What happens when: who wrote what, having seen what, and what stands then. `simulation/stories.py` reads the tables.

The ordinary cases; forged writes, versions, erasures and compartments are in test_merge_hard_cases.py.

Bensa, Davi and Tolo work in the north, Suma in the south. Reports and steps are those of the simulation.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.ledger.simulation.stories import Story, check, story

ORDINARY = (
    story(
        "A record is what it was born with",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        """,
        leaves="a",
        value="title=Bridge closed",
    ),
    story(
        "Whoever writes after having seen replaces",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | a    | title=Bridge open
        """,
        leaves="b",
        value="title=Bridge open",
    ),
    story(
        "Three bases, one after the other",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | a    | title=Bridge open
        c | Tolo  | 09:20 | b    | title=Bridge guarded
        """,
        leaves="c",
        value="title=Bridge guarded",
    ),
    story(
        "Two bases edit the same thing: the later clock is shown, the conflict too, and nothing is lost",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:30 | a    | title=Bridge open
        c | Tolo  | 09:20 | a    | title=Bridge guarded
        """,
        leaves="b c",
        value="title=Bridge open",
        conflict=True,
    ),
    story(
        "Two bases edit different groups: no conflict, both stand",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:30 | a    | title=Bridge open
        c | Tolo  | 09:20 | -    | urgency=now
        """,
        leaves="b",
        value="title=Bridge open",
    ),
    story(
        "Two bases write the same: two writes stand, but nobody has to choose",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:30 | a    | title=Bridge open
        c | Tolo  | 09:20 | a    | title=Bridge open
        """,
        leaves="b c",
        value="title=Bridge open",
    ),
    story(
        "Nobody wrote this group: it is empty",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        """,
        leaves="",
        value="source=",
    ),
    story(
        "An edit that arrives before the birth waits in the log",
        """
        b | Davi | 09:30 | ? | title=Bridge open
        """,
        here=False,
    ),
)

SETTLING = (
    story(
        "Whoever has seen both settles it",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:30 | a    | title=Bridge open
        c | Tolo  | 09:20 | a    | title=Bridge guarded
        d | Bensa | 10:00 | b c  | title=Bridge open, guarded
        """,
        leaves="d",
        value="title=Bridge open, guarded",
    ),
    story(
        "Settling may choose the value that was not shown",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:30 | a    | title=Bridge open
        c | Tolo  | 09:20 | a    | title=Bridge guarded
        d | Bensa | 10:00 | b c  | title=Bridge guarded
        """,
        leaves="d",
        value="title=Bridge guarded",
    ),
    story(
        "Whoever has seen only the value that was shown settles nothing",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:30 | a    | title=Bridge open
        c | Tolo  | 09:20 | a    | title=Bridge guarded
        d | Bensa | 10:00 | b    | title=Bridge blocked
        """,
        leaves="c d",
        value="title=Bridge blocked",
        conflict=True,
    ),
    story(
        "Two people settle it differently: that is one conflict, not three",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:30 | a    | title=Bridge open
        c | Tolo  | 09:20 | a    | title=Bridge guarded
        d | Bensa | 10:00 | b c  | title=Bridge open
        e | Davi  | 10:01 | b c  | title=Bridge guarded
        """,
        leaves="d e",
        value="title=Bridge guarded",
        conflict=True,
    ),
    story(
        "Two people settle it alike: settled",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:30 | a    | title=Bridge open
        c | Tolo  | 09:20 | a    | title=Bridge guarded
        d | Bensa | 10:00 | b c  | title=Bridge open
        e | Davi  | 10:01 | b c  | title=Bridge open
        """,
        leaves="d e",
        value="title=Bridge open",
    ),
    story(
        "Keep both: sent from a form that had not shown the other, on one node too",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Bensa | 09:30 | a    | title=Bridge open
        c | Bensa | 09:31 | a    | title=Bridge guarded
        """,
        leaves="b c",
        value="title=Bridge guarded",
        conflict=True,
    ),
)

SCALES = (
    story(
        "On a scale the highest stands, whatever the clocks say",
        """
        a | Bensa | 09:00 | born | urgency=routine
        b | Davi  | 09:10 | a    | urgency=now
        c | Tolo  | 09:20 | a    | urgency=soon
        """,
        leaves="b c",
        value="urgency=now",
        conflict=True,
    ),
    story(
        "Undo: whoever has seen the highest may lower it",
        """
        a | Bensa | 09:00 | born | urgency=now
        b | Davi  | 09:10 | a    | urgency=routine
        """,
        leaves="b",
        value="urgency=routine",
    ),
    story(
        "Lowered here, raised there: what was raised stands until somebody has seen both",
        """
        a | Bensa | 09:00 | born | urgency=soon
        b | Davi  | 09:30 | a    | urgency=routine
        c | Tolo  | 09:10 | a    | urgency=now
        """,
        leaves="b c",
        value="urgency=now",
        conflict=True,
    ),
    story(
        "Nothing said ranks lowest",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:30 | -    | urgency=
        c | Tolo  | 09:10 | -    | urgency=routine
        """,
        leaves="b c",
        value="urgency=routine",
        conflict=True,
    ),
    story(
        "A code that only a newer version knows ranks highest, and shows that a newer version is needed",
        """
        a | Bensa | 09:00 | born | urgency=now
        b | Davi  | 09:10 | a    | urgency=beyond
        c | Tolo  | 09:20 | a    | urgency=flash
        """,
        leaves="b c",
        value="urgency=beyond",
        conflict=True,
        newer=True,
    ),
)

LISTS = (
    story(
        "Two bases add to a list: both are there, and nobody has to choose",
        """
        a | Bensa | 09:00 | born | tiers=dialogue
        b | Davi  | 09:10 | a    | tiers=dialogue,physical
        c | Tolo  | 09:20 | a    | tiers=dialogue,environment
        """,
        leaves="b c",
        value="tiers=dialogue,environment,physical",
    ),
    story(
        "Whoever has seen a code may take it out",
        """
        a | Bensa | 09:00 | born | tiers=dialogue,physical
        b | Davi  | 09:10 | a    | tiers=physical
        """,
        leaves="b",
        value="tiers=physical",
    ),
    story(
        "Taken out here, kept there: it stays until somebody has seen both",
        """
        a | Bensa | 09:00 | born | tiers=dialogue,physical
        b | Davi  | 09:10 | a    | tiers=physical
        c | Tolo  | 09:20 | a    | tiers=dialogue,environment,physical
        """,
        leaves="b c",
        value="tiers=dialogue,environment,physical",
    ),
)

BIRTHS = (
    story(
        "What is fixed stays as it was born, and a later write is a problem",
        """
        a | Bensa | 09:00 | born | source=radio
        b | Davi  | 09:10 | a    | source=rumour
        """,
        leaves="a",
        value="source=radio",
        problems=("fixed_rewritten origin",),
    ),
    story(
        "Two births that differ in what is fixed: the earlier counts, and it is a problem",
        """
        a | Bensa | 09:10 | born | source=radio
        b | Davi  | 09:00 | born | source=rumour
        """,
        leaves="b",
        value="source=rumour",
        problems=("two_births origin",),
    ),
    story(
        "The same record made by two nodes is made once",
        """
        a | Bensa | 09:00 | born | title=Level two
        b | Davi  | 09:05 | born | title=Level two
        """,
        leaves="a+b",
        value="title=Level two",
    ),
    story(
        "Whoever saw one of two equal births saw both",
        """
        a | Bensa | 09:00 | born | title=Level two
        b | Davi  | 09:05 | born | title=Level two
        c | Tolo  | 09:10 | b    | title=Level three
        """,
        leaves="c",
        value="title=Level three",
    ),
    story(
        "The same record made from different inputs is a conflict like any other",
        """
        a | Bensa | 09:00 | born | title=Level two
        b | Davi  | 09:05 | born | title=Level 2
        """,
        leaves="a b",
        value="title=Level 2",
        conflict=True,
    ),
    story(
        "Having seen nothing is not a birth: equal writes stay two",
        """
        a | Bensa | 09:00 | born | urgency=now
        b | Davi  | 09:05 | -    | title=Level two
        c | Tolo  | 09:06 | -    | title=Level two
        d | Tolo  | 09:07 | c    | title=Level three
        """,
        leaves="b d",
        value="title=Level three",
        conflict=True,
    ),
)

GROUPS = (
    story(
        "One corrects the longitude, the other the latitude: a place that nobody reported is never shown",
        """
        a | Bensa | 09:00 | born | lon=100 lat=200
        b | Davi  | 09:10 | a    | lon=111 lat=200
        c | Tolo  | 09:20 | a    | lon=100 lat=222
        """,
        leaves="b c",
        value="lon=100 lat=222",
        conflict=True,
    ),
)

CLOCKS = (
    story(
        "A clock three days ahead wins nothing against somebody who has seen its write",
        """
        a | Bensa | 09:00    | born | title=Bridge closed
        b | Davi  | 09:10 +3 | a    | title=Bridge open
        c | Tolo  | 09:20    | b    | title=Bridge guarded
        """,
        leaves="c",
        value="title=Bridge guarded",
    ),
    story(
        "A clock three days ahead breaks a tie, and loses nobody's data: the conflict shows both",
        """
        a | Bensa | 09:00    | born | title=Bridge closed
        b | Davi  | 09:10 +3 | a    | title=Bridge open
        c | Tolo  | 09:20    | a    | title=Bridge guarded
        """,
        leaves="b c",
        value="title=Bridge open",
        conflict=True,
    ),
    story(
        "A clock three days behind loses nothing: it has seen, so it replaces",
        """
        a | Bensa | 09:00    | born | title=Bridge closed
        b | Davi  | 09:10 -3 | a    | title=Bridge open
        """,
        leaves="b",
        value="title=Bridge open",
    ),
    story(
        "The same clock to the millisecond: the feed's id decides, everywhere alike",
        """
        a | Bensa | 09:00 | born | title=Bridge closed
        b | Davi  | 09:10 | a    | title=Bridge open
        c | Tolo  | 09:10 | a    | title=Bridge guarded
        """,
        leaves="b c",
        value="title=Bridge open",
        conflict=True,
    ),
)

STORIES = (
    *ORDINARY,
    *SETTLING,
    *SCALES,
    *LISTS,
    *BIRTHS,
    *GROUPS,
    *CLOCKS,
)


@pytest.mark.parametrize("story", STORIES, ids=[one.title for one in STORIES])
def test_story(story: Story) -> None:
    check(story)


WRONG = {
    "leaves": replace(SETTLING[0], leaves="b c"),
    "value": replace(SETTLING[0], value="title=Bridge closed"),
    "conflict": replace(ORDINARY[3], conflict=False),
    "problems": replace(BIRTHS[0], problems=()),
    "newer": replace(SCALES[-1], newer=False),
    "here": replace(ORDINARY[-1], here=True),
    "births joined": replace(BIRTHS[2], leaves="a b"),
}


@pytest.mark.parametrize("story", WRONG.values(), ids=WRONG)
def test_control_a_story_told_wrong_fails(story: Story) -> None:
    with pytest.raises(AssertionError):
        check(story)
