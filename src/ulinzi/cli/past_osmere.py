"""The past of the second demonstration: a delta and its islands, where all goes by boat and waits for the tide."""

from __future__ import annotations

from ulinzi.cli.past import DONE, EDIT, EDIT_UNSEEN, ERASE, HANDED, NOTED, TAKEN, UNDO, Act, Past, Story
from ulinzi.desk.rules import Step

AREAS = {
    "upriver": (
        ("OVE", "Over Osmere", "province", ""),
        ("HAV", "Haverel Reach", "district", "OVE"),
        ("TIL", "Tilbeck Landing", "area", "HAV"),
    ),
    "delta": (
        ("NET", "Nether Osmere", "province", ""),
        ("SAL", "Sallowmere Reach", "district", "NET"),
        ("KET", "Ketterel Reach", "district", "NET"),
        ("BRI", "Brindlow Landing", "area", "SAL"),
        ("OSS", "Ossel Landing", "area", "SAL"),
        ("QUI", "Quillane Landing", "area", "KET"),
    ),
    "islands": (
        ("SKE", "Skerrin Islands", "province", ""),
        ("WET", "Wetherane Sound", "district", "SKE"),
        ("TOL", "Tolmery Sound", "district", "SKE"),
        ("ANV", "Anvarel Landing", "area", "WET"),
        ("LIT", "Little Tolmery", "area", "TOL"),
    ),
}

STORIES = (
    # Delta.
    Story(
        30, "odhal", "delta", "BRI", "Call back the landing keeper at Brindlow", due=-3, basis="promise", urgency="now",
        tiers=("dialogue",), detail="Two boats without lights went up the reach after midnight.",
        acts=(Act(29, "vessin", TAKEN), Act(12, "vessin", NOTED, "The line is up at high water only.")),
    ),
    Story(
        26, "telwe", "delta", "QUI", "Ask the mooring post for a boat on ferry day", due=16, basis="promise",
        urgency="soon", tiers=("physical",), acts=(Act(24, "dusane", TAKEN),),
    ),
    Story(
        18, "vessin", "delta", "OSS", "Find out why the lantern at Ossel has been dark for a week", due=6, basis="rule",
        urgency="soon", tiers=("dialogue",), acts=(Act(16, "odhal", HANDED, "You know the keeper.", to="telwe"),),
    ),
    Story(
        22, "odhal", "delta", "KET", "Meet the net makers of Ketterel", due=50, basis="promise", tiers=("dialogue",),
        detail="At the boat shed.",
        acts=(
            Act(8, "vessin", EDIT, values={"title": "Meet the net makers of Ketterel", "detail": "At the old pier."}),
            Act(7, "telwe", EDIT_UNSEEN, values={"title": "Meet the net makers", "detail": "At the boat shed."}),
        ),
    ),
    Story(
        140, "dusane", "delta", "SAL", "Tow the broken ferry out of Sallowmere", due=-110, tiers=("physical",),
        acts=(Act(138, "dusane", TAKEN), Act(118, "dusane", DONE, "It runs again, on one engine.")),
    ),
    Story(
        60, "vessin", "delta", "BRI", "Bring the tide tables to Brindlow", due=20, tiers=("environment",),
        acts=(
            Act(52, "vessin", TAKEN),
            Act(40, "vessin", DONE, "Left at the school."),
            Act(38, "vessin", UNDO, "That was Ossel; Brindlow has none yet."),
        ),
    ),
    # Islands.
    Story(
        34, "korum", "islands", "LIT", "Verify what was said of the boat stopped off Little Tolmery", due=9,
        urgency="now", tiers=("dialogue", "physical"),
        acts=(Act(33, "korum", TAKEN), Act(10, "korum", NOTED, "One account so far. The second boat lands tomorrow.")),
    ),
    Story(
        15, "dusane", "islands", "WET", "Move the night watch to the north side of the sound", due=5, basis="order",
        urgency="soon", tiers=("physical",), acts=(Act(14, "dusane", TAKEN),),
    ),
    Story(
        90, "telwe", "islands", "ANV", "Tell Anvarel what came of their warning", due=-70, basis="promise",
        tiers=("dialogue",), acts=(Act(88, "telwe", TAKEN), Act(74, "telwe", DONE, "Told at the evening market.")),
    ),
    Story(
        64, "dusane", "islands", "TOL", "Second boat to the outer markers", due=-44, tiers=("physical",),
        acts=(Act(63, "dusane", TAKEN), Act(50, "rensa", Step.SET_ASIDE, "No crossing until the swell drops.")),
    ),
    # Upriver.
    Story(11, "rensa", "upriver", "TIL", "Ask Tilbeck how many families came by canoe", due=40, tiers=("dialogue",)),
    Story(
        48, "vessin", "upriver", "HAV", "Entered by mistake, with a name in it",
        acts=(Act(47, "rensa", ERASE, "entered in the wrong place, with a name", to="telwe"),),
    ),
)  # fmt: skip

PAST = Past(
    code="OSM",
    areas=AREAS,
    offices={"north": "delta", "south": "islands"},
    team=("Boat team Tolmery", "islands"),
    stories=STORIES,
    left_behind=Story(
        190, "bastiane", "delta", "KET", "Hand the Ketterel tide watch to the next crew", due=26,
        acts=(Act(189, "bastiane", TAKEN), Act(115, "bastiane", HANDED, "My boat leaves on Monday.", to="dusane")),
    ),
)  # fmt: skip
