"""What each error code says to a person: what happened, whether anything was saved, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from ulinzi.kernel.errors import Broken, NotFound, UlinziError
from ulinzi.web import labels, labels_alerts, labels_messages


class Said(NamedTuple):
    what: str
    saved: str
    todo: str

    def __str__(self) -> str:
        return f"{self.what} {self.saved} {self.todo}"


_BACK = lazy("Go back, correct it and save again.")
_RELOAD = lazy("Open the page again and repeat what you did.")
_ENGINEER = lazy("Tell the person who looks after this machine; the code below says where to look.")
_DEFECT = lazy("This is a fault of the program. Tell the person who looks after this machine.")

# Code: what happened, what to do. Whether anything was saved follows from the kind of error.
ERRORS: Mapping[str, tuple[Any, Any]] = {
    # Alerts and those who were sent
    "alert_not_now": (
        lazy("“%(step)s” is not possible: the alert is now “%(state)s”. Somebody may have been faster."),
        lazy("Look at what happened since, then choose again."),
    ),
    "response_not_now": (
        lazy("“%(step)s” is not possible: the response is now “%(state)s”. Somebody may have been faster."),
        lazy("Look at what happened since, then choose again."),
    ),
    "unverified_needs_words": (
        lazy("It is not verified, and nothing says why it is decided now."),
        lazy("Say why in a few words, then press again."),
    ),
    "decision_missing": (
        lazy("Nothing is decided, so the file cannot be closed."),
        lazy("Decide first: that nobody goes is a decision too, with a reason."),
    ),
    "feedback_missing": (
        lazy("Nobody has told the community, so it cannot be closed as told."),
        lazy("Tell them and write it down, or choose why they are not told."),
    ),
    "feedback_was_given": (
        lazy("The community was told, so it cannot be closed as not told."),
        lazy("Close it as told."),
    ),
    "not_the_same_as_that": (
        lazy("It cannot be the same as that: it is itself, is closed, or belongs to another province."),
        lazy("Choose another open alert from the list."),
    ),
    "nothing_to_confirm": (
        lazy("There is nothing to confirm: they have not said that they arrived, or they are our own people."),
        lazy("Wait until they say that they arrived."),
    ),
    "minutes_not_understood": (
        lazy("These are no minutes."),
        lazy("Write how many minutes ago it was, as a number up to %(most)s, or nothing."),
    ),
    # Tasks
    "title_missing": (lazy("The task has no title."), lazy("Say in a few words what has to be done, then save again.")),
    "step_not_now": (
        lazy("“%(step)s” is not possible: the task is now “%(state)s”. Somebody may have been faster."),
        lazy("Look at what happened since, then choose again."),
    ),
    "words_missing": (lazy("“%(step)s” needs a few words."), lazy("Say why, then save again.")),
    "undo_names_a_step": (lazy("Nothing says which step to undo."), _RELOAD),
    "undo_not_now": (
        lazy("“%(step)s” is no longer the last step, so it cannot be undone."),
        lazy("Undo the newer steps first, or write a note."),
    ),
    "person_may_not": (lazy("The person named may not do this there."), lazy("Choose somebody from the list.")),
    "area_elsewhere": (lazy("This area belongs to another province."), lazy("Choose one of this province.")),
    "person_missing": (lazy("Nobody is named."), lazy("Choose a person, then save again.")),
    "second_person_needed": (
        lazy("Erasing needs a second person: neither whoever asked for it nor whoever it is about."),
        lazy("Ask somebody else who may erase it to decide."),
    ),
    "erasure_needs_basis": (
        lazy("Nothing says why this may be erased."),
        lazy("Write the basis: who asked, or which rule."),
    ),
    "erasure_asked_already": (
        lazy("Somebody has asked for this already, and it waits for a second person."),
        lazy("Decide on what was asked, or wait until somebody else does."),
    ),
    "erasure_not_asked": (
        lazy("Nobody else has asked for this to be erased."),
        lazy("Ask for it; somebody else then agrees."),
    ),
    "erasure_decided": (lazy("Somebody has decided this already."), _RELOAD),
    "erasure_too_old": (
        lazy("This was asked for more than seven days ago, and counts no longer."),
        lazy("Ask for it anew."),
    ),
    "name_missing": (lazy("There is no name."), lazy("Give it a name, then save again.")),
    # Messages and reports
    "message_not_now": (
        lazy("“%(step)s” is not possible: the message is now “%(state)s”. Somebody may have been faster."),
        lazy("Look at what happened since, then choose again."),
    ),
    "message_held_by_another": (
        lazy("Somebody else has this message now."),
        lazy("Take another one. It comes free by itself after 15 minutes."),
    ),
    "enough_calls": (
        lazy("%(calls)s attempts to call were made, and a third could endanger somebody."),
        lazy("Add people: a focal point, the committee, the liaison assistant."),
    ),
    "call_not_ended": (
        lazy("A call has begun, and nobody has said yet what came of it."),
        lazy("Say what came of it; then call again if you have to."),
    ),
    "number_gone": (
        lazy("The number is no longer kept, so nobody can be called."),
        lazy("Find out by another way: a focal point, the committee, the liaison assistant."),
    ),
    "sender_not_unknown": (
        lazy("Whoever sent this is enrolled already, or cannot be told apart from others."),
        lazy("Look at the code beside the message; a source is changed under Network."),
    ),
    "sms_needs_phrase": (
        lazy("An SMS goes out from here alone, in the words of the mission's list."),
        lazy("Choose to whom, and which of the words."),
    ),
    "sms_not_sent": (
        lazy("The duty phone did not send the SMS. That they were told is taken back, and stands crossed out."),
        lazy("Press again in a minute: the same words go only once. Or choose another way."),
    ),
    "reply_names_a_place": (
        lazy("These words name the place, and whoever holds the phone would read it. Nothing was sent."),
        lazy("Choose other words, and tell the person who looks after this machine."),
    ),
    "answer_missing": (
        lazy("One of the answers is missing."),
        lazy("Give it; that it is not known is an answer too."),
    ),
    "unknown_why_missing": (lazy("Nothing says why it is not known who."), lazy("Choose a reason.")),
    "place_missing": (
        lazy("Nothing says where it is."),
        lazy("Write the place as it was said, even if it is on no list."),
    ),
    "abuse_in_words": (
        lazy("What was done to a person is not written down here, to protect them."),
        lazy(
            "Take the words out; the warning goes out without them. Tell the women’s or the child protection adviser "
            "by voice."
        ),
    ),
    "number_not_understood": (
        lazy("This number is not understood."),
        lazy("Write 12, or 10-20, or leave it empty."),
    ),
    # People and access
    "not_signed_in": (
        lazy("You are not signed in, or were away for too long."),
        lazy("Sign in, then do it again. What you typed is shown below."),
    ),
    "not_for_your_role": (
        lazy("Your role does not do this."),
        lazy("Ask somebody whose role it is."),
    ),
    "sign_in_refused": (lazy("The name or the password is wrong."), lazy("Type both again.")),
    "too_many_tries": (
        lazy("Too many tries failed from this address."),
        lazy("Wait %(minutes)s minutes, then try again, or sign in from another address."),
    ),
    "code_not_valid": (
        lazy("This code is wrong, used or too old."),
        lazy("Type it again, or ask the administrator of this machine for a new one."),
    ),
    "code_not_asked": (
        lazy("Nobody has asked for a code for this person, or it was too long ago."),
        lazy("Ask an administrator to ask for one; then confirm it."),
    ),
    "busy": (lazy("Too many people are signing in at this moment."), lazy("Wait a little, then try again.")),
    "login_taken": (lazy("Somebody else has this log-in name."), lazy("Choose another one.")),
    "login_not_allowed": (
        lazy("A log-in name has 3 to 40 signs: plain letters a to z, digits, point, hyphen."),
        lazy("Choose another one."),
    ),
    "password_wrong": (lazy("The password is wrong."), lazy("Type it again.")),
    "password_length": (
        lazy("A password has %(shortest)s to %(longest)s signs."),
        lazy("A short sentence does well."),
    ),
    "password_holds_name": (lazy("The password holds the log-in name."), lazy("Choose another one.")),
    "password_common": (
        lazy("This password is on the list of those that are tried first."),
        lazy("Choose another one."),
    ),
    "body_may_have_no_account": (
        lazy("People of this body have no account here."),
        lazy("Choose what the person really works for; no force of the host State is on the list."),
    ),
    "role_not_for_this_body": (lazy("This role is not for people of this body."), lazy("Choose another role.")),
    "role_needs_a_place": (lazy("This role holds in one province, not everywhere."), lazy("Choose the province.")),
    "grant_is_there": (
        lazy("The person has this role there, or it has been asked for."),
        lazy("Look at the list of roles."),
    ),
    "person_not_clear": (
        lazy("%(count)s people are called “%(given)s”."),
        lazy("Give the id; “ulinzi person list” shows it."),
    ),
    "reason_missing": (lazy("Nothing says why."), lazy("Write it in a few words, then do it again.")),
    "grant_has_ended": (lazy("This role has ended already."), _RELOAD),
    "grant_not_waiting": (lazy("Somebody has decided this already."), _RELOAD),
    "person_still_holds_roles": (
        lazy("This person still holds a role."),
        lazy("End every role first; only then can the name be erased."),
    ),
    "asker_has_left": (
        lazy("Whoever asked for this may no longer ask for it."),
        lazy("Have somebody ask for it anew who may."),
    ),
    "four_eyes_needed": (
        lazy("Who asked for a role, or would have it, cannot confirm it."),
        lazy("Ask a third person to decide."),
    ),
    "member_already": (lazy("The person is in this team already."), _RELOAD),
    "member_no_longer": (lazy("The person has left this team already."), _RELOAD),
    # Places and the network
    "position_halved": (
        lazy("A position needs both numbers, and one is missing."),
        lazy("Write the other one too, or leave both empty."),
    ),
    "position_nowhere": (
        lazy("There is no such place on the earth."),
        lazy("A latitude goes to 90 degrees, a longitude to 180; they may stand in each other's place."),
    ),
    "community_missing": (lazy("Nothing says of which community the source is."), lazy("Choose the community.")),
    "community_elsewhere": (
        lazy("This community belongs to another province."),
        lazy("Choose one of this province."),
    ),
    "base_elsewhere": (lazy("This base belongs to another province."), lazy("Choose one of this province.")),
    "source_code_wrong": (
        lazy("This is no code of a source: a sign in it is wrong or missing."),
        lazy("Look at it again, or have it said once more; O is 0 there, I and L are 1."),
    ),
    "source_withdrawn": (
        lazy("This source has withdrawn. Nobody calls, and nothing is sent."),
        lazy("Find out by another way; never through whoever withdrew."),
    ),
    "call_never": (
        lazy("This source is never to be called."),
        lazy("Ask a liaison assistant for a safe way, or ask somebody else in the community."),
    ),
    "call_not_now": (
        lazy("A call would put this source in danger now."),
        lazy("Wait until a liaison assistant says that it is safe, or ask somebody else in the community."),
    ),
    "source_wants_no_sms": (
        lazy("This source has not asked for an SMS, and gets none."),
        lazy("Call, where that is safe, or let a liaison assistant answer."),
    ),
    "gateway_not_understood": (lazy("The part of the machine that keeps the numbers did not understand."), _DEFECT),
    "gateway_seal_broken": (lazy("What was kept sealed cannot be opened: it was changed, or moved."), _ENGINEER),
    "gateway_key_is_another": (lazy("The key of the numbers is not the one they were sealed with."), _ENGINEER),
    "letter_unknown": (lazy("There is no such message, or it is not kept here."), _RELOAD),
    "number_in_words": (
        lazy("A telephone number stands in the words."),
        lazy("Take it out: the gateway keeps the number and forgets it. In words it would stay."),
    ),
    "duty_wait": (lazy("Too many wrong words."), lazy("Wait a minute, then type it again.")),
    "number_hidden": (
        lazy("Whoever called hides the number, so nobody can be called."),
        lazy("Wait for the next call, or find out by another way."),
    ),
    "number_not_callable": (
        lazy("This came from a name or a service, which cannot be called or written to."),
        lazy("Find out by another way who it is."),
    ),
    "phone_unknown": (lazy("The phone that took this is no longer one of ours."), _ENGINEER),
    "phone_cannot_dial": (
        lazy("The phone “%(phone)s” cannot be told to call."),
        lazy("Have the number shown on the duty phone, and call from there."),
    ),
    "phone_cannot_send": (lazy("The phone “%(phone)s” cannot be told to send a message."), _ENGINEER),
    "phone_does_not_answer": (
        lazy("The phone “%(phone)s” does not answer."),
        lazy("See whether it is on and has a network. Meanwhile have the number shown, and call from another phone."),
    ),
    "phone_refused": (
        lazy("The phone “%(phone)s” refused (%(status)s)."),
        lazy("Have the number shown on the duty phone. The password of the phone may have changed."),
    ),
    "sender_is_enrolled": (
        lazy("Whoever sent this is enrolled already, as %(known)s. Nothing was changed."),
        lazy("Under Network, withdraw that source first if this person is another one now."),
    ),
    "source_code_not_allowed": (
        lazy("“%(given)s” is no code of a source: S-, seven signs and one that checks them."),
        lazy("Read it again; one sign is wrong."),
    ),
    "gateway_silent": (
        lazy("The part of the machine that keeps the numbers does not answer."),
        lazy("Do it again in a minute. If it stays so, tell the person who looks after this machine."),
    ),
    "post_has_ended": (lazy("This post has ended already."), _RELOAD),
    "shift_ends_before_it_starts": (
        lazy("The shift would end before it begins, or one of the two times is missing."),
        lazy("Write from when to when."),
    ),
    "shift_too_long": (
        lazy("A shift has at most %(hours)s hours."),
        lazy("Write several, one after the other."),
    ),
    "shift_called_off": (lazy("This shift was called off already."), _RELOAD),
    # Two people at once
    "moved": (
        lazy("Somebody changed this since you opened it."),
        lazy("Both values are shown. Choose one, or keep both."),
    ),
    "form_not_from_here": (lazy("The form was not made from this record, or not by this machine."), _RELOAD),
    "erased": (
        lazy("The words were erased for ever, so they cannot be changed."),
        lazy("Write a note, or add a new task."),
    ),
    "fixed": (lazy("This is written once and never changes."), lazy("Write a note beside it.")),
    "newer_version_needed": (
        lazy("A newer version of Ulinzi wrote this, and this machine would lose a part of it."),
        lazy("Bring this machine up to date, then change it."),
    ),
    "already_here": (lazy("This is already here."), lazy("Open what is here, and change that.")),
    # Not here
    "record_not_found": (
        lazy("There is nothing at this address, or it is not open to you."),
        lazy("Go back to the tasks and look there."),
    ),
    "job_not_found": (lazy("There is no such job."), lazy("Look at the list of jobs.")),
    "page_not_found": (
        lazy("There is nothing at this address, or it is not open to you."),
        lazy("Go back to the tasks and look there."),
    ),
    # Values
    "field_does_not_fit": (lazy("%(field)s does not fit: it is too long, or of another kind."), _BACK),
    "code_unknown": (lazy("%(field)s has a value that this version does not know."), _BACK),
    "text_not_allowed": (
        lazy("The text holds a sign that cannot be stored."),
        lazy("Remove what was pasted in, type it anew and save again."),
    ),
    "number_too_large": (lazy("The number is too large."), _BACK),
    "value_not_allowed": (lazy("This kind of value cannot be stored."), _DEFECT),
    "value_too_deep": (lazy("This value is nested too deeply to be stored."), _DEFECT),
    "key_not_allowed": (lazy("This value has a name that cannot be stored."), _DEFECT),
    "job_argument_not_allowed": (lazy("A job may be given numbers and codes only, never words."), _DEFECT),
    "unit_too_large": (
        lazy("This is too much for one step: %(parts)s parts."),
        lazy("Do it in several smaller steps."),
    ),
    "unit_of_another_person": (lazy("Two people cannot act in one step."), _DEFECT),
    "batch_in_batch": (lazy("An import was begun inside another."), _DEFECT),
    "batch_spoiled": (
        lazy("One of several steps could not be written, so none of them was saved."),
        lazy("Do them again one by one; the one that cannot be written says why."),
    ),
    "person_erased": (
        lazy("The name of the person who acts was erased here, so nobody could sign for this."),
        lazy("Choose another person."),
    ),
    # The node
    "compartment_unknown": (
        lazy("This machine does not hold the compartment “%(compartment)s”."),
        lazy("Choose one that it holds; System lists them."),
    ),
    "compartment_not_allowed": (
        lazy("“%(compartment)s” cannot be the name of a compartment."),
        lazy("Use small letters, digits and hyphens, and begin with a letter."),
    ),
    "node_code_not_allowed": (
        lazy("“%(given)s” cannot be the code of a node."),
        lazy("Use two to five capital letters, such as BEN."),
    ),
    "node_not_here": (lazy("There is no node at %(home)s yet."), lazy("Run “ulinzi init” first.")),
    "node_not_initialised": (lazy("The database holds no node yet."), lazy("Run “ulinzi init” first.")),
    "database_older": (
        lazy("The database is older than this program."),
        lazy("Run “ulinzi run” once: it brings the tables up to date. Nothing was changed."),
    ),
    "node_key_differs": (
        lazy("The key in the home folder is not the key of this database."),
        lazy("Do not go on. Bring the key and the database of the same node together."),
    ),
    "node_key_unreadable": (
        lazy("The key file in %(home)s cannot be read."),
        lazy("Restore it from the sealed copy; without it this node cannot write."),
    ),
    "database_url_unknown": (
        lazy("DATABASE_URL begins with “%(scheme)s”, which is not known."),
        lazy("Begin it with postgresql://, or leave it out to use SQLite."),
    ),
    # The store contradicts itself
    "no_node": (lazy("No node was in use."), _DEFECT),
    "not_canonical": (lazy("A stored entry is not in its one allowed form."), _ENGINEER),
    "pragma_not_set": (lazy("The database would not take the setting %(pragma)s; it holds %(value)s."), _ENGINEER),
    "write_past_the_ledger": (lazy("Something tried to write past the ledger and was stopped."), _ENGINEER),
    "access_not_logged": (
        lazy("The access log cannot be written, so what you asked for is not shown."),
        lazy("See whether the disk is full, then try again."),
    ),
    # The web's own
    "request_not_understood": (lazy("The request could not be understood."), _RELOAD),
    "request_too_large": (
        lazy("What was sent is larger than any form of these pages."),
        lazy("Go back, shorten it and save again. Files cannot be sent."),
    ),
    "method_not_allowed": (
        lazy("This address does not take that kind of request."),
        lazy("Use the buttons on the page."),
    ),
    "form_too_old": (
        lazy("The form did not come from this page, or the page had been open too long."),
        lazy("Open the page again. What you typed is shown below, so that you can copy it."),
    ),
    "unexpected": (
        lazy("Something went wrong that nobody foresaw."),
        lazy("Try once more. If it happens again, tell the person who looks after this machine."),
    ),
}

_SAVED = lazy("Nothing was saved.")
_UNTOUCHED = lazy("Nothing was changed.")
_STOPPED = lazy("Nothing was saved, and nothing that was there before was lost.")


def said(error: UlinziError) -> Said:
    what, todo = ERRORS.get(error.code, ERRORS["unexpected"])
    values = shown_values(error.values)
    return Said(str(what) % values, _saved(error), str(todo) % values)


def in_form(error: UlinziError) -> str:
    """Beside a field: that nothing was saved stands at the head of the form already."""
    found = said(error)
    return f"{found.what} {found.todo}"


def code(code: str, **values: object) -> Said:
    """The words of a code that no exception carried."""
    what, todo = ERRORS[code]
    saved, shown = _UNTOUCHED if code == "page_not_found" else _SAVED, shown_values(values)
    return Said(str(what) % shown, str(saved), str(todo) % shown)


def _saved(error: UlinziError) -> str:
    if isinstance(error, NotFound) or error.code == "not_for_your_role":
        return str(_UNTOUCHED)
    return str(_STOPPED if isinstance(error, Broken) else _SAVED)


# Of tasks, messages and alerts: one word for what has one name.
_STEPS = {**labels_alerts.STEPS, **labels_messages.STEPS, **labels.STEPS}
_STATES = {**labels_alerts.RESPONSE_STATES, **labels_alerts.STATES, **labels_messages.STATES, **labels.STATES}


class _Values(dict[str, str]):
    """A code without its value still has words."""

    def __missing__(self, key: str) -> str:
        return _("not given")


def shown_values(values: Mapping[str, object]) -> _Values:
    """Codes among the values in words: a step, a state, a field."""
    known = {"step": _STEPS, "state": _STATES, "field": labels.FIELDS}
    return _Values({name: str(known.get(name, {}).get(str(value), value)) for name, value in values.items()})
