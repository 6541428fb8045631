"""Who acts, in which language, in which light: three choices, each kept in a cookie."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from ulinzi.web import people
from ulinzi.web.people import Person

PERSON_COOKIE = "person"
THEME_COOKIE = "theme"
THEMES = ("auto", "light", "night")
_YEAR = 365 * 24 * 3600


def person(request: HttpRequest) -> Person | None:
    found = request.get_signed_cookie(PERSON_COOKIE, default="", salt="ulinzi.person")
    return people.coded(found or "")


def acting(request: HttpRequest) -> Person:
    """The person who acts; the middleware lets nobody come here without one."""
    found = person(request)
    if found is None:
        raise BadRequest("nobody acts")
    return found


def theme(request: HttpRequest) -> str:
    wanted = request.COOKIES.get(THEME_COOKIE, "")
    return wanted if wanted in THEMES else THEMES[0]


@require_http_methods(["GET", "HEAD", "POST"])
def choose_person(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        values = {"people": people.PEOPLE, "chosen": person(request), "next": _next(request)}
        return render(request, "web/who.html", values)
    chosen = people.coded(request.POST.get("person", ""))
    if chosen is None:
        raise BadRequest("no such person")
    response = redirect(_next(request))
    response.set_signed_cookie(PERSON_COOKIE, chosen.code, salt="ulinzi.person", **_kept())
    return response


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
    return _remember(request, THEME_COOKIE, wanted)


def _remember(request: HttpRequest, cookie: str, value: str) -> HttpResponse:
    response = redirect(_next(request))
    response.set_cookie(cookie, value, **_kept())
    return response


def _kept() -> dict[str, object]:
    return {"max_age": _YEAR, "httponly": True, "samesite": "Strict"}


def _next(request: HttpRequest) -> str:
    """Where to go on: a page of ours, never somebody else's."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if ours else reverse("tasks")


def with_next(url: str, wanted: str) -> str:
    return f"{url}?{urlencode({'next': wanted})}"
