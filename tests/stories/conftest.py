"""Every story has a server of its own and shares one browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.stories import room
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
