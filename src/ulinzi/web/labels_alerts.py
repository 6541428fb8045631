"""Words for the codes of messages, reports, alerts and responses."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy as context

from ulinzi.web.labels import Labels

# What is said.
WHAT: Labels = {
    "attack_now": lazy("Attack under way"),
    "attack_coming": lazy("Attack announced"),
    "armed_men": lazy("Armed men moving"),
    "forces_left": lazy("Soldiers or police have left"),
    "people_killed": lazy("People killed"),
    "people_hurt": lazy("People injured"),
    "people_taken": lazy("People taken"),
    "people_fleeing": lazy("People fleeing"),
    "burning": lazy("Houses or fields burning"),
    "tension": lazy("Tension"),
    "abuse": lazy("Abuse of people"),
    "other": context("warning", "Something else"),
}
WHO: Labels = {
    "armed_group": lazy("armed group"),
    "army": lazy("the army"),
    "police": lazy("the police"),
    "self_defence": lazy("self-defence group"),
    "mission": lazy("people of the mission"),
    "civilians": lazy("civilians"),
    "armed_unknown": lazy("armed men, not identified"),
    "unknown": context("who", "not known"),
}
# Settled question: what agents of a State are said to have done goes a path of its own.
STATE_AGENTS = frozenset({"army", "police"})
UNKNOWN_WHY: Labels = {
    "not_seen": lazy("nobody saw them"),
    "not_said": lazy("it was not said"),
    "not_safe_to_ask": lazy("it was not safe to ask"),
    "accounts_differ": lazy("accounts differ"),
}
ONGOING: Labels = {
    "yes": lazy("it goes on"),
    "no": lazy("it is over"),
    "unknown": context("ongoing", "not known"),
}
WHEN: Labels = {
    "now": context("when", "now"),
    "hour": lazy("within the last hour"),
    "day": lazy("within the last day"),
    "unknown": context("when", "not known"),
}
CHANNELS: Labels = {
    "missed_call": lazy("missed call"),
    "call": context("channel", "call"),
    "sms": lazy("SMS"),
    "radio": context("channel", "radio"),
    "visit": context("channel", "visit"),
    "partner": context("channel", "partner"),
    "patrol": context("channel", "patrol"),
}


# Alerts.
PRIORITY: Labels = {"p1": "P1", "p2": "P2", "p3": "P3", "p4": "P4"}
STATES: Labels = {
    "open": context("alert", "open"),
    "closed": context("alert", "closed"),
    "duplicate": context("alert", "same as another"),
}
STEPS: Labels = {
    "taken": lazy("Take"),
    "handed_over": lazy("Hand over"),
    "attached": lazy("Attach a report"),
    "called": lazy("Call back"),
    "paused": lazy("Pause the clock"),
    "resumed": lazy("Let the clock run"),
    "verified": lazy("Verify"),
    "told": lazy("Tell somebody"),
    "decided": lazy("Decide"),
    "left": lazy("Leave"),
    "arrived": lazy("Arrive"),
    "ended": lazy("End"),
    "fed_back": lazy("Tell the community"),
    "closed": lazy("Close"),
    "duplicate": lazy("Same as another"),
    "escalated": lazy("Ask the next person"),
    "reopened": lazy("Open again"),
    "noted": lazy("Write a note"),
    "undone": lazy("Undo"),
}
CLOCKS: Labels = {
    "verification": context("clock", "Verify"),
    "decision": context("clock", "Decide"),
    "arrival": context("clock", "Arrive"),
    "feedback": context("clock", "Feedback"),
}
VERIFIED: Labels = {
    "corroborated": lazy("Corroborated, not confirmed"),
    "two_sources": lazy("Confirmed by two independent sources"),
    "trained_observer": lazy("Confirmed by a trained observer who saw it"),
    "refuted": lazy("Refuted"),
    "unverifiable": lazy("Cannot be verified"),
}
DECISIONS: Labels = {
    "respond": lazy("Respond"),
    "prepare": lazy("Prepare, and wait"),
    "second_source": lazy("Ask a second source"),
    "observe": lazy("Observe first"),
    "transfer": lazy("Hand to another"),
    "no_response": lazy("No response, with reason"),
}
NO_RESPONSE: Labels = {
    "out_of_reach": lazy("Out of reach"),
    "no_asset": lazy("Nobody is free to go"),
    "road_or_weather": lazy("Road or weather"),
    "own_protection": lazy("Too dangerous for our own people"),
    "clearance_late": lazy("Clearance refused or late"),
    "movement_denied": lazy("Movement denied by the authorities"),
    "stale": lazy("Too old when it came"),
    "not_credible": lazy("Not credible"),
    "others_answer": lazy("Others answer for it"),
    "other": context("reason", "Another reason"),
}
TOLD: Labels = {
    "army": lazy("the army"),
    "police": lazy("the police"),
    "authority": lazy("the local authority"),
    "humanitarian": lazy("humanitarians"),
    "headquarters": lazy("headquarters"),
}
ARRIVED: Labels = {
    "seen": lazy("seen by our own people"),
    "claimed": lazy("claimed by others, nobody of ours saw it"),
    "confirmed": lazy("claimed by others, one of ours agrees"),
}
ENDED: Labels = {
    "came": lazy("somebody had come"),
    "talked": lazy("somebody had talked from afar"),
    "turned_back": lazy("they turned back on the way"),
}
FEEDBACK: Labels = {
    "visit": lazy("A visit"),
    "liaison": lazy("The liaison assistant"),
    "committee": lazy("The committee"),
    "radio": lazy("Local radio, naming nobody"),
    "third_person": lazy("A third person"),
    "call": context("feedback", "A call"),
    "sms": lazy("SMS, where it was asked for"),
}
CALLED: Labels = {
    "safe": lazy("Answered, safe to talk"),
    "not_safe": lazy("Not safe to talk"),
    "no_answer": lazy("No answer"),
    "other_person": lazy("Another person answered"),
}
CLOSED: Labels = {
    "fed_back": lazy("The community was told"),
    "unsafe_to_tell": lazy("Telling them would endanger somebody"),
    "nobody_to_tell": lazy("Nobody is there to be told"),
    "asked_not_to": lazy("They asked not to be told"),
    "cannot_reach": lazy("They cannot be reached"),
    "test": lazy("It was a test"),
    "false": lazy("It was a false alarm"),
}
PAUSES: Labels = {
    "not_safe": lazy("It is not safe to call"),
    "line_down": lazy("The line is down"),
}
ESCALATED: Labels = {
    "taking": lazy("nobody had taken it"),
    "verification": lazy("it was not verified in time"),
    "decision": lazy("nothing was decided in time"),
    "arrival": lazy("nobody had arrived in time"),
    "feedback": lazy("the community was not told in time"),
}
# What a step's code means depends on the step.
CODES: dict[str, Labels] = {
    "called": CALLED,
    "paused": PAUSES,
    "verified": VERIFIED,
    "told": TOLD,
    "decided": DECISIONS,
    "arrived": ARRIVED,
    "ended": ENDED,
    "fed_back": FEEDBACK,
    "closed": CLOSED,
    "escalated": ESCALATED,
}

# Responses.
RESPONDERS: Labels = {
    "mission_force": lazy("the mission's force"),
    "mission_police": lazy("the mission's police"),
    "mission_civilian": lazy("the mission's civilians"),
    "army": lazy("the army"),
    "police": lazy("the police"),
    "authority": lazy("the local authority"),
    "community": lazy("the community itself"),
    "humanitarian": lazy("humanitarians"),
}
WAYS: Labels = {
    "patrol": context("way", "patrol"),
    "quick_reaction": lazy("quick reaction"),
    "air": lazy("by air"),
    "escort": lazy("escort"),
    "evacuation": lazy("evacuation"),
    "medical": lazy("medical help"),
    "dialogue": lazy("dialogue on the spot"),
    "talk": lazy("talking from afar"),
}
OUTCOMES: Labels = {
    "prevented": lazy("The attack was prevented"),
    "attackers_left": lazy("The attackers left"),
    "too_late": lazy("It happened before anybody came"),
    "clash": lazy("There was a clash"),
    "nothing_found": lazy("Nothing was found"),
    "people_helped": lazy("People were helped"),
    "not_known": context("outcome", "Not known"),
}
RESPONSE_STEPS: Labels = {
    "left": context("response", "They have left"),
    "arrived": context("response", "They have arrived"),
    "ended": context("response", "It has ended"),
    "called_off": context("response", "Call it off"),
    "confirmed": context("response", "They did come, as one of ours says"),
    "undone": lazy("Undo"),
}
RESPONSE_STATES: Labels = {
    "ordered": context("response", "ordered"),
    "on_the_way": context("response", "on the way"),
    "there": context("response", "there"),
    "ended": context("response", "ended"),
    "called_off": context("response", "called off"),
}


def of(labels: Labels, code: str | None) -> str:
    """Of one that nobody gave it is said that it is not known; one of a newer version is shown as it is."""
    return str(labels.get(code, code)) if code else _("not known")


def code_of(step: str, code: str | None) -> Any:
    return of(CODES.get(step, {}), code)
