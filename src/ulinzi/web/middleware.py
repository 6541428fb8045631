"""What every request and every response goes through: headers, who acts, and errors that a person can read."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from ulinzi.accounts.rules import DANGEROUS
from ulinzi.kernel.errors import Broken, NotFound, Refused
from ulinzi.ledger import Moved, access
from ulinzi.ledger import queries as ledger
from ulinzi.web import errors, live, people, proof, routes, sent, session

Respond = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("ulinzi.web")

HEADERS = {
    # Everything from this machine alone and from files of its own, so nothing that somebody typed can act.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
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
        if request.is_secure():
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        # Styles say themselves how long they last; a page is for whoever asked, and only now.
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
            patch_vary_headers(response, ["Cookie", "Accept-Language"])
        return response


class CompressMiddleware(GZipMiddleware):
    """A piece of a file goes as it lies there: compressed, its bytes would not be those that were asked for."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        return response if response.status_code == 206 else super().process_response(request, response)


class ErrorsMiddleware:
    """What the product raises on purpose becomes a page; what nobody foresaw is logged without anybody's words."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Nobody's form says another: some that Python knows take a minute of a core for a megabyte.
        request.encoding = "utf-8"
        if _size(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return errors.too_large(request)
        response = self.get_response(request)
        if response.status_code == 405:
            return errors.method_not_allowed(request, response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, BadRequest | Http404 | MultiPartParserError | PermissionDenied | SuspiciousOperation):
            return None
        if isinstance(error, NotFound):
            return errors.not_found(request)
        if isinstance(error, Refused):
            return errors.refused(request, error, status=409 if isinstance(error, Moved) else 422)
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s at\n%s", type(error).__name__, frames)
        return errors.broken(request, error) if isinstance(error, Broken) else errors.unexpected(request)


def _size(request: HttpRequest) -> int:
    """What the request says of itself, before a byte of it is read. One that says nothing is read as empty."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


class ActingMiddleware:
    """Who acts, and whether this address is for them. What stands in no list of routes is closed."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        people.forget()
        with ledger.one_request():
            return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        before = session.open_session(request)
        request.acting = before  # type: ignore[attr-defined]
        if before and not session.asks_by_itself(request):
            # Before the page reads anything: what changes while it is made is news to it.
            since = live.moved if request.method == "GET" else live.whose
            request.since = since(before.rights)  # type: ignore[attr-defined]
        response = self.get_response(request)
        request.unknown = sent.unknown(request, response)  # type: ignore[attr-defined]
        after = session.person(request)
        if before and after and after.session.token != before.session.token:
            session.keep(response, after.session)
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        sent.watch(request)
        name = (request.resolver_match.url_name if request.resolver_match else "") or ""
        if name in routes.OPEN_IN_DEMO and not settings.DEMO:
            return errors.not_found(request)
        if name in routes.OPEN | routes.OPEN_IN_DEMO:
            return None
        acting = session.person(request)
        if acting is None:
            return self._come_in_first(request)
        return None if name in routes.SIGNED_IN else self._placed(request, acting, name)

    def _come_in_first(self, request: HttpRequest) -> HttpResponse:
        if session.asks_by_itself(request):
            return HttpResponse(status=401)
        if request.method in ("GET", "HEAD"):
            door = reverse("choose_person" if settings.DEMO else "sign_in")
            return redirect(session.with_next(door, session.without_words(request)))
        return errors.refused(request, Refused("not_signed_in"), status=403)

    def _placed(self, request: HttpRequest, acting: session.Acting, name: str) -> HttpResponse | None:
        act = routes.ACTS.get(name)
        if act is None or not acting.rights.may_anywhere(act):
            access.note(f"route:{name}", purpose="page", by=acting.id, result="refused")
            return errors.refused(request, Refused("not_for_your_role", act=name), status=403)
        return proof.missing(request) if act in DANGEROUS and request.method == "POST" else None
