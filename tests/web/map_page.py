"""The product's addresses and one more: a page with nothing but the sample map."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from ulinzi.config import urls
from ulinzi.web import maps

PAGE = '{% extends "web/base.html" %}{% block main %}<h1>Map</h1>{% include "web/_map.html" %}{% endblock %}'


def sample_map(request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(PAGE).render({"map": maps.sample()}, request))


urlpatterns = [*urls.urlpatterns, path("sample-map", sample_map, name="sample_map")]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
