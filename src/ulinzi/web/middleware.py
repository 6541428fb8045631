"""What every request and every response goes through: headers, who acts, and errors that a person can read."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from ulinzi.kernel.errors import Broken, NotFound, Refused
from ulinzi.ledger import Moved
from ulinzi.web import errors, session

Respond = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("ulinzi.web")

HEADERS = {
    # No script at all, so none can be slipped in; styles and pictures from this machine alone.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # With no-referrer browsers send `Origin: null`, and every form would be refused.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class HeadersMiddleware:
    """First of all, so that errors carry them too."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        # Styles say themselves how long they last; a page is for whoever asked, and only now.
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
            patch_vary_headers(response, ["Cookie", "Accept-Language"])
        return response


class ErrorsMiddleware:
    """What the product raises on purpose becomes a page; what nobody foresaw is logged without anybody's words."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405:
            return errors.method_not_allowed(request, response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, BadRequest | Http404 | PermissionDenied | SuspiciousOperation):
            return None
        if isinstance(error, NotFound):
            return errors.not_found(request)
        if isinstance(error, Refused):
            return errors.refused(request, error, status=409 if isinstance(error, Moved) else 422)
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s at\n%s", type(error).__name__, frames)
        return errors.broken(request, error) if isinstance(error, Broken) else errors.unexpected(request)


class ActingMiddleware:
    """Who acts. Until there are accounts somebody chooses; nothing is shown before."""

    OPEN = ("choose_person", "choose_language", "choose_theme")

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        match = request.resolver_match
        if session.person(request) or (match and match.url_name in self.OPEN):
            return None
        if request.method in ("GET", "HEAD"):
            return redirect(session.with_next(reverse("choose_person"), request.get_full_path()))
        return errors.refused(request, Refused("person_not_chosen"), status=403)
