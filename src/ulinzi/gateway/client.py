"""What the rest of Ulinzi asks the gateway. Short: a gateway that does not answer holds nobody up.

`words` and nothing else brings back what somebody wrote; a number never comes this way.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ulinzi.gateway.wire import reached
from ulinzi.kernel.errors import Broken, NotFound, Refused, UlinziError

FOLDER = "gateway"
PATIENCE = 2.0
PATIENCE_WITH_A_PHONE = 8.0
_KINDS: Mapping[str, type[UlinziError]] = {"Refused": Refused, "NotFound": NotFound, "Broken": Broken}


class Client:
    """`home` is the node's. Handles and codes are text; times are microseconds since 1970."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER

    def pending(self, limit: int = 100, compartments: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """The oldest not taken over: handle, phone, compartment, kind, received_at, taken_at, code (None: hidden).

        With `compartments` none but theirs: what nobody here may take never stands before what somebody can.
        """
        of = None if compartments is None else list(compartments)
        found: list[dict[str, Any]] = self._ask("pending", limit=limit, compartments=of)
        return found

    def strays(self, compartments: Sequence[str]) -> int:
        """How many are not taken over that belong to none of these compartments."""
        found: int = self._ask("strays", compartments=list(compartments))
        return found

    def taken(self, handles: Sequence[str]) -> None:
        """They are in the ledger. After the commit, never before; again as often as need be."""
        self._ask("taken", handles=list(handles))

    def words(self, handle: str) -> str | None:
        """What was written; None for a call, and where it is gone."""
        found: str | None = self._ask("words", handle=handle)
        return found

    def offer(self, handle: str) -> dict[str, Any]:
        """{word, expires_at}: whoever types the word at /duty sees the number, once."""
        found: dict[str, Any] = self._ask("offer", handle=handle)
        return found

    def dial(self, handle: str) -> None:
        """The phone that took it calls back."""
        self._ask("dial", PATIENCE_WITH_A_PHONE, handle=handle)

    def send(self, handle: str, text: str, id: str) -> dict[str, Any]:
        """{id, handle, state, reason, changed_at}; under one id at most one message goes out."""
        found: dict[str, Any] = self._ask("send", PATIENCE_WITH_A_PHONE, handle=handle, text=text, id=id)
        return found

    def sent(self, since: int = 0) -> list[dict[str, Any]]:
        """The same for all that changed since then: pending, sent, delivered or failed."""
        found: list[dict[str, Any]] = self._ask("sent", since=since)
        return found

    def forget(self, handles: Sequence[str]) -> None:
        """Number and words are erased now."""
        self._ask("forget", handles=list(handles))

    def enrol(self, handle: str, code: str) -> str | None:
        """Whoever sent it is this source from now on; the code they had until now, where it was another."""
        found: str | None = self._ask("enrol", handle=handle, code=code)
        return found

    def withdraw(self, code: str) -> int:
        """No number leads to this code any more; how many did."""
        found: int = self._ask("withdraw", code=code)
        return found

    def phones(self) -> list[dict[str, Any]]:
        """code, name, compartment, last_heard (None: never), usual_gap, silent, sends, dials, refused."""
        found: list[dict[str, Any]] = self._ask("phones")
        return found

    def _ask(self, name: str, patience: float = PATIENCE, **told: Any) -> Any:
        try:
            line = _exchanged(self._folder, json.dumps({"ask": name, "with": told}).encode() + b"\n", patience)
            found = json.loads(line)
        except (OSError, ValueError) as error:
            raise Refused("gateway_silent") from error
        if "error" in found:
            kind, code, values = found["error"]
            raise _KINDS.get(kind, Refused)(code, **values)
        return found["ok"]


def _exchanged(folder: Path, line: bytes, patience: float) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(patience)
        with reached(folder) as path:
            connection.connect(path)
        connection.sendall(line)
        with connection.makefile("rb") as answers:
            return answers.readline()
