"""What each error code says to a person: what happened, whether anything was saved, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from ulinzi.kernel.errors import Broken, NotFound, UlinziError
from ulinzi.web import labels


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
        lazy("Erasing needs a second person: neither you nor whoever it is about."),
        lazy("Choose somebody who agrees that it is erased."),
    ),
    "erasure_needs_basis": (
        lazy("Nothing says why this may be erased."),
        lazy("Write the basis: who asked, or which rule."),
    ),
    "name_missing": (lazy("There is no name."), lazy("Give it a name, then save again.")),
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


class _Values(dict[str, str]):
    """A code without its value still has words."""

    def __missing__(self, key: str) -> str:
        return _("not given")


def shown_values(values: Mapping[str, object]) -> _Values:
    """Codes among the values in words: a step, a state, a field."""
    known = {"step": labels.STEPS, "state": labels.STATES, "field": labels.FIELDS}
    return _Values({name: str(known.get(name, {}).get(str(value), value)) for name, value in values.items()})
