"""Correcting an alert. Where somebody else was faster both values are shown, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from ulinzi import ledger
from ulinzi.accounts.rules import Act, Rights, check_may
from ulinzi.alerts import actions, queries, rules
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import node as nodes
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.shapes import Row
from ulinzi.web import alert_lines, edit, labels, labels_alerts, leaves, plain, session, timeline, where, words
from ulinzi.web.alert import LABEL, find
from ulinzi.web.call import WhereForm
from ulinzi.web.edit import BOTH, KEEP_BOTH, THEIRS, Pair, Versus
from ulinzi.web.forms import Text

_WORDS = rules.ALERT.field["words"].max_length
_WHY = rules.STEP.field["words"].max_length


def _choice(name: Any, choices: labels.Labels, missing: Any, widget: Any = forms.Select) -> forms.ChoiceField:
    told = {"required": missing, "invalid_choice": missing}
    return forms.ChoiceField(label=name, choices=labels.choices(choices), widget=widget, error_messages=told)


class CorrectForm(WhereForm):
    """What is said of an alert. `place_was`: what the form showed, so that a place that nobody touched stays."""

    what = _choice(alert_lines.FIELDS["what"], labels_alerts.WHAT, lazy("Say what happens."))
    who = _choice(alert_lines.FIELDS["who"], labels_alerts.WHO, lazy("Say who; “not known” is an answer too."))
    priority = _choice(
        alert_lines.FIELDS["priority"], labels_alerts.PRIORITY, lazy("Say how urgent it is."), forms.RadioSelect
    )
    words = Text(
        label=alert_lines.FIELDS["words"],
        required=False,
        max_length=_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy("No name, no number, nothing that shows who told it."),
    )
    why = Text(
        label=lazy("Why it is less urgent"),
        required=False,
        max_length=_WHY,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=lazy("Needed where it becomes less urgent than it was. It stands in the history as a note."),
    )

    def __init__(self, *args: Any, row: Row, place_was: str, reader: Rights, now: int) -> None:
        self.row, self.place_was = row, place_was
        super().__init__(
            *args, initial=_initial(row, place_was), now=now, reader=reader, compartments=[row["compartment"]]
        )
        self.erased = "words" in (row["erased"] or "").split(",")
        if self.stays:
            self.fields.pop("place_is", None)
        if self.erased or "words" in row["withheld"]:
            del self.fields["words"]

    @property
    def stays(self) -> bool:
        """The place is as the form showed it."""
        return self.said == self.place_was.strip()

    def _community(self) -> Row | None:
        return None if self.stays else super()._community()

    def values(self) -> dict[str, Any]:
        """As the ledger holds them: nothing typed is nothing."""
        told = {name: self.cleaned_data[name] for name in ("what", "who", "priority")}
        if "words" in self.fields:
            told["words"] = self.cleaned_data["words"].strip() or None
        return told if self.stays else told | self._where()

    def _where(self) -> dict[str, Any]:
        """A place that is on no list keeps the area, unless that was the one of another community."""
        found = self.community
        near = found["area"] if found else None if self.row["community"] else self.row["area"]
        told: dict[str, Any] = {"community": found["id"] if found else None, "area": near}
        return told if self.erased and found else told | {"place_said": self.said}


def _initial(row: Row, place_was: str) -> dict[str, Any]:
    return {name: row[name] or "" for name in ("what", "who", "priority", "words")} | {"place": place_was}


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, alert: UUID) -> HttpResponse:
    row, me = find(request, alert), session.acting(request)
    check_may(me.rights, Act.CLOSE_ALERTS, row["compartment"])
    form = _form(request, row, me.rights)
    if request.method != "POST":
        return _page(request, row, form, _tokens(alert))
    tokens = {name: request.POST[name] for name in request.POST if name.startswith(leaves.PREFIX)}
    if not form.is_valid():
        return _page(request, row, form, tokens, status=422)
    try:
        return _save(request, row, form)
    except ledger.Moved as moved:
        return _moved(request, row, moved)
    except Refused as error:
        form.add_error("why" if error.code == "words_missing" else None, words.in_form(error))
        return _page(request, row, form, tokens, status=422)


def _form(request: HttpRequest, row: Row, reader: Rights) -> CorrectForm:
    shown = where.names([row], reader).get(row["community"]) or row["place_said"] or ""
    told = {"row": row, "reader": reader, "now": nodes.current().clock.now()}
    if request.method != "POST":
        return CorrectForm(place_was=plain.visible(shown), **told)
    return CorrectForm(request.POST, place_was=request.POST.get("place_was", ""), **told)


def _tokens(record: UUID) -> dict[str, str]:
    groups = ledger_queries.groups_of(LABEL, record)
    return {leaves.PREFIX + name: leaves.token(group.dots) for name, group in groups.items()}


def _page(
    request: HttpRequest, row: Row, form: CorrectForm, tokens: Mapping[str, str], status: int = 200
) -> HttpResponse:
    values = {"row": row, "form": form, "tokens": tokens, "place_was": form.place_was}
    return render(request, "web/alert_edit.html", values, status=status)


def _save(request: HttpRequest, row: Row, form: CorrectForm) -> HttpResponse:
    """Save what was typed, less the groups where the other value was chosen."""
    chosen = edit.choices(request.POST)
    seen = leaves.seen(request.POST) | edit.seen_again(request.POST, chosen)
    values = {name: value for name, value in form.values().items() if chosen.get(_group(name)) != THEIRS}
    both = {name for name, choice in chosen.items() if choice == BOTH}
    by, why = session.acting(request).id, form.cleaned_data["why"]
    changed = actions.edit_alert(row["id"], by=by, seen=seen, keep_both=both, why=why, **values) if values else []
    messages.success(request, _outcome(changed, both))
    return redirect("alert", row["id"])


def _group(name: str) -> str:
    return str(rules.ALERT.group_of[name].name)


def _outcome(changed: list[str], both: set[str]) -> str:
    if both:
        return _("Saved here. Both values are kept until somebody settles them.")
    if not changed:
        return _("Nothing was different, so nothing was written.")
    named = ", ".join(labels.of(alert_lines.GROUPS, name) for name in changed)
    return _("Saved here: %(groups)s.") % {"groups": named}


def _moved(request: HttpRequest, row: Row, moved: ledger.Moved) -> HttpResponse:
    """Both values side by side. The whole form travels on, so nothing typed is lost."""
    values = {
        "row": row,
        "what": labels_alerts.of(labels_alerts.WHAT, row["what"]),
        "versus": _versus(request, row, moved),
        "carried": edit.carried(request.POST, moved),
    }
    return render(request, "web/alert_moved.html", values, status=409)


def _versus(request: HttpRequest, row: Row, moved: ledger.Moved) -> list[Versus]:
    chosen = edit.choices(request.POST)
    found = timeline.authors(queries.history(row))
    groups = ledger_queries.groups_of(LABEL, row["id"])
    told = [{"community": None, "area": None, **value} for pair in moved.groups.values() for value in pair]
    names = where.names(told, session.acting(request).rights)  # type: ignore[arg-type]
    return [_one_versus(groups[name], pair, found, names, chosen.get(name, "")) for name, pair in moved.groups.items()]


def _one_versus(group: ledger_queries.GroupState, pair: Pair, found: Any, names: where.Names, chosen: str) -> Versus:
    theirs, mine = timeline.differing(pair)
    return Versus(
        group.name,
        labels.of(alert_lines.GROUPS, group.name),
        alert_lines.shown(theirs, names),
        alert_lines.shown(mine, names),
        timeline.newest_author(found, group.dots),
        leaves.token(group.dots),
        str(KEEP_BOTH[rules.ALERT.group(group.name).kind]),
        chosen,
    )
