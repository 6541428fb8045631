"""The map as people use it: it draws, moves by keys, says what the table says, and asks nobody but this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.repo import tree
from tests.stories.room import FORBIDDEN, until, watch
from ulinzi.web import maps, routes

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sqlite_only]

# How many pixels of the ground have which colour, over all pieces that are drawn.
COLOURS = """() => {
  const found = {}, pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  for (const one of document.querySelectorAll(".map-live canvas.leaflet-tile")) {
    if (!one.width) continue;
    Object.assign(pen.canvas, { width: one.width, height: one.height });
    pen.drawImage(one, 0, 0);
    const { data } = pen.getImageData(0, 0, one.width, one.height);
    for (let at = 0; at < data.length; at += 4) {
      const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
      found[colour] = (found[colour] || 0) + 1;
    }
  }
  return found;
}"""
TOKEN = """(name) => {
  const pen = document.createElement("canvas").getContext("2d");
  pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  pen.fillRect(0, 0, 1, 1);
  return pen.getImageData(0, 0, 1, 1).data.slice(0, 3).join(",");
}"""


@pytest.fixture(autouse=True)
def page_of_one_map(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(routes, "OPEN", routes.OPEN | {"sample_map"})
    FORBIDDEN.clear()
    with override_settings(ROOT_URLCONF="tests.web.map_page"):
        yield


@contextmanager
def opened(chromium: Browser, address: str, **options: object) -> Iterator[tuple[Page, list[str]]]:
    """A page that can reach nobody but the server, and what it asked for, and what its console said."""
    told: list[str] = []
    context = chromium.new_context(base_url=address, locale="en-GB", reduced_motion="reduce", **options)  # type: ignore[arg-type]

    def gate(route: Route) -> None:
        here = urlsplit(route.request.url).netloc == urlsplit(address).netloc
        told.append(f"{'here' if here else 'elsewhere'} {route.request.url}")
        route.continue_() if here else route.abort()

    context.route("**/*", gate)
    page = context.new_page()
    watch(page)
    page.on("console", lambda said: told.append(f"console {said.text}") if said.type in ("error", "warning") else None)
    page.on("response", lambda got: told.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    yield page, told
    context.close()


def live(page: Page) -> Locator:
    """The live map, drawn."""
    page.goto("/sample-map")
    expect(page.locator(".map.live .leaflet-tile-loaded").first).to_be_attached()
    page.wait_for_function(f"() => Object.keys(({COLOURS})()).length > 20")
    return page.locator(".map-live")


def wrong(told: list[str]) -> list[str]:
    return [one for one in told if not one.startswith("here ")]


def left(page: Page, name: str) -> float:
    box = page.locator(".map-mark", has_text=name).bounding_box()
    assert box
    return box["x"] + box["width"] / 2


def test_the_map_draws_what_the_table_says_and_asks_nobody_else(chromium: Browser, address: str) -> None:
    with opened(chromium, address) as (page, told):
        live(page)
        drawn = page.evaluate(COLOURS)
        for token in ("--sheet", "--tint", "--tint-2"):
            assert drawn.get(page.evaluate(TOKEN, token), 0) > 100, token
        marks = page.locator(".map-mark .map-word").all_text_contents()
        rows = page.locator(".map-table tbody th").all_text_contents()
        assert marks == rows == [one.name for one in maps.sample().points]
        rough = [one for one in maps.sample().points if one.within_km > 1]
        assert page.locator(".map-live path.map-ring").count() == len(rough) == 2
        assert wrong(told) == [] and FORBIDDEN == []
        # What others wrote credits others by itself; whose ground it is stands under the map, and nothing leads away.
        assert page.locator(".mapped a[href^=http]").count() == 0
        assert sum("sample.pmtiles" in one for one in told) >= 3  # in pieces


def test_control_what_is_asked_of_another_is_noticed(chromium: Browser, address: str) -> None:
    with opened(chromium, address) as (page, told):
        live(page)
        page.evaluate("() => fetch('http://192.0.2.1/canary').catch(() => null)")
        page.evaluate("() => { const one = new Image(); one.src = '/static/web/images/marker-icon.png'; }")
        until(page, lambda: any("Content Security Policy" in one for one in FORBIDDEN))
        until(page, lambda: any(one.startswith(("404 ", "console ")) for one in told))
        FORBIDDEN.clear()


def test_keys_move_the_map_and_change_its_scale(chromium: Browser, address: str) -> None:
    with opened(chromium, address) as (page, _):
        pane = live(page)
        expect(pane).to_have_attribute("aria-label", maps_help())
        before = left(page, "Telwa")
        pane.focus()
        pane.press("ArrowRight")
        until(page, lambda: left(page, "Telwa") < before - 40)
        scale = page.locator(".leaflet-control-scale-line")
        expect(scale).to_have_text("50 km")
        pane.press("+")
        expect(scale).to_have_text("30 km")
        pane.press("-")
        expect(scale).to_have_text("50 km")


def maps_help() -> str:
    return "Map: An invented country. The arrow keys move it, plus and minus change the scale. The table says the same."


def test_a_row_leads_to_its_mark_and_a_mark_to_its_row(chromium: Browser, address: str) -> None:
    with opened(chromium, address) as (page, _):
        pane = live(page).bounding_box()
        assert pane
        name = page.get_by_role("button", name="Nakorro, show on the map")
        name.focus()
        name.press("Enter")
        expect(page.locator(".map-mark.found")).to_have_text("Nakorro")
        middle = pytest.approx(pane["x"] + pane["width"] / 2, abs=3)
        until(page, lambda: left(page, "Nakorro") == middle)
        page.locator(".map-mark", has_text="Chedra").click()
        expect(page.get_by_role("button", name="Chedra, show on the map")).to_be_focused()
        expect(page.locator("tr[aria-current]")).to_contain_text("Chedra")
        assert page.locator("tr[aria-current]").count() == page.locator(".map-mark.found").count() == 1


def test_night_is_another_light_on_the_same_ground(chromium: Browser, address: str) -> None:
    with opened(chromium, address, color_scheme="light") as (page, told):
        live(page)
        day = page.evaluate(TOKEN, "--sheet")
        assert page.evaluate(COLOURS).get(day, 0) > 1000
        page.evaluate("() => { document.documentElement.dataset.theme = 'night'; }")
        night = page.evaluate(TOKEN, "--sheet")
        assert night != day
        page.wait_for_function(f"([colour]) => (({COLOURS})()[colour] || 0) > 1000", arg=[night])
        assert page.evaluate(COLOURS).get(day, 0) == 0
        page.evaluate("() => { delete document.documentElement.dataset.theme; }")
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(f"([colour]) => (({COLOURS})()[colour] || 0) > 1000", arg=[night])
        assert wrong(told) == []


@pytest.mark.parametrize(
    ("what", "status"), [("sample.pmtiles", 404), ("sample.pmtiles", 200), ("leaflet.js", 404), ("map.js", 404)]
)
def test_where_something_is_missing_the_still_picture_stays(
    chromium: Browser, address: str, what: str, status: int
) -> None:
    """200: somebody between who cannot send pieces."""
    with opened(chromium, address) as (page, _):
        whole = (tree.SRC / "web" / "static" / "web" / "sample.pmtiles").read_bytes()
        page.route(f"**/*{what}*", lambda route: route.fulfill(status=status, body=whole, content_type="text/plain"))
        with page.expect_response(f"**/*{what}*"):
            page.goto("/sample-map")
        page.wait_for_load_state("networkidle")
        expect(page.locator(".map-still")).to_be_visible()
        expect(page.locator(".map-live")).to_have_count(0)
        assert page.locator(".map-still .map-spot").count() == len(maps.sample().points)
        assert FORBIDDEN == []


@pytest.mark.parametrize("width", [320, 1440])
def test_it_fits_and_prints_as_the_still_picture(chromium: Browser, address: str, width: int) -> None:
    with opened(chromium, address, viewport={"width": width, "height": 900}) as (page, _):
        live(page)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        expect(page.locator(".map-still")).to_be_hidden()
        page.emulate_media(media="print")
        expect(page.locator(".map-still")).to_be_visible()
        expect(page.locator(".map-live")).to_be_hidden()


def test_without_scripts_all_of_it_is_read(chromium: Browser, address: str) -> None:
    with opened(chromium, address, java_script_enabled=False) as (page, told):
        page.goto("/sample-map")
        expect(page.get_by_role("img", name="Map: An invented country.")).to_be_visible()
        expect(page.get_by_role("row", name="Telwa Mission base")).to_contain_text("1.96° north, 0.85° east")
        assert wrong(told) == []
