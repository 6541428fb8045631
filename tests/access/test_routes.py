"""Every address is placed, and one that nobody has placed is closed (T-A-01, T-A-02)."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver

from tests.access import forgotten_urls
from tests.access.asks import ASKS
from tests.access.world import COLUMNS, World, id_of
from ulinzi.config import urls
from ulinzi.web import routes

pytestmark = [pytest.mark.access, pytest.mark.sqlite_only]

PLACES = {
    "OPEN": routes.OPEN,
    "OPEN_IN_DEMO": routes.OPEN_IN_DEMO,
    "SIGNED_IN": routes.SIGNED_IN,
    "ACTS": frozenset(routes.ACTS),
}


def names(patterns: Iterable[URLPattern | URLResolver]) -> list[str]:
    """Of every address, those of included lists too; one without a name is an empty text."""
    found: list[str] = []
    for one in patterns:
        found += names(one.url_patterns) if isinstance(one, URLResolver) else [one.name or ""]
    return found


def unplaced(patterns: Iterable[URLPattern | URLResolver]) -> list[str]:
    return [name for name in names(patterns) if sum(name in listed for listed in PLACES.values()) != 1]


def test_every_address_stands_in_one_list_of_routes_and_no_other() -> None:
    assert unplaced(urls.urlpatterns) == []


def test_no_list_names_an_address_that_is_gone() -> None:
    assert frozenset().union(*PLACES.values()) == set(names(urls.urlpatterns))


def test_no_name_is_used_twice() -> None:
    found = names(urls.urlpatterns)
    assert len(found) == len(set(found))


def test_every_address_is_asked_for_the_matrix() -> None:
    assert {one.name for one in ASKS} == set(names(urls.urlpatterns))
    assert len({one.key for one in ASKS}) == len(ASKS)


def test_the_matrix_asks_in_every_way_that_is_answered(here: World) -> None:
    """An address that takes a form and shows a page is asked both ways."""
    asked = {one.key for one in ASKS}
    for ask in ASKS:
        other = {"GET": "POST", "POST": "GET"}[ask.method]
        if f"{ask.name} {other}" in asked:
            continue
        request = ask.make(here, "north")
        answers = {here.send(id_of(one), other, request.url).status_code for one in COLUMNS}
        assert answers <= {302, 401, 403, 404, 405}, ask.key
        assert 405 in answers, ask.key


def test_control_an_address_in_no_list_is_found() -> None:
    assert unplaced(forgotten_urls.urlpatterns) == ["forgotten", ""]


@pytest.mark.parametrize("url", ["/forgotten", "/nameless"])
def test_an_address_in_no_list_is_closed_to_everybody(here: World, url: str) -> None:
    with override_settings(ROOT_URLCONF="tests.access.forgotten_urls"):
        for column in COLUMNS:
            for method in ("GET", "POST"):
                response = here.send(id_of(column), method, url)
                assert response.status_code == (302 if method == "GET" and id_of(column) is None else 403)
                assert b"everything" not in response.content
    assert get_resolver().urlconf_name == "ulinzi.config.urls"


def test_control_once_placed_it_opens_to_those_it_is_placed_for(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "ACTS", {**routes.ACTS, "forgotten": routes.ACTS["check"]})
    with override_settings(ROOT_URLCONF="tests.access.forgotten_urls"):
        opened = {str(one.role) for one in COLUMNS if here.send(id_of(one), "GET", "/forgotten").status_code == 200}
    assert opened == {"administrator"}


def test_the_chooser_is_open_in_the_demonstration_alone(here: World) -> None:
    asked = [("GET", {}), ("POST", {"person": str(COLUMNS[0].id)})]  # type: ignore[union-attr]
    assert [here.send(None, method, "/who", data).status_code for method, data in asked] == [404, 404]
    with override_settings(DEMO=True):
        assert [here.send(None, method, "/who", data).status_code for method, data in asked] == [200, 302]
