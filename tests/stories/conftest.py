"""Every story has a server of its own and shares one browser."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.stories import road as roads
from tests.stories import room
from tests.stories.road import Road
from ulinzi.accounts import local
from ulinzi.ledger.node import Node


@pytest.fixture
def address(node: Node) -> Iterator[str]:
    with room.served(node) as found:
        yield found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as environ, sync_playwright() as driver:
        # Playwright's loop runs in this thread, where the test's own database calls are no mistake.
        environ.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = driver.chromium.launch(executable_path=room.CHROMIUM, args=list(room.ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def road(
    node: Node,
    chromium: Browser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Road]:
    """Whatever a story does: no round of the worker failed, no policy was broken, and the canary left no trace."""
    left = tmp_path / "left-behind"
    left.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(left))
    monkeypatch.setenv("SQLITE_TMPDIR", str(left))
    with roads.opened(node, chromium, monkeypatch) as found:
        yield found
        said = capfd.readouterr()
        wrong = [one for one in caplog.records if one.levelno >= logging.ERROR or "failed" in one.getMessage()]
        assert [one.getMessage() for one in wrong] == []
        assert room.FORBIDDEN == []
        roads.check_nothing_is_left(found, tmp_path, printed=said.out + said.err + caplog.text)
    local.close()
