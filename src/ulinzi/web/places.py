"""Communities and bases: found as people say their names, shown, written down and changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from ulinzi import ledger
from ulinzi.accounts.rules import Act, Rights
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import access
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.shapes import Row
from ulinzi.network import queries as network
from ulinzi.network.rules import few_voices
from ulinzi.places import actions, queries, rules
from ulinzi.web import labels, leaves, persons, plain, profile, session, words
from ulinzi.web.forms import Text

COMMUNITY, BASE = "places.Community", "places.Base"
MILLIONTHS = 1_000_000
_DEGREES = re.compile(r"[-+]?[0-9]{1,3}(\.[0-9]{0,12})?")
_REQUIRED = {"required": lazy("This is missing.")}
_MAX = {name: field.max_length for name, field in rules.COMMUNITY.field.items()}


class Degrees(forms.CharField):
    """Degrees as a map or a radio gives them, with a point or a comma; kept in millionths."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> int | None:
        text = super().clean(value).replace(",", ".").replace("−", "-")
        if text and not _DEGREES.fullmatch(text):
            raise forms.ValidationError(_("This is no number of degrees. Write it as -1.6835."))
        return round(Decimal(text) * MILLIONTHS) if text else None


class PlaceForm(forms.Form):
    """What a community and a base have in common."""

    place = forms.ChoiceField(label=lazy("Belongs to"), error_messages=_REQUIRED)
    name = Text(label=labels.FIELDS["name"], max_length=_MAX["name"], error_messages=_REQUIRED)
    also = Text(
        label=lazy("Other names"),
        required=False,
        max_length=_MAX["also"],
        help_text=lazy("As people say it too; with a semicolon between two."),
    )
    area = forms.TypedChoiceField(label=labels.FIELDS["area"], required=False, coerce=UUID, empty_value=None)
    lat = Degrees(label=lazy("Latitude"), required=False, max_length=20)
    lon = Degrees(label=lazy("Longitude"), required=False, max_length=20)
    precision = forms.ChoiceField(label=lazy("How exact"), required=False)

    def __init__(self, *args: Any, places: Sequence[str], row: Row | None = None, **options: Any) -> None:
        super().__init__(*args, initial=_initial(row) if row else None, **options)
        self.fields["area"].choices = [("", _("No area")), *_areas(places)]
        self.fields["precision"].choices = [("", _("not said")), *labels.choices(labels.PRECISIONS)]
        if row is None:
            choose_place(self, places)
        else:
            del self.fields["place"]
        if row is not None and "position" in row["withheld"]:
            del self.fields["lat"], self.fields["lon"], self.fields["precision"]

    def values(self) -> dict[str, Any]:
        """As the ledger holds them: nothing typed is nothing."""
        return {
            name: value or None for name, value in self.cleaned_data.items() if name not in ("place", "lat", "lon")
        } | {name: self.cleaned_data[name] for name in ("lat", "lon") if name in self.fields}


class CommunityForm(PlaceForm):
    pass


class BaseForm(PlaceForm):
    kind = forms.ChoiceField(
        label=labels.FIELDS["kind"],
        choices=[("", lazy("Choose one")), *labels.choices(labels.BASES)],
        error_messages=_REQUIRED,
    )
    field_order = ("place", "name", "kind", "also", "area", "lat", "lon", "precision")


def choose_place(form: forms.Form, places: Sequence[str]) -> None:
    """Which province it belongs to: not asked where there is only one."""
    field = form.fields["place"]
    field.choices = [("", _("Choose one")), *((one, profile.office(one)) for one in places)]  # type: ignore[attr-defined]
    if len(places) == 1:
        field.widget = forms.HiddenInput()
        form.initial.setdefault("place", places[0])


def _areas(places: Sequence[str]) -> list[tuple[str, str]]:
    found = queries.areas(places)
    several = len(places) > 1
    return [(str(row["id"]), _area_said(row, several)) for row in found]


def _area_said(row: Row, several: bool) -> str:
    shown = plain.visible(row["name"] or row["code"] or "?")
    return f"{shown}, {profile.office(row['compartment'])}" if several else shown


def _initial(row: Row) -> dict[str, Any]:
    shown = {name: row[name] or "" for name in ("name", "also", "precision")} | {"kind": row.get("kind") or ""}
    return shown | {
        "area": str(row["area"]) if row["area"] else "",
        "lat": degrees(row["lat"]),
        "lon": degrees(row["lon"]),
    }


