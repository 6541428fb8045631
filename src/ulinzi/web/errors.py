"""Pages for what went wrong. Each says what happened, whether anything was saved, and what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ulinzi.kernel.errors import Broken, Refused
from ulinzi.web import words
from ulinzi.web.words import Said

_WORDS = ("title", "detail", "words", "basis", "reason")


def page(request: HttpRequest, said: Said, *, status: int, code: str = "") -> HttpResponse:
    values = {"said": said, "code": code, "status": status, "typed": typed(request)}
    return render(request, "web/error.html", values, status=status)


def typed(request: HttpRequest) -> list[str]:
    """What a refused form held, to be copied: nothing typed is lost."""
    if request.method != "POST" or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return []  # what another site has sent is not read, and not repeated
    try:
        posted = request.POST
    except Exception:  # noqa: BLE001 the form could not be read, which may be the very error that is being told
        return []
    fields = [name for name in posted if name.rpartition("-")[2] in _WORDS]
    return [value for name in fields for value in posted.getlist(name) if value.strip()]


def refused(request: HttpRequest, error: Refused, *, status: int = 422) -> HttpResponse:
    return page(request, words.said(error), status=status, code=error.code)


def not_found(request: HttpRequest, exception: object = None) -> HttpResponse:
    """The same page whether it never was, is gone, or belongs to somebody else."""
    return page(request, words.code("page_not_found"), status=404)


def broken(request: HttpRequest, error: Broken) -> HttpResponse:
    return page(request, words.said(error), status=500, code=error.code)


def unexpected(request: HttpRequest) -> HttpResponse:
    return page(request, words.code("unexpected"), status=500)


def bad_request(request: HttpRequest, exception: object = None) -> HttpResponse:
    return page(request, words.code("request_not_understood"), status=400)


def too_large(request: HttpRequest) -> HttpResponse:
    values = {"said": words.code("request_too_large"), "status": 413}  # and not what was typed: it is not read
    return render(request, "web/error.html", values, status=413)


def method_not_allowed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    shown = page(request, words.code("method_not_allowed"), status=405)
    shown.headers["Allow"] = response.headers.get("Allow", "")
    return shown


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF protection refused the form."""
    return page(request, words.code("form_too_old"), status=403)
