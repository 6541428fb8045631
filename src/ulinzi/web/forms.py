"""What people type. Every form says what is wrong beside the field, and comes back with everything typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import EVERYWHERE, Act
from ulinzi.desk import rules
from ulinzi.kernel.clock import MINUTE
from ulinzi.ledger.shapes import Row
from ulinzi.web import labels, people, plain, profile, times

_REQUIRED = {"required": lazy("This is missing.")}
_MAX = {name: field.max_length for name, field in rules.TASK.field.items()}
_STEP_WORDS = rules.STEP.field["words"].max_length
# Both stand in the erasure's own entry, which nobody erases.
_BASIS_LENGTH = 200


class Text(forms.CharField):
    """Line ends as one sign: browsers send two, and the length is checked in what is stored."""

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")


class Day(forms.CharField):
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": lazy("DD/MM/YYYY")})

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        try:
            return times.read_date(text) if text else None
        except ValueError:
            raise forms.ValidationError(_("This is no day. Write it as 17/11/2026.")) from None


class Hour(forms.CharField):
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": lazy("HH:MM")})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return times.read_time(text) if text else None
        except ValueError:
            raise forms.ValidationError(_("This is no time. Write it as 14:05.")) from None


class Timed(forms.Form):
    """A form with a day and a time that belong together. A time alone means today."""

    now: int
    day_field = "day"
    hour_field = "hour"

    def joined(self) -> int | None:
        day, hour = self.cleaned_data.get(self.day_field), self.cleaned_data.get(self.hour_field)
        if hour is None:
            if day is not None and self.hour_field not in self.errors:
                self.add_error(self.hour_field, _("The time is missing."))
            return None
        if self.day_field in self.errors:
            return None
        day = day or times.local(self.now).date()
        if not times.exists(day, hour):
            self.add_error(self.hour_field, _("The clocks go forward over this time on that day. Write another."))
            return None
        return times.stored(day, hour)


class TaskForm(Timed):
    day_field, hour_field = "due_date", "due_time"

    title = Text(
        label=labels.FIELDS["title"],
        max_length=_MAX["title"],
        error_messages={"required": lazy("Say in a few words what has to be done.")},
    )
    detail = Text(
        label=labels.FIELDS["detail"],
        required=False,
        max_length=_MAX["detail"],
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    due_date = Day(label=lazy("Due on"), required=False, help_text=lazy("A time alone means today."))
    due_time = Hour(label=lazy("at"), required=False)
    due_basis = forms.ChoiceField(label=labels.FIELDS["due_basis"], required=False, choices=[])
    area = forms.TypedChoiceField(label=labels.FIELDS["area"], required=False, coerce=UUID, empty_value=None)
    urgency = forms.ChoiceField(
        label=labels.FIELDS["urgency"],
        required=False,
        widget=forms.RadioSelect,
        choices=[(code, labels.URGENCY[code]) for code in rules.URGENCY],
    )
    tiers = forms.MultipleChoiceField(
        label=labels.FIELDS["tiers"],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(code, labels.TIERS[code]) for code in rules.TIERS],
    )

    def __init__(self, *args: Any, now: int, areas: Sequence[Row], erased: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now, self.areas = now, areas
        self.fields["area"].choices = [("", _("No area")), *_area_choices(areas)]
        self.fields["due_basis"].choices = [("", _("not said")), *labels.choices(labels.DUE_BASIS)]
        if erased:
            del self.fields["title"], self.fields["detail"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.due_at = self.joined()
        if self.due_at is None and self.cleaned_data.get("due_basis") and not self.errors:
            self.add_error("due_time", _("Say when it is due, or leave the reason empty."))
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        """As the ledger holds them: nothing typed is nothing, not an empty text."""
        told = self.cleaned_data
        found = {
            "area": told["area"],
            "due_at": self.due_at,
            "due_basis": told["due_basis"] or None,
            "urgency": told["urgency"] or None,
            "tiers": sorted(told["tiers"]) or None,
        }
        words = {name: told[name].strip() or None for name in ("title", "detail") if name in self.fields}
        return words | found


class NewTaskForm(TaskForm):
    compartment = forms.ChoiceField(label=lazy("Belongs to"))

    def __init__(self, *args: Any, compartments: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["compartment"]
        field.choices = [(code, profile.office(code)) for code in compartments]
        if len(compartments) == 1:
            field.widget = forms.HiddenInput()
            self.initial.setdefault("compartment", compartments[0])
        self.initial.setdefault("urgency", rules.URGENCY[0])
        self.fields["title"].widget.attrs |= {"data-key": "n", "data-says": _("Add a task")}

    def clean(self) -> dict[str, Any]:
        super().clean()
        found = next((row for row in self.areas if row["id"] == self.cleaned_data.get("area")), None)
        if found is not None and found["compartment"] != self.cleaned_data.get("compartment"):
            text = _("This area belongs to %(code)s.")
            self.add_error("area", text % {"code": profile.office(found["compartment"])})
        return self.cleaned_data


def _area_choices(areas: Sequence[Row]) -> list[tuple[str, Any]]:
    """Grouped by compartment where there are several."""
    grouped: dict[str, list[tuple[str, str]]] = {}
    for row in areas:
        grouped.setdefault(profile.office(row["compartment"]), []).append(
            (str(row["id"]), plain.visible(row["name"] or row["code"] or "?"))
        )
    listed = list(grouped.items())
    return listed[0][1] if len(listed) == 1 else listed


class StepForm(Timed):
    """One step with a task. Which fields it has depends on the step."""

    day_field, hour_field = "said_date", "said_time"

    to = forms.TypedChoiceField(
        label=labels.FIELDS["to"], coerce=UUID, error_messages={"required": lazy("Choose a person.")}
    )
    words = Text(label=labels.FIELDS["words"], max_length=_STEP_WORDS, widget=forms.Textarea(attrs={"rows": 3}))
    said_date = Day(label=lazy("It happened on"), required=False, help_text=lazy("Leave both empty if it is now."))
    said_time = Hour(label=lazy("at"), required=False)

    def __init__(self, *args: Any, kind: rules.Step, now: int, by: UUID, place: str, **options: Any) -> None:
        super().__init__(*args, prefix=str(kind), **options)
        self.kind, self.now = kind, now
        self._choose_fields(by, place)

    def _choose_fields(self, by: UUID, place: str) -> None:
        if self.kind == rules.Step.HANDED_OVER:
            others = person_choices(Act.STEP_TASKS, place, by=by)
            self.fields["to"].choices = [("", _("Choose a person")), *others]
        else:
            del self.fields["to"]
        if self.kind not in TIMED:
            del self.fields["said_date"], self.fields["said_time"]
        required = self.kind in rules.NEEDS_WORDS
        self.fields["words"].required = required
        self.fields["words"].label = _STEP_LABELS.get(self.kind, _OPTIONAL)
        self.fields["words"].error_messages["required"] = _("Write a few words.")

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.said_at = self.joined()
        if self.said_at is not None and self.said_at > self.now + MINUTE:
            self.add_error(self.hour_field, _("This is still to come. Write when it happened."))
        return self.cleaned_data


# Steps that often happened before somebody could write them down.
TIMED = frozenset({rules.Step.NOTED, rules.Step.DONE})
_OPTIONAL = lazy("In words, if there is something to say")
_STEP_LABELS: Mapping[rules.Step, Any] = {
    rules.Step.NOTED: lazy("What should be known"),
    rules.Step.DONE: lazy("What came of it"),
    rules.Step.SET_ASIDE: lazy("Why it is set aside"),
    rules.Step.REOPENED: lazy("Why it is opened again"),
}


class EraseForm(forms.Form):
    WORDS, ALL = "words", "task"

    what = forms.ChoiceField(label=lazy("What is erased"), widget=forms.RadioSelect, error_messages=_REQUIRED)
    basis = Text(
        label=labels.FIELDS["basis"],
        max_length=_BASIS_LENGTH,
        help_text=lazy("Who asked, or which rule. No name of the person it is about: this stays for ever."),
        error_messages=_REQUIRED,
    )
    sure = forms.BooleanField(
        label=lazy("I know that this cannot be undone, on this machine or any other."),
        error_messages={"required": lazy("Confirm that you know.")},
    )

    def __init__(self, *args: Any, erased: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        words = [] if erased else [(self.WORDS, _("The words: title, detail and what was written with every step"))]
        self.fields["what"].choices = [*words, (self.ALL, _("The whole task, with everything that was done"))]


def person_choices(act: Act, place: str, *, by: UUID) -> list[tuple[str, str]]:
    """Everybody else who may do this there, those of one's own teams first."""
    mates = accounts.colleagues(by)
    others = [row for row in accounts.with_act(act, place, people.everybody()) if row["id"] != by]
    return [(str(row["id"]), _shown(row, place)) for row in sorted(others, key=lambda row: row["id"] not in mates)]


def _shown(row: Row, place: str) -> str:
    """With the roles that hold there; what else somebody does elsewhere is not for this page."""
    held = dict.fromkeys(role for role, where in row["rights"].held if where in (place, EVERYWHERE))
    return f"{plain.visible(row['name'])}, {', '.join(profile.role(role) for role in held)}"


def initial_of(row: Row) -> dict[str, Any]:
    """A task as its edit form shows it."""
    due = row["due_at"]
    return {
        "title": row["title"],
        "detail": row["detail"],
        "area": str(row["area"]) if row["area"] else "",
        "due_date": times.show_date(due) if due is not None else "",
        "due_time": times.show_time(due) if due is not None else "",
        "due_basis": row["due_basis"] or "",
        "urgency": row["urgency"] or "",
        "tiers": row["tiers"] or [],
    }
