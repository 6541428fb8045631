"""Words for the codes that rows hold: states, steps, urgency, problems, findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy as context

from ulinzi.web import languages

Labels = Mapping[str, Any]

STATES: Labels = {
    "open": context("state", "open"),
    "taken": context("state", "taken"),
    "done": context("state", "done"),
    "set_aside": context("state", "set aside"),
}
STEPS: Labels = {
    "taken": lazy("Take"),
    "handed_over": lazy("Hand over"),
    "noted": lazy("Write a note"),
    "done": lazy("Done"),
    "set_aside": lazy("Set aside"),
    "reopened": lazy("Open again"),
    "undone": lazy("Undo"),
}
URGENCY: Labels = {"now": context("urgency", "Now"), "soon": context("urgency", "Soon"), "routine": lazy("Routine")}
TIERS: Labels = {
    "dialogue": lazy("1. Dialogue and engagement"),
    "physical": lazy("2. Physical protection"),
    "environment": lazy("3. Protective environment"),
}
DUE_BASIS: Labels = {
    "promise": lazy("a promise to somebody"),
    "order": lazy("an order"),
    "rule": lazy("a rule"),
    "own": lazy("our own aim"),
}
FIELDS: Labels = {
    "number": lazy("Number"),
    "title": lazy("What has to be done"),
    "detail": lazy("Detail"),
    "area": lazy("Area"),
    "due_at": lazy("Due"),
    "due_basis": lazy("Due because of"),
    "urgency": lazy("Urgency"),
    "tiers": lazy("Tiers"),
    "words": lazy("In words"),
    "to": lazy("To whom"),
    "second": lazy("Second person"),
    "basis": lazy("Basis"),
    "name": lazy("Name"),
    "kind": lazy("Kind"),
    "parent": lazy("Part of"),
    "code": lazy("Code"),
    "short": lazy("Short name"),
    "body": lazy("Works for"),
    "language": lazy("Language"),
    "role": lazy("Role"),
    "place": lazy("Where"),
    "asked_by": lazy("Asked for by"),
    "asked_at": lazy("Asked for at"),
    "decided_by": lazy("Decided by"),
    "decided_at": lazy("Decided at"),
    "decision": lazy("Decision"),
    "ended": lazy("Role held"),
    "ended_by": lazy("Ended by"),
    "ended_at": lazy("Ended at"),
    "member": lazy("Member"),
    "since": context("member", "Since"),
    "left": lazy("Place in the team"),
    "left_at": lazy("Left at"),
    "on_behalf_of": lazy("On behalf of"),
    "what": lazy("What is erased"),
    "whose": lazy("Whose name"),
    "task": lazy("Task"),
    "reason": lazy("Reason"),
    "also": lazy("Other names"),
    "lon": lazy("Longitude"),
    "lat": lazy("Latitude"),
    "precision": lazy("How exact"),
    "community": lazy("Community"),
    "contact": lazy("May be called"),
    "reply": lazy("Answer wanted"),
    "base": lazy("Base"),
    "languages": lazy("Languages"),
    "supervisor": lazy("Supervisor"),
    "person": lazy("Person"),
    "post": lazy("Post"),
    "starts_at": lazy("From"),
    "ends_at": lazy("Until"),
    # Of messages, reports, alerts and responses.
    "happened": lazy("When it happened"),
    "happened_at": lazy("Happened at"),
    "ongoing": lazy("Still going on"),
    "channel": lazy("How it came"),
    "gateway": lazy("Duty phone"),
    "received_at": lazy("Received"),
    "taken_at": lazy("Reached the gateway"),
    "source": lazy("Source"),
    "letter": lazy("Letter in the gateway"),
    "message": lazy("Message"),
    "report": lazy("Report"),
    "alert": lazy("Alert"),
    "priority": lazy("Priority"),
    "who": lazy("Said to have done it"),
    "unknown_why": lazy("Why it is not known"),
    "people_min": lazy("People, at least"),
    "people_max": lazy("People, at most"),
    "place_said": lazy("The place as it was said"),
    "reliability": lazy("How reliable the source is"),
    "credibility": lazy("How credible it is"),
    "raised_at": lazy("Raised at"),
    "raised_by": lazy("Raised by"),
    "duty_node": lazy("Machine that lets it climb"),
    "claimed_at": lazy("Happened, as it was said"),
    "entered_at": lazy("Written down at"),
    "by_whom": lazy("By whom"),
    "to_whom": lazy("To whom"),
    "until": lazy("Until"),
    "undoes": lazy("Undoes"),
    "turn": lazy("Turn"),
    "other": lazy("The other alert"),
    "alert_step": lazy("Step of the alert"),
    "ordered_at": lazy("Sent at"),
    "ordered_by": lazy("Sent by"),
    "responder": lazy("Who was sent"),
    "way": lazy("How"),
    "outcome": lazy("What came of it"),
}
GROUPS: Labels = {
    "number": lazy("number"),
    "words": lazy("title and detail"),
    "where": lazy("area"),
    "when": lazy("due time"),
    "urgency": lazy("urgency"),
    "tiers": lazy("tiers"),
    "name": lazy("name"),
    "source": lazy("source"),
    "act": lazy("step"),
    "body": lazy("works for"),
    "language": lazy("language"),
    "grant": lazy("role and place"),
    "decision": lazy("decision"),
    "end": lazy("end"),
    "asked": lazy("what is asked to be erased"),
    "basis": lazy("basis"),
    "reason": lazy("reason"),
    "member": lazy("member"),
    "position": lazy("position"),
    "code": lazy("code"),
    "home": lazy("community and kind"),
    "contact": lazy("whether it may be called"),
    "person": lazy("person"),
    "post": lazy("post"),
    "duty": lazy("who and which post"),
    "hours": lazy("from when to when"),
    "received": lazy("when and how it came"),
    "what": lazy("what it is"),
    "priority": lazy("priority"),
    "who": lazy("who is said to have done it"),
    "many": lazy("how many people"),
    "grade": lazy("how far it may be relied on"),
    "order": lazy("who was sent"),
}
# Where a part is called otherwise than the part of that name of another record.
GROUPS_OF: Mapping[tuple[str, str], Any] = {
    ("messages.Step", "words"): lazy("words"),
    ("reports.Report", "words"): lazy("words"),
    ("reports.Report", "where"): lazy("place"),
    ("reports.Report", "when"): lazy("when it happened"),
    ("alerts.Alert", "words"): lazy("words"),
    ("alerts.Alert", "where"): lazy("place"),
    ("alerts.Alert", "duty"): lazy("the machine that lets it climb"),
    ("alerts.Step", "words"): lazy("words"),
    ("responses.Response", "words"): lazy("words"),
    ("responses.Step", "words"): lazy("words"),
}
# What two bases can bring about together, though each kept the rules.
PROBLEMS: Labels = {
    "taken_twice": lazy("Two people took it at the same time. Agree who has it, and hand it over."),
    "step_out_of_turn": lazy("A step was written after another that excludes it. Read the history and say what holds."),
    "title_missing": lazy("It has no title. Give it one."),
    "foreign_write": lazy("A machine that does not hold it tried to write it. That write is kept out."),
    "bad_shape": lazy("A part of it cannot be read by this version. It is kept, not shown."),
    "seen_in_a_circle": lazy("Two writes each claim to have seen the other. Both are shown."),
    "fixed_rewritten": lazy("Something written once was written again. The first value holds."),
    "message_dealt_with_twice": lazy(
        "Two people dealt with this message, each in their own way. Look at both, and undo one."
    ),
    "before_it_was_received": lazy(
        "A step is said to have been before the warning came. A clock is wrong, or a time that was typed. Undo it."
    ),
    "decided_both_ways": lazy(
        "One person decided to respond, another that nobody goes. Agree which of them holds, and decide again."
    ),
    "nobody_to_ask": lazy("Everybody who could be asked is missing. Find somebody who takes it; see who has roles."),
    "times_run_backwards": lazy("Its times run backwards, so they count in no rate. Ask, and undo the wrong one."),
    "two_births": lazy("Two machines began the same record. The first holds."),
    "granted_without_right": lazy(
        "Another machine says that somebody gave or ended this role who had no right to. Ask that person, then end it."
    ),
    "granted_at_another_console": lazy(
        "This role was given at the console of another machine, by one person. Ask who answers for that machine."
    ),
}
RECORDS: Labels = {
    "desk.Task": lazy("Task"),
    "desk.Step": lazy("Step of a task"),
    "desk.Erasure": lazy("Request to erase"),
    "places.Area": lazy("Area"),
    "places.Community": lazy("Community"),
    "places.Base": lazy("Base"),
    "network.Source": lazy("Source"),
    "network.Liaison": lazy("Liaison assistant"),
    "network.Shift": lazy("Shift"),
    "messages.Message": lazy("Message"),
    "messages.Step": lazy("Step of a message"),
    "reports.Report": lazy("Report"),
    "alerts.Alert": lazy("Alert"),
    "alerts.Step": lazy("Step of an alert"),
    "responses.Response": lazy("Response"),
    "responses.Step": lazy("Step of a response"),
    "accounts.Person": lazy("Person"),
    "accounts.Grant": lazy("Role of a person"),
    "accounts.Team": lazy("Team"),
    "accounts.Membership": lazy("Place in a team"),
}
FINDINGS: Labels = {
    "row_differs": lazy("a table says something else than the ledger"),
    "part_without_entry": lazy("a part without its entry"),
    "entry_past_head": lazy("an entry after the end of its feed"),
    "written_differs": lazy("the feeds hold another number of entries than this node has written"),
    "body_missing": lazy("words are gone that no erasure takes"),
    "birth_out_of_place": lazy("a record began where it does not belong"),
    "clock_behind": lazy("the clock of this node is behind its own entries"),
    "feed_not_ours": lazy("a feed is taken for this node's own and is not, or the other way round"),
    "compartment_missing": lazy("a feed of a compartment that is not on the list"),
    "node_key_differs": lazy("this node's key is not the one in its folder"),
    "part_unknown": lazy("a part of a kind that does not exist"),
    "part_malformed": lazy("a part that is not built as parts are"),
    "feed_id_wrong": lazy("the name of a feed does not follow from its key"),
    "head_differs": lazy("the stored head is not the last entry"),
    "seal_wrong": lazy("a seal does not hold"),
    "part_missing": lazy("a part is missing"),
    "record_misnamed": lazy("a part is filed under another record"),
    "entry_missing": lazy("an entry is missing"),
    "hash_differs": lazy("an entry was changed after it was written"),
    "access_end_not_sealed": lazy("the end of the access log is not sealed"),
    "access_hash_differs": lazy("a row of the access log was changed"),
    "access_row_missing": lazy("a row of the access log is missing"),
    "access_copy_differs": lazy("a column of the access log is not what was sealed"),
    "access_seal_wrong": lazy("a seal in the access log does not hold"),
    "access_row_misplaced": lazy("a row of the access log has a number that no row can have"),
    "access_cut": lazy("the access log was cut or written anew, or an old copy was restored"),
}
# What an entry's action says in the timeline, after the person's name.
ACTIONS: Labels = {
    "desk.add_task": lazy("added the task."),
    "desk.edit_task": lazy("changed it."),
    "desk.settle": lazy("settled two values."),
    "desk.taken": lazy("took it."),
    "desk.handed_over": lazy("handed it over to %(to)s."),
    "desk.noted": lazy("wrote a note."),
    "desk.done": lazy("did it."),
    "desk.set_aside": lazy("set it aside."),
    "desk.reopened": lazy("opened it again."),
    "desk.undone": lazy("undid a step: %(step)s"),
    "desk.ask_erasure": lazy("asked for something to be erased."),
    "desk.decline_erasure": lazy("declined to erase something."),
    "desk.erase_words": lazy("erased the words."),
    "desk.erase_task": lazy("erased the task."),
    "accounts.add_person": lazy("wrote the person down."),
    "accounts.rename": lazy("changed the name."),
    "accounts.ask_grant": lazy("asked for a role."),
    "accounts.confirm_grant": lazy("confirmed a role."),
    "accounts.refuse_grant": lazy("refused a role."),
    "accounts.end_grant": lazy("ended a role."),
    "accounts.leave": lazy("ended every role."),
    "accounts.erase_name": lazy("erased a name."),
    "accounts.add_team": lazy("wrote the team down."),
    "accounts.join_team": lazy("put somebody into the team."),
    "accounts.leave_team": lazy("took somebody out of the team."),
    "places.add_area": lazy("added the area."),
    "places.import_area": lazy("brought the area in from a sheet."),
    "places.add_community": lazy("wrote the community down."),
    "places.edit_community": lazy("changed it."),
    "places.add_base": lazy("wrote the base down."),
    "places.edit_base": lazy("changed it."),
    "network.enrol_source": lazy("enrolled the source."),
    "network.unknown_source": lazy("heard from somebody not known."),
    "network.set_contact": lazy("said whether the source may be called."),
    "network.withdraw_source": lazy("wrote down that the source withdrew."),
    "network.add_liaison": lazy("gave a liaison assistant a post."),
    "network.edit_liaison": lazy("changed the post."),
    "network.end_liaison": lazy("ended the post."),
    "network.add_shift": lazy("wrote a shift down."),
    "network.call_off": lazy("called the shift off."),
    "desk.import_task": lazy("brought it in from a sheet."),
}
ROLES: Labels = {
    "watch_officer": lazy("watch officer"),
    "liaison_assistant": lazy("community liaison assistant"),
    "base_commander": lazy("base commander"),
    "police_commander": lazy("police commander"),
    "provincial_adviser": lazy("provincial protection adviser"),
    "senior_adviser": lazy("senior protection adviser"),
    "team_leader": lazy("joint protection team leader"),
    "provincial_analyst": lazy("provincial analyst"),
    "headquarters_analyst": lazy("headquarters analyst"),
    "human_rights_officer": lazy("human rights officer"),
    "women_adviser": lazy("women's protection adviser"),
    "child_adviser": lazy("child protection adviser"),
    "diligence_officer": lazy("due-diligence officer"),
    "head_of_office": context("role", "head of office"),
    "leadership": lazy("mission leadership"),
    "source_handler": lazy("source handler"),
    "partner": lazy("partner"),
    "security_officer": lazy("security officer"),
    "administrator": lazy("administrator"),
}
BODIES: Labels = {
    "mission_civilian": lazy("the mission, civilian"),
    "mission_military": lazy("the mission, military"),
    "mission_police": lazy("the mission, police"),
    "united_nations": lazy("another part of the United Nations"),
    "partner": lazy("a partner organisation"),
}
GRANT_STATES: Labels = {
    "in_force": context("grant", "in force"),
    "confirmed": context("grant", "confirmed"),
    "waiting": context("grant", "waits for a second person"),
    "refused": context("grant", "refused"),
    "ended": context("grant", "ended"),
}
ERASURES: Labels = {
    "words": lazy("the words: title, detail and what was written with every step"),
    "task": lazy("the whole task, with everything that was done"),
    "name": lazy("the name"),
}
ERASURE_STATES: Labels = {"confirmed": context("erasure", "agreed"), "declined": context("erasure", "declined")}
MEMBER_STATES: Labels = {"left": context("member", "left")}
BASES: Labels = {
    "company": lazy("company base"),
    "temporary": lazy("temporary base"),
    "police": lazy("police post"),
    "office": lazy("office"),
}
SOURCE_STATES: Labels = {"withdrawn": context("source", "withdrawn")}
SHIFT_STATES: Labels = {"called_off": context("shift", "called off")}
LIAISON_STATES: Labels = {"ended": context("post", "ended")}
PRECISIONS: Labels = {
    "spot": lazy("the very spot"),
    "village": lazy("the village"),
    "area": lazy("somewhere in the area"),
}
SOURCES: Labels = {
    "elected": lazy("elected focal point"),
    "confidential": lazy("confidential source"),
    "committee": lazy("committee"),
    "hub": lazy("surveillance centre"),
    "unknown": lazy("not known yet"),
}
CONTACT: Labels = {
    "call": context("contact", "Call"),
    "not_now": context("contact", "Not now"),
    "never": context("contact", "Never"),
}
REPLY: Labels = {
    "none": context("reply", "no answer at all"),
    "ring_back": lazy("a ring, and nothing said"),
    "sms": lazy("a neutral SMS"),
}
POSTS: Labels = {"duty_phone": lazy("duty phone"), "watch": lazy("watch"), "radio": lazy("radio")}
AREA_KINDS: Labels = {"province": lazy("province"), "district": lazy("district"), "area": context("kind", "area")}
LANGUAGES: Labels = {one.code: one.name for one in languages.LISTED}


def of(labels: Labels, code: str | None) -> str:
    """The words of a code; one that a newer version sent is shown as it is."""
    return str(labels.get(code, code)) if code else _("none")


def choices(labels: Labels) -> list[tuple[str, Any]]:
    return list(labels.items())
