"""The network: who has the duty, where the liaison assistants are, how many voices each community has.

Sources stand here by their codes, for those alone who may see codes; for everybody else they are a number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import time
from functools import cached_property
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ulinzi import ledger
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Act, Rights, Role
from ulinzi.kernel.clock import DAY
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import access
from ulinzi.ledger import node as nodes
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.shapes import Row
from ulinzi.network import actions, queries, rules
from ulinzi.places import queries as places
from ulinzi.web import labels, leaves, people, persons, plain, profile, session, times, words
from ulinzi.web.forms import Day, Hour, Text, Timed
from ulinzi.web.places import CommunityChoice, area_names

LIAISON = "network.Liaison"
AHEAD = 2 * DAY
MOST_SOURCES = 60
"""On one page; the others stand with their communities."""
_REQUIRED = {"required": lazy("This is missing.")}
_NOBODY = {"required": lazy("Choose a person.")}
_KINDS = [one for one in labels.choices(labels.SOURCES) if one[0] != "unknown"]


class Around:
    """What stands on the page more than once, read once."""

    def __init__(self, reader: Rights) -> None:
        self.reader = reader

    @cached_property
    def bases(self) -> list[Row]:
        return places.bases(self.reader)

    @cached_property
    def communities(self) -> list[Row]:
        return places.communities(self.reader)

    @cached_property
    def liaisons(self) -> list[Row]:
        return queries.liaisons(self.reader)

    @cached_property
    def sources(self) -> list[Row]:
        return queries.sources(self.reader)

    @cached_property
    def people(self) -> list[Row]:
        return accounts.with_roles(people.everybody())

    def held(self, place: str) -> list[Row]:
        """Everybody with a role there: whoever may have a duty or a post may also see tasks."""
        return [row for row in self.people if row["rights"].may(Act.SEE_TASKS, place)]

    def voices(self) -> Mapping[UUID, int]:
        if self.reader.where(Act.SEE_NETWORK, persons.provinces()) != _where(self.reader, Act.SEE_SOURCES):
            return queries.voices(self.reader)
        return Counter(row["community"] for row in self.sources if row["kind"] != "unknown")


class ShiftForm(Timed):
    """Two fields: who, until when. The rest is there for whoever plans ahead."""

    person = forms.ChoiceField(label=labels.FIELDS["person"], error_messages=_NOBODY)
    until = Hour(
        label=labels.FIELDS["ends_at"],
        help_text=lazy("A time that has passed today means tomorrow."),
        error_messages={"required": lazy("Write until when.")},
    )
    post = forms.ChoiceField(label=labels.FIELDS["post"], choices=labels.choices(labels.POSTS), initial=rules.POSTS[0])
    day = Day(label=labels.FIELDS["starts_at"], required=False, help_text=lazy("Both empty: now."))
    hour = Hour(label=lazy("at"), required=False)

    def __init__(self, *args: Any, places: Sequence[str], around: Around, now: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now = now
        self.fields["person"].choices = [("", _("Choose one")), *_choices(places, around, _steps_alerts)]

    def clean(self) -> dict[str, Any]:
        super().clean()
        starts = self.joined()
        self.starts_at = self.now if starts is None else starts
        self.ends_at = _next(self.cleaned_data["until"], self.starts_at) if "until" in self.cleaned_data else None
        return self.cleaned_data


def _next(hour: time, after: int) -> int:
    """The first moment after another at which it is this time."""
    day = times.local(after).date()
    found = times.stored(day, hour)
    return found if found > after else times.stored(times.local(times.end_of_day(after)).date(), hour)


class SourceForm(CommunityChoice):
    """Somebody is enrolled: no name, no number. Both are asked for by nobody here."""

    kind = forms.ChoiceField(
        label=labels.FIELDS["kind"], choices=[("", lazy("Choose one")), *_KINDS], error_messages=_REQUIRED
    )
    contact = forms.ChoiceField(
        label=labels.FIELDS["contact"], choices=labels.choices(labels.CONTACT), initial=rules.CONTACT[0]
    )
    reply = forms.ChoiceField(
        label=labels.FIELDS["reply"],
        choices=labels.choices(labels.REPLY),
        initial=rules.REPLY[0],
        help_text=lazy("As the source chose. A ring or an SMS can be noticed by whoever stands beside them."),
    )


class PostForm(forms.Form):
    base = forms.TypedChoiceField(label=labels.FIELDS["base"], required=False, coerce=UUID, empty_value=None)
    languages = Text(label=labels.FIELDS["languages"], required=False, max_length=rules.LANGUAGES_LONGEST)
    supervisor = forms.TypedChoiceField(
        label=labels.FIELDS["supervisor"], required=False, coerce=UUID, empty_value=None
    )

    def __init__(self, *args: Any, places: Sequence[str], around: Around, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["base"].choices = [("", _("No base")), *_bases(places, around)]
        found = {one: None for place in places for one in _people(place, around, _keeps_network)}
        self.fields["supervisor"].choices = [("", _("nobody")), *found]

    def values(self) -> dict[str, Any]:
        """As the ledger holds them: nothing typed is nothing."""
        return {name: self.cleaned_data[name] or None for name in ("base", "languages", "supervisor")}


class LiaisonForm(PostForm):
    person = forms.ChoiceField(label=labels.FIELDS["person"], error_messages=_NOBODY)
    field_order = ("person", "base", "languages", "supervisor")

    def __init__(self, *args: Any, places: Sequence[str], around: Around, **options: Any) -> None:
        super().__init__(*args, places=places, around=around, **options)
        free = _choices(places, around, _without_post(around.liaisons))
        self.fields["person"].choices = [("", _("Choose one")), *free]


# Whom one may choose. What is chosen names the province too, so that it is asked for by itself nowhere.


Wanted = Callable[[Rights, str], bool]


def _choices(places: Sequence[str], around: Around, wanted: Wanted) -> list[Any]:
    found = [(profile.office(one), _in(one, around, wanted)) for one in places]
    return found[0][1] if len(found) == 1 else [one for one in found if one[1]]


def _in(place: str, around: Around, wanted: Wanted) -> list[tuple[str, str]]:
    return [(f"{place} {person}", name) for person, name in _people(place, around, wanted)]


def _people(place: str, around: Around, wanted: Wanted) -> list[tuple[str, str]]:
    found = [row for row in around.held(place) if wanted(row["rights"], place)]
    return [(str(row["id"]), plain.visible(row["name"] or "")) for row in found]


def _steps_alerts(rights: Rights, place: str) -> bool:
    return rights.may(Act.TAKE_ALERTS, place)


def _keeps_network(rights: Rights, place: str) -> bool:
    return rights.may(Act.EDIT_NETWORK, place)


def _without_post(posts: Iterable[Row]) -> Wanted:
    """Those who have the role there and no post yet."""
    taken = {(row["compartment"], row["person"]) for row in posts}

    def wanted(rights: Rights, place: str) -> bool:
        return (Role.LIAISON_ASSISTANT, place) in rights.held and (place, rights.person) not in taken

    return wanted


def _bases(held: Sequence[str], around: Around) -> list[tuple[str, str]]:
    found = [row for row in around.bases if row["compartment"] in held]
    return [(str(row["id"]), plain.visible(row["name"] or "?")) for row in found]


def _parted(chosen: str) -> tuple[str, UUID]:
    place, _sign, person = chosen.partition(" ")
    return place, UUID(person)


# The page.


@require_safe
def network(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, *, failed: forms.Form | None = None, status: int = 200) -> HttpResponse:
    me, now = session.acting(request), nodes.current().clock.now()
    access.note("network:list", purpose="network", by=me.id)
    several, around = len(_where(me.rights, Act.SEE_NETWORK)) > 1, Around(me.rights)
    values = {
        **_duty(me, now, several),
        **_communities(around),
        **_sources(around),
        "several": several,
        "liaisons": _liaisons(around),
        **_forms(around, now, failed),
    }
    return render(request, "web/network.html", values, status=status)


def _where(reader: Rights, act: Act) -> list[str]:
    return reader.where(act, persons.provinces())


def sharing(reader: Rights) -> list[str]:
    return [one for one in persons.provinces() if rules.may_share_duty(reader, one)]


def _forms(around: Around, now: int, failed: forms.Form | None) -> dict[str, Any]:
    """What this person may add; the one that came back keeps what was typed."""
    reader = around.reader
    share, enrol, edit = sharing(reader), _where(reader, Act.ENROL_SOURCES), _where(reader, Act.EDIT_NETWORK)
    found: dict[str, forms.Form] = {}
    if share:
        found["shift_form"] = ShiftForm(places=share, around=around, now=now, auto_id="shift-%s")
    if enrol:
        found["source_form"] = SourceForm(reader=reader, auto_id="source-%s")
    if edit:
        found["liaison_form"] = LiaisonForm(places=edit, around=around, auto_id="liaison-%s")
    return {name: failed if type(failed) is type(form) else form for name, form in found.items()}


def _duty(me: session.Acting, now: int, several: bool) -> dict[str, Any]:
    """Who has it, who comes next, and where nobody has the phone."""
    found = queries.shifts(me.rights, now, now + AHEAD)
    held, share = rules.on_duty(found, now), set(sharing(me.rights))
    phoned = {row["compartment"] for row in held if row["post"] == "duty_phone"}
    bare = [one for one in _where(me.rights, Act.SEE_NETWORK) if one not in phoned]
    return {
        "held": [_shift(row, share) for row in held],
        "coming": [_shift(row, share) for row in found if (row["starts_at"] or 0) > now],
        "nobody": [profile.office(one) for one in bare] if several else bare,
    }


def _shift(row: Row, share: set[str]) -> dict[str, Any]:
    return {
        "row": row,
        "name": people.name(row["person"]),
        "post": labels.of(labels.POSTS, row["post"]),
        "may": row["compartment"] in share,
    }


def _liaisons(around: Around) -> list[dict[str, Any]]:
    names = {row["id"]: row["name"] or "" for row in around.bases}
    shown = [
        {
            "row": row,
            "name": people.name(row["person"]),
            "base": names.get(row["base"], ""),
            "supervisor": people.name(row["supervisor"]) if row["supervisor"] else "",
            "may": around.reader.may(Act.EDIT_NETWORK, row["compartment"]),
        }
        for row in around.liaisons
    ]
    return sorted(shown, key=lambda one: str(one["name"]))


def _communities(around: Around) -> dict[str, Any]:
    """By area; those without one come last."""
    found, many = around.communities, around.voices()
    names = area_names(found, around.reader)
    told = [
        {
            "row": row,
            "area": names.get(row["area"], ""),
            # One voice is one person: how many exactly is for those who know them by code.
            "voices": many.get(row["id"], 0) if around.reader.may(Act.SEE_SOURCES, row["compartment"]) else None,
            "few": rules.few_voices(many.get(row["id"], 0)),
        }
        for row in found
    ]
    told.sort(key=lambda one: (not one["area"], one["area"]))
    return {
        "areas": [{"name": name, "communities": [*group]} for name, group in groupby(told, lambda one: one["area"])],
        "many": len(told),
        "few": sum(one["few"] for one in told),
    }


def _sources(around: Around) -> dict[str, Any]:
    if not around.reader.may_anywhere(Act.SEE_SOURCES):
        return {}
    found, shown = around.sources, around.sources[:MOST_SOURCES]
    names = {row["id"]: row["name"] or "" for row in around.communities}
    return {
        "sees_sources": True,
        "sources": [{"row": row, "community": names.get(row["community"], "")} for row in shown],
        "source_count": len(found),
        "contacts": labels.choices(labels.CONTACT),
    }


# Who has the duty.


@require_POST
def add_shift(request: HttpRequest) -> HttpResponse:
    me, now = session.acting(request), nodes.current().clock.now()
    form = ShiftForm(request.POST, places=sharing(me.rights), around=Around(me.rights), now=now, auto_id="shift-%s")
    if form.is_valid():
        place, person = _parted(form.cleaned_data["person"])
        told = {"post": form.cleaned_data["post"], "starts_at": form.starts_at, "ends_at": form.ends_at}
        try:
            actions.add_shift(compartment=place, person=person, by=me.id, **told)
            messages.success(request, _("Saved here."))
            return redirect("network")
        except Refused as error:
            form.add_error(None, words.in_form(error))
    return _page(request, failed=form, status=422)


@require_POST
def call_off(request: HttpRequest, shift: UUID) -> HttpResponse:
    me = session.acting(request)
    queries.shift(shift, me.rights)
    actions.call_off(shift, by=me.id)
    messages.success(request, _("Called off."))
    return redirect("network")


# Sources.


@require_POST
def enrol_source(request: HttpRequest) -> HttpResponse:
    me = session.acting(request)
    form = SourceForm(request.POST, reader=me.rights, auto_id="source-%s")
    community = form.chosen() if form.is_valid() else None
    if community is None or form.errors:
        return _page(request, failed=form, status=422)
    place = places.community(community, me.rights)["compartment"]
    told = {name: form.cleaned_data[name] for name in ("kind", "contact", "reply")}
    try:
        source = actions.enrol_source(compartment=place, community=community, by=me.id, **told)
    except Refused as error:
        form.add_error(None, words.in_form(error))
        return _page(request, failed=form, status=422)
    messages.success(request, _("Enrolled. The code stands below; the name and the number are written down nowhere."))
    return redirect(f"{reverse('community', args=[community])}#source-{source}")


@require_POST
def set_contact(request: HttpRequest, source: UUID) -> HttpResponse:
    me, contact = session.acting(request), request.POST.get("contact", "")
    row = _known_source(request, source, me)
    if contact not in rules.CONTACT:
        raise Refused("code_unknown", field="contact", value=contact)
    changed = actions.set_contact(source, by=me.id, contact=contact)
    messages.success(request, _("Saved here.") if changed else _("Nothing was different, so nothing was written."))
    return _back(request, row)


@require_POST
def withdraw_source(request: HttpRequest, source: UUID) -> HttpResponse:
    me = session.acting(request)
    row = _known_source(request, source, me)
    actions.withdraw_source(source, by=me.id)
    messages.success(request, _("Withdrawn for ever. Nobody calls, and the number is forgotten within a minute."))
    return _back(request, row)


def _known_source(request: HttpRequest, source: UUID, me: session.Acting) -> Row:
    with session.looking_at(request, f"network.Source:{source}", purpose="network"):
        return queries.source(source, me.rights)


def _back(request: HttpRequest, row: Row) -> HttpResponse:
    """To the page that the button stood on."""
    if request.POST.get("from") == "community" and row["community"]:
        return redirect("community", row["community"])
    return redirect(f"{reverse('network')}#sources")


# Liaison assistants.


@require_POST
def add_liaison(request: HttpRequest) -> HttpResponse:
    me = session.acting(request)
    form = LiaisonForm(
        request.POST, places=_where(me.rights, Act.EDIT_NETWORK), around=Around(me.rights), auto_id="liaison-%s"
    )
    if form.is_valid():
        place, person = _parted(form.cleaned_data["person"])
        try:
            actions.add_liaison(compartment=place, person=person, by=me.id, **form.values())
            messages.success(request, _("Saved here."))
            return redirect("network")
        except Refused as error:
            form.add_error(None, words.in_form(error))
    return _page(request, failed=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_liaison(request: HttpRequest, liaison: UUID) -> HttpResponse:
    with session.looking_at(request, f"{LIAISON}:{liaison}", purpose="liaison page") as me:
        row = queries.liaison(liaison, me.rights)
    form = PostForm(
        request.POST if request.method == "POST" else None,
        initial={"base": row["base"], "languages": row["languages"], "supervisor": row["supervisor"]},
        places=[row["compartment"]],
        around=Around(me.rights),
        auto_id="edit-%s",
    )
    if request.method != "POST":
        return _liaison_page(request, row, form)
    return _save_liaison(request, row, form, me) if form.is_valid() else _liaison_page(request, row, form, status=422)


def _save_liaison(request: HttpRequest, row: Row, form: PostForm, me: session.Acting) -> HttpResponse:
    try:
        actions.edit_liaison(row["id"], by=me.id, seen=leaves.seen(request.POST), **form.values())
        messages.success(request, _("Saved here."))
        return redirect("network")
    except ledger.Moved:
        form.add_error(None, _("Somebody changed this since you opened it. What stands now is shown on this page."))
        return _liaison_page(request, row, form, status=409)
    except Refused as error:
        form.add_error(None, words.in_form(error))
        return _liaison_page(request, row, form, status=422)


def _liaison_page(request: HttpRequest, row: Row, form: PostForm, status: int = 200) -> HttpResponse:
    groups = ledger_queries.groups_of(LIAISON, row["id"])
    me = session.acting(request)
    values = {
        "row": row,
        "name": people.name(row["person"]),
        "base": places.place_names([row["base"]], me.rights).get(row["base"], ""),
        "supervisor": people.name(row["supervisor"]) if row["supervisor"] else "",
        "form": form,
        "tokens": {leaves.PREFIX + name: leaves.token(group.dots) for name, group in groups.items()},
    }
    return render(request, "web/liaison.html", values, status=status)


@require_POST
def end_liaison(request: HttpRequest, liaison: UUID) -> HttpResponse:
    me = session.acting(request)
    queries.liaison(liaison, me.rights)
    actions.end_liaison(liaison, by=me.id)
    messages.success(request, _("The post has ended."))
    return redirect("network")