def degrees(value: int | None) -> str:
    """Without the noughts at its end, so that what was typed comes back."""
    if value is None:
        return ""
    return f"{Decimal(value) / MILLIONTHS:f}"


# Choosing a place by name.


def said(row: Row, areas: Mapping[UUID, str]) -> str:
    """A place with what tells it from another of the same name: its area, and its province."""
    area = areas.get(row["area"])
    parts = [plain.visible(row["name"] or "?"), plain.visible(area) if area else "", profile.office(row["compartment"])]
    return ", ".join(one for one in parts if one)


def area_names(rows: Iterable[Row], reader: Rights) -> dict[UUID, str]:
    return queries.known_names({row["area"] for row in rows if row["area"]}, reader)


class CommunityChoice(forms.Form):
    """A community by its name. Where one alone fits, and exactly, it is taken; else the choice is shown."""

    said = Text(
        label=lazy("Community"),
        max_length=_MAX["name"],
        help_text=lazy("As people say it; accents do not matter."),
        error_messages=_REQUIRED,
    )
    community = forms.TypedChoiceField(
        label=lazy("Which one is meant"), required=False, coerce=UUID, empty_value=None, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, reader: Rights, **options: Any) -> None:
        super().__init__(*args, **options)
        typed = str(self.data.get(self.add_prefix("said"), "")) if self.is_bound else ""
        self.found = queries.find_places(reader, typed).communities if typed else []
        names = area_names(self.found, reader)
        choices = [(str(row["id"]), said(row, names)) for row in self.found]
        self.fields["community"].choices = choices
        if not choices or self._sole() is not None:
            del self.fields["community"]

    def _sole(self) -> UUID | None:
        exact = rules.so_called(self.found, str(self.data.get(self.add_prefix("said"), "")))
        return exact[0]["id"] if len(self.found) == len(exact) == 1 else None

    def chosen(self) -> UUID | None:
        """After the check; None where the form says beside the field what to choose."""
        found: UUID | None = self._sole() or self.cleaned_data.get("community")
        if found is None and "said" not in self.errors:
            self._ask()
        return found

    def _ask(self) -> None:
        if self.found:
            self.add_error("community", _("Choose the one that is meant."))
        else:
            self.add_error("said", _("No community here is called so."))


# Screens.


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    return _list(request)


def _list(request: HttpRequest, *, failed: PlaceForm | None = None, status: int = 200) -> HttpResponse:
    me = session.acting(request)
    access.note(f"{COMMUNITY}:list", purpose="places", by=me.id)
    typed = request.GET.get("q", "").strip()[:100]
    found = queries.find_places(me.rights, typed) if typed else None
    bases = queries.bases(me.rights)
    may = editable(me.rights)
    values = {
        "typed": typed,
        "found": _shown(found.places, me.rights) if found else [],
        "more": bool(found and found.more),
        "bases": _shown(bases, me.rights),
        "form": _form(failed, CommunityForm, "community", may),
        "base_form": _form(failed, BaseForm, "base", may),
        "may_edit": bool(may),
    }
    return render(request, "web/places.html", values, status=status)


def editable(reader: Rights) -> list[str]:
    return reader.where(Act.EDIT_NETWORK, persons.provinces())


def _form(failed: PlaceForm | None, kind: type[PlaceForm], name: str, places: Sequence[str]) -> PlaceForm | None:
    if isinstance(failed, kind):
        return failed
    return kind(places=places, auto_id=f"{name}-%s") if places else None


def _shown(rows: Sequence[Row], reader: Rights) -> list[dict[str, Any]]:
    names = area_names(rows, reader)
    return [{"row": row, "area": names.get(row["area"], ""), "is_base": "kind" in row} for row in rows]


@require_POST
def add_community(request: HttpRequest) -> HttpResponse:
    return _add(request, CommunityForm, "community", actions.add_community)


@require_POST
def add_base(request: HttpRequest) -> HttpResponse:
    return _add(request, BaseForm, "base", actions.add_base)


