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
    "member": lazy("member"),
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
    "two_births": lazy("Two machines began the same record. The first holds."),
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
MEMBER_STATES: Labels = {"left": context("member", "left")}
AREA_KINDS: Labels = {"province": lazy("province"), "district": lazy("district"), "area": context("kind", "area")}
LANGUAGES: Labels = {one.code: one.name for one in languages.LISTED}


def of(labels: Labels, code: str | None) -> str:
    """The words of a code; one that a newer version sent is shown as it is."""
    return str(labels.get(code, code)) if code else _("none")


def choices(labels: Labels) -> list[tuple[str, Any]]:
    return list(labels.items())
