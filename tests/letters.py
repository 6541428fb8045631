"""A gateway without phones, for tests: letters lie in it, and it remembers what was asked of it.

letters = Letters(monkeypatch); letter = letters.bring(words="11*30"); drain(node)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.nodes import NOON
from ulinzi.gateway.client import Client
from ulinzi.kernel.clock import MINUTE
from ulinzi.kernel.errors import Refused

ASKED = ("pending", "strays", "taken", "words", "offer", "dial", "send", "sent", "enrol", "forget", "phones")


class Letters:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.held: list[dict[str, Any]] = []
        self.said: dict[str, str] = {}
        self.dialled: list[str] = []
        self.forgotten: list[str] = []
        self.listed: list[dict[str, Any]] = []
        self.outgoing: dict[str, dict[str, Any]] = {}
        self.texts: list[str] = []
        self.is_silent = False
        self.count = 0
        for name in ASKED:
            monkeypatch.setattr(Client, name, self._unless_silent(getattr(self, name)))

    def _unless_silent(self, ask: Any) -> Any:
        def asked(client: Client, *told: Any, **named: Any) -> Any:
            if self.is_silent:
                raise Refused("gateway_silent")
            return ask(*told, **named)

        return asked

    def bring(
        self,
        *,
        words: str | None = "11*30",
        kind: str = "sms",
        code: str = "U-2345679",
        compartment: str = "north",
        at: int = NOON,
        late: int = 0,
    ) -> str:
        """A phone has handed something over, `late` after it came; the letter's handle."""
        self.count += 1
        handle = f"{self.count:032x}"
        told = {"handle": handle, "phone": "N1", "compartment": compartment, "kind": kind, "code": code}
        self.held.append({**told, "received_at": at, "taken_at": at + late})
        if words is not None:
            self.said[handle] = words
        return handle

    # What the client offers.

    def pending(self, limit: int, compartments: Sequence[str] | None = None) -> list[dict[str, Any]]:
        found = [one for one in self.held if compartments is None or one["compartment"] in compartments]
        return [dict(one) for one in found[:limit]]

    def strays(self, compartments: Sequence[str]) -> int:
        return len([one for one in self.held if one["compartment"] not in compartments])

    def taken(self, handles: list[str]) -> None:
        self.held = [one for one in self.held if one["handle"] not in handles]

    def words(self, handle: str) -> str | None:
        return self.said.get(handle)

    def offer(self, handle: str) -> dict[str, Any]:
        return {"word": "seven-otter", "expires_at": NOON + 5 * MINUTE}

    def dial(self, handle: str) -> None:
        self.dialled.append(handle)

    def send(self, handle: str, text: str, id: str) -> dict[str, Any]:
        """Once under one id; what becomes of it a test says by `outgoing`."""
        if id not in self.outgoing:
            self.texts.append(text)
            told = {"id": id, "handle": handle, "state": "pending", "reason": "", "changed_at": NOON}
            self.outgoing[id] = told
        return dict(self.outgoing[id])

    def sent(self, since: int = 0) -> list[dict[str, Any]]:
        return [dict(one) for one in self.outgoing.values() if one["changed_at"] >= since]

    def enrol(self, handle: str, code: str) -> str | None:
        return None

    def forget(self, handles: list[str]) -> None:
        self.forgotten += handles
        for one in handles:
            self.said.pop(one, None)

    def phones(self) -> list[dict[str, Any]]:
        return self.listed
