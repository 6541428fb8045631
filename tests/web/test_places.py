"""Places on their pages: found by name, written down, changed by two people at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.nodes import person
from tests.web.conftest import Browser, entries
from tests.web.test_board import body
from ulinzi.accounts.rules import Rights
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node
from ulinzi.places import actions, queries
from ulinzi.web import leaves
from ulinzi.web.places import degrees

CONSOLE = person("console")
EVERYTHING = Rights(CONSOLE, all=True)
NEW: dict[str, Any] = {"place": "north", "name": "Telwa", "also": "Camp Bleu"}


def community(name: str = "Telwa", **told: Any) -> UUID:
    return actions.add_community(compartment="north", name=name, by=CONSOLE, **told)


def seen(record: UUID) -> dict[str, str]:
    groups = ledger.groups_of("places.Community", record)
    return {leaves.PREFIX + name: leaves.token(group.dots) for name, group in groups.items()}


def test_a_community_is_written_down_and_found(browser: Browser) -> None:
    area = actions.add_area(compartment="north", code="N1", name="Nerela", kind="district", by=CONSOLE)
    told = NEW | {"area": str(area), "lat": "-1,6835", "lon": "29.1", "precision": "village"}
    page = body(browser().post("/places/communities", told, follow=True))
    assert all(one in page for one in ("Telwa", "Camp Bleu", "Nerela", "-1.6835, 29.1"))
    found = body(browser().get("/places?q=cámp"))
    assert "Telwa" in found and "also Camp Bleu" in found and "Nerela" in found


def test_two_of_one_name_are_both_offered(browser: Browser) -> None:
    one, two = community(), community()
    page = body(browser().get("/places?q=telwa"))
    assert f"/places/communities/{one}" in page and f"/places/communities/{two}" in page


def test_what_is_not_here_is_said_to_be_not_here(browser: Browser) -> None:
    assert "No community or base here is called so." in body(browser().get("/places?q=Orva"))


def test_a_base_is_written_down_and_changed(browser: Browser) -> None:
    told = {"place": "north", "name": "Nerela base", "kind": "company"}
    answer = browser().post("/places/bases", told)
    record = UUID(answer.headers["Location"].rsplit("/", 1)[1])
    browser().post(f"/places/bases/{record}/edit", {"name": "Osk base", "kind": "temporary"})
    row = queries.base(record, EVERYTHING)
    assert (row.name, row.kind) == ("Osk base", "temporary")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"name": ""}, "This is missing."),
        ({"lat": "north"}, "This is no number of degrees."),
        ({"lat": "1"}, "A position needs both numbers"),
        ({"lat": "91", "lon": "0"}, "There is no such place on the earth."),
        ({"lat": "NaN", "lon": "0"}, "This is no number of degrees."),
        ({"lat": "1e99999", "lon": "0"}, "This is no number of degrees."),
        ({"lat": "999", "lon": "0"}, "There is no such place on the earth."),
        ({"place": "elsewhere"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_saved(browser: Browser, told: dict[str, str], said: str) -> None:
    one = browser()
    before = entries()
    page = one.post("/places/communities", NEW | told)
    assert page.status_code == 422
    assert said in body(page)
    assert entries() == before


def test_what_somebody_else_changed_is_not_written_over(browser: Browser) -> None:
    record = community()
    form = seen(record)
    actions.edit_community(record, by=CONSOLE, name="Telwa-Nord")
    page = browser().post(f"/places/communities/{record}/edit", {"name": "Telwa-Sud", **form})
    assert page.status_code == 409
    assert "Telwa-Nord" in body(page) and 'value="Telwa-Sud"' in body(page)
    assert queries.community(record, EVERYTHING).name == "Telwa-Nord"
    browser().post(f"/places/communities/{record}/edit", {"name": "Telwa-Sud", **seen(record)})
    assert queries.community(record, EVERYTHING).name == "Telwa-Sud"


def test_saving_what_nobody_changed_writes_nothing(browser: Browser) -> None:
    record = community(lon=29_100_000, lat=-1_683_500, precision="village")
    told = {"name": "Telwa", "lat": degrees(-1_683_500), "lon": degrees(29_100_000), "precision": "village"}
    one = browser()
    before = entries()
    page = one.post(f"/places/communities/{record}/edit", told | seen(record), follow=True)
    assert "Nothing was different" in body(page)
    assert entries() == before


@pytest.mark.parametrize(("kept", "shown"), [(-1_683_500, "-1.6835"), (0, "0"), (29_000_000, "29"), (None, "")])
def test_degrees_come_back_as_they_were_typed(kept: int | None, shown: str) -> None:
    assert degrees(kept) == shown


def test_a_name_that_is_code_is_shown_as_words(browser: Browser, node: Node) -> None:
    record = community("<b onclick=x>Telwa</b>")
    for address in ("/places?q=telwa", f"/places/communities/{record}", "/network"):
        page = body(browser().get(address))
        assert "<b onclick" not in page and "&lt;b onclick" in page
