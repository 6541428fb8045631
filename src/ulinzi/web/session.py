"""Who is signed in, in which language, in which light."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CSRF_SECRET_LENGTH
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from ulinzi.accounts import queries, sessions
from ulinzi.accounts.rules import Rights
from ulinzi.accounts.sessions import Session
from ulinzi.kernel.errors import NotFound
from ulinzi.ledger import access
from ulinzi.web import people, profile

THEMES = ("auto", "light", "night")
KEYS = ("on", "off")
_YEAR = 365 * 24 * 3600


class Said(CookieStorage):
    """What was just saved, said once on the next page: in a cookie that only this machine sets."""

    cookie_name = settings.MESSAGES_COOKIE


@dataclass(frozen=True)
class Acting:
    """The person of this request, with what they may do as it stands now."""

    session: Session
    rights: Rights

    @property
    def id(self) -> UUID:
        return self.session.person

    @property
    def name(self) -> str:
        return people.name(self.id)

    @property
    def role(self) -> str:
        return ", ".join(profile.role(one) for one in self.rights.roles)


def open_session(request: HttpRequest) -> Acting | None:
    token = request.COOKIES.get(settings.SIGNED_IN_COOKIE, "")
    # What a page asks by itself keeps nobody signed in: a screen that is left alone is left.
    found = sessions.find(token, touch=not asks_by_itself(request)) if token else None
    return Acting(found, queries.rights_of(found.person)) if found else None


def asks_by_itself(request: HttpRequest) -> bool:
    """Whether the page asks, and not a person: looks for what moved, and parts fetched after one."""
    return "HX-Request" in request.headers or request.path == reverse("tick")


def person(request: HttpRequest) -> Acting | None:
    return getattr(request, "acting", None)


def acting(request: HttpRequest) -> Acting:
    """The person who acts; the middleware lets nobody come here without one."""
    found = person(request)
    if found is None:
        raise BadRequest("nobody acts")
    return found


@contextmanager
def looking_at(request: HttpRequest, what: str, *, purpose: str) -> Iterator[Acting]:
    """Whoever is shown a record is in the access log, and so is whoever asked after one that is not theirs."""
    me = acting(request)
    try:
        yield me
    except NotFound:
        access.note(what, purpose=purpose, by=me.id, result="not_found")
        raise
    access.note(what, purpose=purpose, by=me.id)


def keep(response: HttpResponse, session: Session) -> HttpResponse:
    """The token, for as long as the browser is open: who closes it is signed out."""
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(settings.SIGNED_IN_COOKIE, session.token, httponly=True, samesite="Strict", secure=secure)
    return response


def forms_of(request: HttpRequest, person: UUID) -> None:
    """A form that was made for one person is refused from the next at this machine; whoever comes back sends theirs."""
    secret = salted_hmac("ulinzi/forms", person.hex, algorithm="sha256").hexdigest()[:CSRF_SECRET_LENGTH]
    request.META |= {"CSRF_COOKIE": secret, "CSRF_COOKIE_NEEDS_UPDATE": True}


def drop(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(settings.SIGNED_IN_COOKIE, samesite="Strict")
    return response


def theme(request: HttpRequest) -> str:
    wanted = request.COOKIES.get(settings.THEME_COOKIE, "")
    return wanted if wanted in THEMES else THEMES[0]


def keys(request: HttpRequest) -> bool:
    """Whether single keys act: who speaks to the machine, or leans on it, switches them off."""
    return request.COOKIES.get(settings.KEYS_COOKIE) != "off"


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("language", "")
    if wanted not in dict(settings.LANGUAGES):
        raise BadRequest("no such language")
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, wanted)


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("theme", "")
    if wanted not in THEMES:
        raise BadRequest("no such theme")
    return _remember(request, settings.THEME_COOKIE, wanted)


@require_POST
def choose_keys(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("keys", "")
    if wanted not in KEYS:
        raise BadRequest("neither on nor off")
    return _remember(request, settings.KEYS_COOKIE, wanted)


def _remember(request: HttpRequest, cookie: str, value: str) -> HttpResponse:
    response = redirect(next_page(request))
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(cookie, value, max_age=_YEAR, httponly=True, samesite="Strict", secure=secure)
    return response


def next_page(request: HttpRequest) -> str:
    """Where to go on: a page of ours, never somebody else's."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if ours else reverse("home")


def without_words(request: HttpRequest) -> str:
    """The address that was asked for, but what was looked for: it would stand above the sign-in page, for anybody."""
    if not request.GET.get("q"):
        return request.get_full_path()
    rest = request.GET.copy()
    del rest["q"]
    return f"{request.path}?{rest.urlencode()}" if rest else request.path


def with_next(url: str, wanted: str) -> str:
    return f"{url}?{urlencode({'next': wanted})}"
