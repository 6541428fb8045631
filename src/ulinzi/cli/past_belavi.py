"""The past of the first demonstration: what invented people did in two inland provinces in the last ten days."""

from __future__ import annotations

from ulinzi.cli.past import DONE, EDIT, EDIT_UNSEEN, ERASE, HANDED, NOTED, TAKEN, UNDO, Act, Past, Story
from ulinzi.desk.rules import Step

AREAS = {
    "north": (
        ("BEL", "Belavi", "province", ""),
        ("SAR", "Sareth", "district", "BEL"),
        ("LOM", "Lomuk", "district", "BEL"),
        ("TEL", "Telwa", "area", "SAR"),
        ("SAN", "Sanjeh", "area", "SAR"),
        ("NAK", "Nakorro", "area", "LOM"),
    ),
    "south": (
        ("TAM", "Tamorro", "province", ""),
        ("VEL", "Velune", "district", "TAM"),
        ("HAR", "Harsenne", "district", "TAM"),
        ("POM", "Pomiré", "area", "VEL"),
        ("CHE", "Chedra", "area", "VEL"),
        ("ODR", "Odrume", "area", "HAR"),
    ),
}

STORIES = (
    # North, open and late.
    Story(
        52, "odhal", "north", "TEL", "Call back the women's group in Telwa", due=-4, basis="promise", urgency="now",
        tiers=("dialogue",), detail="They heard shots on the mill road and asked whether it is safe to go to market.",
        acts=(Act(50, "vessin", TAKEN), Act(30, "vessin", NOTED, "Line is down, tried three times.")),
    ),
    Story(
        40, "vessin", "north", "SAN", "Find out why nobody from Sanjeh has called for nine days", due=-20, basis="rule",
        urgency="soon", tiers=("dialogue",),
    ),
    Story(
        28, "telwe", "north", "NAK", "Ask the base for a patrol on market day in Nakorro", due=9, basis="promise",
        urgency="now", tiers=("physical",), detail="Market is on the far bank. People return after dark.",
        acts=(Act(27, "dusane", TAKEN), Act(6, "dusane", NOTED, "Two vehicles, leaving at first light.")),
    ),
    Story(
        20, "korum", "north", "SAR", "Visit the family that came to the gate on Tuesday", due=30, basis="promise",
        tiers=("environment",), acts=(Act(19, "korum", TAKEN),),
    ),
    Story(
        14, "odhal", "north", "LOM", "Tell Lomuk what came of their last warning", due=20, basis="rule",
        tiers=("dialogue",), acts=(Act(12, "odhal", HANDED, "You know the chief.", to="vessin"),),
    ),
    Story(
        10, "dusane", "north", "TEL", "Repair the radio of the Telwa committee", due=70, urgency="routine",
        tiers=("physical",),
    ),
    Story(
        7, "vessin", "north", "NAK", "Check the rumour about the ferry", due=5, urgency="soon",
        acts=(Act(5, "odhal", TAKEN), Act(1.5, "odhal", NOTED, "The ferryman says it runs. A second voice is needed.")),
    ),
    Story(3, "rensa", "north", "BEL", "Prepare Thursday's meeting with the province", due=60, basis="order"),
    # Two people corrected the same words without having seen each other: for somebody to settle.
    Story(
        26, "odhal", "north", "LOM", "Meet the elders of Lomuk", due=44, basis="promise", urgency="soon",
        tiers=("dialogue",), detail="At the school.",
        acts=(
            Act(9, "vessin", EDIT, values={"title": "Meet the elders of upper Lomuk", "detail": "At the school."}),
            Act(8, "telwe", EDIT_UNSEEN, values={"title": "Meet the elders of Lomuk", "detail": "At the well."}),
        ),
    ),
    # Marked done by mistake, and opened again by undoing that.
    Story(
        70, "telwe", "north", "SAN", "Bring the leaflets on the hotline to Sanjeh", due=26, tiers=("environment",),
        acts=(
            Act(60, "vessin", TAKEN),
            Act(33, "vessin", DONE, "Left with the teacher."),
            Act(31, "vessin", UNDO, "That was Telwa, Sanjeh still has none."),
        ),
    ),
    # North, finished.
    Story(
        120, "odhal", "north", "TEL", "Ask Telwa whether the patrol came", due=-90, basis="rule", tiers=("dialogue",),
        acts=(Act(110, "vessin", TAKEN), Act(93, "vessin", DONE, "It came, and stayed two hours.")),
    ),
    Story(
        170, "korum", "north", "NAK", "Write up the interview of last week", due=-140, basis="rule",
        acts=(Act(168, "korum", TAKEN), Act(141, "korum", DONE)),
    ),
    Story(
        96, "dusane", "north", "SAR", "Second patrol to the Sareth crossroads", due=-60, tiers=("physical",),
        acts=(
            Act(90, "dusane", TAKEN),
            Act(72, "rensa", Step.SET_ASIDE, "The road is under water until the end of the month."),
        ),
    ),
    Story(
        210, "telwe", "north", "BEL", "List the villages without a focal point", due=-150,
        acts=(Act(200, "telwe", TAKEN), Act(160, "telwe", DONE, "Four, all west of the river.", claimed=166)),
    ),
    # Entered in the wrong place and erased for ever: only that something was here can still be seen.
    Story(
        46, "vessin", "north", "TEL", "Entered by mistake, with a name in it",
        acts=(Act(45, "rensa", ERASE, "entered in the wrong place, with a name", to="korum"),),
    ),
    # South.
    Story(
        44, "telwe", "south", "POM", "Rappeler le chef de Pomiré", due=-2, basis="promise", urgency="now",
        tiers=("dialogue",), detail="Il a signalé des hommes armés près du puits.",
        acts=(Act(43, "odhal", TAKEN), Act(21, "odhal", HANDED, "Je pars en mission demain.", to="telwe")),
    ),
    Story(
        36, "korum", "south", "CHE", "Verify what happened at the Chedra well", due=12, urgency="now",
        tiers=("dialogue", "physical"),
        acts=(Act(34, "korum", TAKEN), Act(10, "korum", NOTED, "Two accounts agree, a third is still to come.")),
    ),
    Story(
        22, "dusane", "south", "ODR", "Move the night patrol to the Odrume road", due=6, basis="order", urgency="soon",
        tiers=("physical",), acts=(Act(20, "dusane", TAKEN),),
    ),
    Story(
        18, "vessin", "south", "VEL", "Explain the hotline in Velune", due=90, tiers=("environment",),
        detail="Three schools, then the market.",
    ),
    Story(
        15, "rensa", "south", "TAM", "Répondre à la lettre de l'administrateur de Tamorro", due=33, basis="order",
        acts=(Act(13, "rensa", HANDED, "", to="telwe"),),
    ),
    Story(11, "odhal", "south", "HAR", "Ask Harsenne how many families have left", due=28, tiers=("dialogue",)),
    Story(
        5, "korum", "south", "POM", "Find a second source on the burnt granary", due=40, urgency="soon",
        acts=(Act(2, "vessin", TAKEN, claimed=3.5),),
    ),
    Story(
        130, "odhal", "south", "CHE", "Tell Chedra that the patrol is cancelled", due=-120, basis="promise",
        tiers=("dialogue",), acts=(Act(128, "vessin", TAKEN), Act(124, "vessin", DONE, "Told two of the elders.")),
    ),
    Story(
        190, "dusane", "south", "ODR", "Escort to the Odrume market", due=-165, basis="promise", tiers=("physical",),
        acts=(
            Act(188, "dusane", TAKEN),
            Act(164, "dusane", DONE, "Forty traders went, all came back."),
            Act(150, "odhal", Step.REOPENED, "They ask for it every week."),
            Act(149, "dusane", TAKEN),
            Act(100, "dusane", DONE, "Now a standing order."),
        ),
    ),
    Story(
        80, "vessin", "south", "VEL", "Vérifier les numéros des points focaux de Velune", due=-30,
        acts=(Act(76, "vessin", TAKEN), Act(35, "vessin", DONE, "Six sur huit répondent.")),
    ),
)  # fmt: skip

PAST = Past(
    code="BEN",
    areas=AREAS,
    offices={"north": "north", "south": "south"},
    team=("JPT Velune", "south"),
    stories=STORIES,
    left_behind=Story(
        200, "bastiane", "north", "LOM", "Hand the Lomuk night patrol to the next rotation", due=20,
        acts=(Act(199, "bastiane", TAKEN), Act(121, "bastiane", HANDED, "I leave on Monday.", to="dusane")),
    ),
)  # fmt: skip