def _add(request: HttpRequest, kind: type[PlaceForm], name: str, add: Callable[..., UUID]) -> HttpResponse:
    me = session.acting(request)
    form = kind(request.POST, places=editable(me.rights), auto_id=f"{name}-%s")
    if form.is_valid():
        try:
            added = add(compartment=form.cleaned_data["place"], by=me.id, **form.values())
            messages.success(request, _("Saved here."))
            return redirect(name, added)
        except Refused as error:
            form.add_error(None, words.in_form(error))
    return _list(request, failed=form, status=422)


@require_safe
def community(request: HttpRequest, community: UUID) -> HttpResponse:
    return _page(request, community, COMMUNITY)


@require_safe
def base(request: HttpRequest, base: UUID) -> HttpResponse:
    return _page(request, base, BASE)


@require_POST
def edit_community(request: HttpRequest, community: UUID) -> HttpResponse:
    return _edit(request, community, COMMUNITY)


@require_POST
def edit_base(request: HttpRequest, base: UUID) -> HttpResponse:
    return _edit(request, base, BASE)


_FORMS: Mapping[str, type[PlaceForm]] = {COMMUNITY: CommunityForm, BASE: BaseForm}
_EDITS: Mapping[str, Callable[..., list[str]]] = {COMMUNITY: actions.edit_community, BASE: actions.edit_base}


def find(request: HttpRequest, place: UUID, label: str) -> Row:
    with session.looking_at(request, f"{label}:{place}", purpose="place page") as me:
        return queries.community(place, me.rights) if label == COMMUNITY else queries.base(place, me.rights)


def _page(
    request: HttpRequest, place: UUID, label: str, *, form: PlaceForm | None = None, status: int = 200
) -> HttpResponse:
    me, row = session.acting(request), find(request, place, label)
    may_edit = me.rights.may(Act.EDIT_NETWORK, row["compartment"])
    values = {
        "row": row,
        "area": area_names([row], me.rights).get(row["area"], ""),
        "lat": degrees(row["lat"]),
        "lon": degrees(row["lon"]),
        "form": form or (_edit_form(row, label) if may_edit else None),
        "tokens": _tokens(place, label) if may_edit else {},
        **(_voices(row, me) if label == COMMUNITY else {}),
    }
    page = "web/community.html" if label == COMMUNITY else "web/base_place.html"
    return render(request, page, values, status=status)


def _voices(row: Row, me: session.Acting) -> dict[str, Any]:
    """How many speak to us there; who, by code, for those alone who may see codes."""
    many = network.voices(me.rights).get(row["id"], 0)
    sees = me.rights.may(Act.SEE_SOURCES, row["compartment"])
    return {
        "voices": many if sees else None,
        "few": few_voices(many),
        "sees_sources": sees,
        "sources": network.sources(me.rights, community=row["id"]) if sees else [],
        "may_enrol": me.rights.may(Act.ENROL_SOURCES, row["compartment"]),
        "kinds": [one for one in labels.choices(labels.SOURCES) if one[0] != "unknown"],
        "contacts": labels.choices(labels.CONTACT),
    }


def _edit_form(row: Row, label: str, posted: QueryDict | None = None) -> PlaceForm:
    return _FORMS[label](posted, places=[row["compartment"]], row=row, auto_id="edit-%s")


def _tokens(place: UUID, label: str) -> dict[str, str]:
    groups = ledger_queries.groups_of(label, place)
    return {leaves.PREFIX + name: leaves.token(group.dots) for name, group in groups.items()}


def _edit(request: HttpRequest, place: UUID, label: str) -> HttpResponse:
    me, row = session.acting(request), find(request, place, label)
    form = _edit_form(row, label, request.POST)
    if not form.is_valid():
        return _page(request, place, label, form=form, status=422)
    try:
        seen = leaves.seen(request.POST)
        changed = _EDITS[label](place, by=me.id, seen=seen, **form.values())
        messages.success(request, _("Saved here.") if changed else _("Nothing was different, so nothing was written."))
        return redirect("community" if label == COMMUNITY else "base", place)
    except ledger.Moved:
        # The page is made anew from what stands now: saving again has seen it.
        form.add_error(None, _("Somebody changed this since you opened it. What stands now is shown on this page."))
        return _page(request, place, label, form=form, status=409)
    except Refused as error:
        form.add_error(None, words.in_form(error))
        return _page(request, place, label, form=form, status=422)
