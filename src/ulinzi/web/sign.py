"""Coming in and going out: name and password, a one-time code for the first time, and the demonstration's chooser."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ulinzi.accounts import logins, queries, sessions
from ulinzi.accounts.rules import Act
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.web import languages, people, session, words

_REQUIRED = {"required": lazy("Fill this in.")}
_READ = ["GET", "HEAD", "POST"]
# Behind the language in its cookie: the person's own, not chosen on a screen. The next person's own takes its place.
_OWN = "-x-own"


def _password(label: object, *, new: bool = False) -> forms.CharField:
    attrs = {"autocomplete": "new-password" if new else "current-password"}
    widget = forms.PasswordInput(attrs=attrs)
    return forms.CharField(label=label, max_length=1000, strip=False, widget=widget, error_messages=_REQUIRED)


def _name(autofocus: bool = False) -> forms.CharField:
    attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
    widget = forms.TextInput(attrs=attrs | ({"autofocus": True} if autofocus else {}))
    return forms.CharField(label=lazy("Log-in name"), max_length=200, widget=widget, error_messages=_REQUIRED)


class SignInForm(forms.Form):
    name = _name(autofocus=True)
    password = _password(lazy("Password"))


class EnrolForm(forms.Form):
    code = forms.CharField(
        label=lazy("One-time code"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
        help_text=lazy("Twelve signs, given to you face to face. It holds for three days; capitals do not matter."),
        error_messages=_REQUIRED,
    )
    name = _name()
    password = _password(lazy("New password"), new=True)
    field_order = ("code", "name", "password")

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["password"].help_text = _how_long()


class PasswordForm(forms.Form):
    old = _password(lazy("Password until now"))
    password = _password(lazy("New password"), new=True)

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["password"].help_text = _how_long()


def _how_long() -> str:
    hint = _("At least %(count)s signs. A short sentence is easier to keep in mind than signs and figures.")
    return hint % {"count": logins.SHORTEST}


@require_http_methods(_READ)
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST if request.method == "POST" else None, auto_id="sign-%s")
    if form.is_bound and form.is_valid():
        try:
            person = logins.sign_in(**form.cleaned_data, address=address(request))
            return _in_own_language(request, _come_in(request, person), person)
        except Refused as error:
            _tell(form, error)
    return _shown(request, "web/sign_in.html", form, demo=settings.DEMO)


@require_http_methods(_READ)
def enrol(request: HttpRequest) -> HttpResponse:
    form = EnrolForm(request.POST if request.method == "POST" else None, auto_id="enrol-%s")
    if form.is_bound and form.is_valid():
        try:
            person = logins.enrol(**form.cleaned_data, address=address(request))
            return _in_own_language(request, _come_in(request, person), person)
        except Refused as error:
            _tell(form, error)
    return _shown(request, "web/enrol.html", form)


@require_http_methods(_READ)
def password(request: HttpRequest) -> HttpResponse:
    """A new password ends every session, this one too; the person comes straight in again."""
    form = PasswordForm(request.POST if request.method == "POST" else None, auto_id="password-%s")
    me = session.acting(request)
    if form.is_bound and form.is_valid():
        try:
            told = form.cleaned_data
            logins.change_password(me.id, told["old"], told["password"], address=address(request))
            messages.success(request, _("Saved. Whoever was signed in under your name elsewhere is signed out."))
            return _come_in(request, me.id)
        except Refused as error:
            _tell(form, error)
    return _shown(request, "web/password.html", form, login=logins.login_name(me.id))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    sessions.end(session.acting(request).session.token)
    messages.success(request, _("You are signed out."))
    return session.drop(redirect("sign_in"))


@require_http_methods(_READ)
def choose_person(request: HttpRequest) -> HttpResponse:
    """In the demonstration, where nothing is anybody's, whoever sits here may be any of its people."""
    if not settings.DEMO:
        raise Http404
    listed = queries.with_roles()
    if request.method != "POST":
        values = {"people": listed, "chosen": session.person(request), "next": session.next_page(request)}
        return render(request, "web/who.html", values)
    chosen = next((one for one in listed if str(one["id"]) == request.POST.get("person")), None)
    if chosen is None:
        raise Refused("person_missing", field="person")
    return _come_in(request, chosen["id"])


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Whoever deals with what comes in begins at the watch; everybody else with what waits for them."""
    return redirect("watch" if session.acting(request).rights.may_anywhere(Act.HANDLE_MESSAGES) else "desk")


def _come_in(request: HttpRequest, person: UUID) -> HttpResponse:
    """Another token each time: one that somebody set before is worth nothing."""
    old = session.person(request)
    if old is not None:
        sessions.end(old.session.token)
    people.forget()
    begun = sessions.begin(person, enrolled=not settings.DEMO)
    session.forms_of(request, person)
    return session.keep(redirect(session.next_page(request)), begun)


def _in_own_language(request: HttpRequest, response: HttpResponse, person: UUID) -> HttpResponse:
    """Where nobody chose a language in this browser, whoever comes in is spoken to in their own."""
    name = settings.LANGUAGE_COOKIE_NAME
    own = _language_of(person)
    if own and request.COOKIES.get(name, _OWN).endswith(_OWN):
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(name, own.code + _OWN, httponly=True, samesite="Strict", secure=secure)
    return response


def _language_of(person: UUID) -> languages.Language | None:
    try:
        return languages.known(queries.person(person)["language"])
    except NotFound:
        return None


def address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _tell(form: forms.Form, error: Refused) -> None:
    field = error.values.get("field")
    form.add_error(field if field in form.fields else None, words.in_form(error))


def _shown(request: HttpRequest, template: str, form: forms.Form, **values: object) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, template, {"form": form, "next": session.next_page(request), **values}, status=status)
