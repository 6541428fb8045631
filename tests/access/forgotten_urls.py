"""The product's addresses, and two that somebody forgot to place."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from ulinzi.config.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def secret(request: HttpRequest) -> HttpResponse:
    return HttpResponse("everything")


urlpatterns = [*urlpatterns, path("forgotten", secret, name="forgotten"), path("nameless", secret)]
