"""The six answers: where, what, when, who, how many, still going on. Filled in during a call, within a minute.

The form of a call that somebody took, and the one beside each message of the inbox, are this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.datastructures import MultiValueDict
from django.utils.functional import lazy as lazily
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from ulinzi.accounts.rules import HOME, Act, Rights
from ulinzi.alerts import intake
from ulinzi.alerts import queries as alerts
from ulinzi.kernel.clock import MINUTE
from ulinzi.kernel.errors import Refused
from ulinzi.kernel.folding import folded
from ulinzi.ledger import node as nodes
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.shapes import Row
from ulinzi.messages.rules import CHANNELS
from ulinzi.places import queries as places
from ulinzi.places import rules as place_rules
from ulinzi.reports import actions as reports
from ulinzi.reports import queries as report_queries
from ulinzi.reports import rules
from ulinzi.web import labels, labels_alerts, plain, profile, session, words
from ulinzi.web.forms import Day, Hour, Text, Timed

_MAX = {name: field.max_length for name, field in rules.REPORT.field.items()}
AS_SAID = "said"
"""Of a place that is on no list: what was said is kept as it was said."""
_NO_PLACE = lazy("Say where: a village, a road, as it was said.")
# What a person hears, and what a phone hands over, is told apart: a missed call is nobody's to write down.
HEARD = tuple(one for one in CHANNELS if one not in ("missed_call", "sms"))


def _radio(name: Any, choices: Iterable[tuple[str, Any]], missing: Any, *, required: bool = True) -> forms.ChoiceField:
    told = {"required": missing, "invalid_choice": missing}
    return forms.ChoiceField(
        label=name, widget=forms.RadioSelect, choices=list(choices), required=required, error_messages=told
    )


_with_priority = lazily(format_html, SafeString)
# Beside each answer, how urgent that usually is.
_WHAT = [
    (
        code,
        _with_priority(
            '{} <small class="prop">{}</small>',
            labels_alerts.WHAT[code],
            labels_alerts.PRIORITY[rules.PRIORITY_OF[code]],
        ),
    )
    for code in rules.WHAT
]


class WhereForm(Timed):
    """Where it is, as it was said. `reader` finds the places that may be meant, and a person says which."""

    place = Text(
        label=lazy("Where"),
        required=False,
        max_length=_MAX["place_said"],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    place_is = _radio(lazy("Which one is meant"), [], lazy("Choose one."), required=False)

    def __init__(self, *args: Any, now: int, reader: Rights, compartments: Sequence[str], **options: Any) -> None:
        super().__init__(*args, auto_id="%s", **options)
        self.now, self.reader, self.compartments = now, reader, compartments
        self.said = str((self.data if self.is_bound else self.initial).get("place") or "").strip()
        self.found = self._found()
        if self.said and self._exact() is None:
            self.fields["place_is"].choices = [*self._choices(), (AS_SAID, _("None of these: keep it as it was said"))]
            self._propose()
        else:
            del self.fields["place_is"]

    # Where.

    def _found(self) -> list[Row]:
        found = places.find_communities(self.reader, self.said) if self.said else []
        return [row for row in found if row["compartment"] in self.compartments]

    def _exact(self) -> Row | None:
        """The one place that is so called, where there is one and no other."""
        wanted = folded(self.said)
        exact = [row for row in self.found if wanted in {folded(one) for one in place_rules.spellings(row)}]
        return exact[0] if len(exact) == 1 else None

    def _choices(self) -> list[tuple[str, str]]:
        areas = places.known_names((row["area"] for row in self.found if row["area"]), self.reader)
        return [(str(row["id"]), _called(row, areas, many=len(self.compartments) > 1)) for row in self.found]

    def _propose(self) -> None:
        """Only where nothing fits is an answer proposed: two that are called alike, a person tells apart."""
        if self.is_bound and not self.found and not self.data.get("place_is"):
            self.data = MultiValueDict({**dict(self.data.lists()), "place_is": [AS_SAID]})

    # What was answered.

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.community = self._community()
        return self.cleaned_data

    def _community(self) -> Row | None:
        chosen = self.data.get("place_is", "")
        if not self.said:
            self.add_error("place", str(_NO_PLACE))
            return None
        named = next((row for row in self.found if str(row["id"]) == chosen), None)
        if named is not None or (chosen == AS_SAID and "place_is" in self.fields and self._was_asked()):
            return named
        exact = self._exact()
        if exact is None:
            self.add_error("place_is", _which(self.found))
        return exact

    def _was_asked(self) -> bool:
        """Whether the person had the choice before them: `asked` holds the place of the page they sent."""
        return bool(self.data.get("asked") == self.said)


class SixForm(WhereForm):
    """Every answer may be that it is not known; but each is given."""

    what = _radio(
        lazy("What happens"),
        _WHAT,
        lazy("Say what happens; “Something else” is an answer too."),
    )
    happened = _radio(lazy("When"), labels.choices(labels_alerts.WHEN), lazy("Say when."))
    who = _radio(lazy("Who"), labels.choices(labels_alerts.WHO), lazy("Say who; “not known” is an answer too."))
    unknown_why = _radio(
        lazy("Why it is not known"),
        labels.choices(labels_alerts.UNKNOWN_WHY),
        lazy("Say why it is not known who."),
        required=False,
    )
    many = forms.CharField(
        label=lazy("How many people"),
        required=False,
        max_length=20,
        help_text=lazy("12, or 10-20; empty if nobody knows."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    ongoing = _radio(lazy("Still going on"), labels.choices(labels_alerts.ONGOING), lazy("Say whether it goes on."))
    words = Text(
        label=lazy("In your words, if there is more to say"),
        required=False,
        max_length=_MAX["words"],
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=lazy("No name, no number, nothing that shows who told it."),
    )
    priority = _radio(
        lazy("How urgent, if it is an alert"),
        [("", lazy("as proposed above")), *labels.choices(labels_alerts.PRIORITY)],
        "",
        required=False,
    )

    # What was answered.

    def clean(self) -> dict[str, Any]:
        super().clean()
        self._check_rules()
        return self.cleaned_data

    def _check_rules(self) -> None:
        """All that is wrong at once, each beside its field."""
        told = self.cleaned_data
        if told.get("who") == "unknown" and not told.get("unknown_why"):
            self.add_error("unknown_why", words.in_form(Refused("unknown_why_missing")))
        if told.get("what") == "abuse" and (told.get("words") or "").strip():
            self.add_error("words", words.in_form(Refused("abuse_in_words")))
        try:
            self.counted = rules.counted(told.get("many") or "")
        except Refused as error:
            self.add_error("many", words.in_form(error))

    def answers(self) -> dict[str, Any]:
        """As a report holds them."""
        told, (low, high) = self.cleaned_data, self.counted
        found = {name: told[name] or None for name in ("what", "happened", "who", "ongoing")}
        found["unknown_why"] = (told["unknown_why"] or None) if told["who"] == "unknown" else None
        return found | {
            "people_min": low,
            "people_max": high,
            "words": (told["words"] or "").strip() or None,
            "place_said": told["place"].strip() or None,
            "community": self.community["id"] if self.community else None,
            "area": self.community["area"] if self.community else None,
        }

    @property
    def chosen_priority(self) -> str:
        return str(self.cleaned_data["priority"] or rules.PRIORITY_OF[self.cleaned_data["what"]])


def _which(found: Sequence[Row]) -> str:
    if not found:
        return _("No place of ours is called so. Look at how it is written, or keep it as it was said.")
    return _("Say which one is meant.") if len(found) > 1 else _("Is this the place?")


def _called(row: Row, areas: Mapping[UUID, str], *, many: bool) -> str:
    """A place as a person tells it from its namesakes: with its area, and its province where there are several."""
    around = [areas.get(row["area"], "") if row["area"] else "", profile.office(row["compartment"]) if many else ""]
    also = place_rules.spellings(row)[1:]
    told = [row["name"] or "", *[plain.visible(one) for one in around if one], *also]
    return plain.visible(", ".join(told))


class CallForm(SixForm):
    """A call, a visit, the radio: how it came, when, and where nothing else says so, to which province it belongs."""

    day_field, hour_field = "came_date", "came_time"

    channel = _radio(
        lazy("How it reached you"),
        [(code, labels_alerts.CHANNELS[code]) for code in HEARD],
        lazy("Say how it reached you."),
    )
    came_date = Day(label=lazy("When it reached you"), required=False, help_text=lazy("Empty if it is now."))
    came_time = Hour(label=lazy("at"), required=False)
    compartment = forms.ChoiceField(label=lazy("Belongs to"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("channel", HEARD[0])
        offices = [(code, profile.office(code)) for code in self.compartments]
        self.fields["compartment"].choices = [("", _("the province of the place")), *offices]
        if len(offices) == 1:
            self.fields["compartment"].widget = forms.HiddenInput()
            self.initial.setdefault("compartment", offices[0][0])

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.received_at = self.joined() or self.now
        if self.received_at > self.now + MINUTE:
            self.add_error("came_time", _("This is still to come. Write when it happened."))
        self.place_of = self._place_of()
        if self.place_of is None and "place" not in self.errors and "place_is" not in self.errors:
            self.add_error("compartment", _("Say to which province it belongs: the place alone does not."))
        return self.cleaned_data

    def _place_of(self) -> str | None:
        if self.community is not None:
            return str(self.community["compartment"])
        alone = self.compartments[0] if len(self.compartments) == 1 else None
        return self.cleaned_data.get("compartment") or alone


@require_http_methods(["GET", "HEAD", "POST"])
def call(request: HttpRequest) -> HttpResponse:
    """Written down while somebody speaks: one page, two buttons."""
    form = _form(request)
    if request.method != "POST":
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        said, alert = _write(request, form)
    except Refused as error:
        form.add_error(None, str(words.said(error)))
        return _page(request, form, status=422)
    messages.success(request, said)
    return redirect("alert", alert) if alert else redirect("call")


def _form(request: HttpRequest) -> CallForm:
    me = session.acting(request)
    held = [one for one in me.rights.where(Act.RAISE_ALERTS, ledger.compartments()) if one != HOME]
    posted = request.POST if request.method == "POST" else None
    return CallForm(posted, now=nodes.current().clock.now(), reader=me.rights, compartments=held)


def _write(request: HttpRequest, form: CallForm) -> tuple[str, UUID | None]:
    me = session.acting(request)
    told = {"compartment": form.place_of or "", "channel": form.cleaned_data["channel"], "by": me.id}
    told["received_at"] = form.received_at
    if request.POST.get("do") != "alert":
        report = reports.add_report(**told, **form.answers())
        return reported(report, me.rights), None
    raised = intake.alert_from_call(**told, priority=form.chosen_priority, **form.answers())
    return alerted(raised.alert, me.rights), raised.alert


def reported(report: UUID, reader: Rights) -> str:
    number = report_queries.report(report, reader)["number"]
    return _("Saved here as report %(number)s. No alert was raised.") % {"number": number}


def alerted(alert: UUID, reader: Rights) -> str:
    row = alerts.alert(alert, reader)
    said = _("Saved here: alert %(number)s, %(priority)s.")
    return said % {"number": row["number"], "priority": labels_alerts.of(labels_alerts.PRIORITY, row["priority"])}


def _page(request: HttpRequest, form: CallForm, status: int = 200) -> HttpResponse:
    return render(request, "web/call.html", {"form": form}, status=status)
