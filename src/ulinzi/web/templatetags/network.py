"""Words for the codes of places and sources."""

from __future__ import annotations

from django import template

from ulinzi.web import labels, plain

register = template.Library()


@register.filter
def source_kind(code: str | None) -> str:
    return plain.visible(labels.of(labels.SOURCES, code))


@register.filter
def base_kind(code: str | None) -> str:
    return plain.visible(labels.of(labels.BASES, code))


@register.filter
def precision(code: str | None) -> str:
    return plain.visible(labels.of(labels.PRECISIONS, code))
