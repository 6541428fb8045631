"""The gateway as one object. HTTP, the socket and the command line are thin shells around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ulinzi.gateway import intake, letters, outgoing, phones, sweep
from ulinzi.gateway.duty import Offers
from ulinzi.gateway.outgoing import Asked, ask
from ulinzi.gateway.phones import Phone
from ulinzi.gateway.store import Store
from ulinzi.kernel.chance import Chance
from ulinzi.kernel.clock import Clock
from ulinzi.kernel.errors import Refused


class Gateway:
    """`asked` is how a phone is reached: over the network, or in a simulation by a call."""

    def __init__(self, home: Path, clock: Clock, chance: Chance, asked: Asked = ask) -> None:
        self.store = Store(home, clock, chance)
        self.folder, self.clock, self.chance = self.store.folder, clock, chance
        self.offers = Offers(chance)
        self._asked = asked

    def close(self) -> None:
        self.store.close()

    # From phones.

    def receive(self, phone: str, headers: Mapping[str, str], raw: bytes) -> int:
        return intake.receive(self.store, phone, headers, raw)

    # From the rest of Ulinzi, by the socket.

    def pending(self, limit: int = 100, compartments: Sequence[str] | None = None) -> list[Mapping[str, Any]]:
        sweep.calls(self.store)
        return letters.pending(self.store, limit, compartments)

    def strays(self, compartments: Sequence[str]) -> int:
        return letters.strays(self.store, compartments)

    def taken(self, handles: Sequence[str]) -> None:
        letters.taken(self.store, handles)

    def words(self, handle: str) -> str | None:
        return letters.words(self.store, handle)

    def forget(self, handles: Sequence[str]) -> None:
        letters.forget(self.store, handles)

    def offer(self, handle: str) -> Mapping[str, Any]:
        """A word to type at /duty. Refused now where there would be nothing to show."""
        letters.number_to_call(self.store, handle)
        word, until = self.offers.make(handle, self.store.clock.now())
        return {"word": word, "expires_at": until}

    def dial(self, handle: str) -> None:
        outgoing.dial(self.store, self._asked, handle)

    def send(self, handle: str, text: str, id: str) -> Mapping[str, Any]:
        return outgoing.send(self.store, self._asked, handle, text, id)

    def sent(self, since: int = 0) -> list[Mapping[str, Any]]:
        return outgoing.listed(self.store, since)

    def enrol(self, handle: str, code: str) -> str | None:
        return letters.enrol(self.store, handle, code)

    def withdraw(self, code: str) -> int:
        return letters.withdraw(self.store, code)

    def phones(self) -> list[Mapping[str, Any]]:
        return phones.listed(self.store)

    # On the duty phone.

    def show(self, word: str) -> str | None:
        """The number behind a word, once; nothing where there is none, or no more."""
        try:
            handle = self.offers.take(word, self.store.clock.now())
        except Refused:
            self.refused_word()
            raise
        if handle is None:
            self.refused_word()
            return None
        try:
            return letters.number_to_call(self.store, handle)
        except Refused:
            return None

    def refused_word(self) -> None:
        """Counted, so that it is seen when somebody tries words."""
        self.store.counts[phones.DUTY, "refused"] += 1

    # At the console alone.

    def add_phone(self, phone: Phone) -> None:
        phones.add(self.store, phone)

    def enrol_number(self, number: str, code: str) -> str | None:
        return letters.enrol_number(self.store, number, code)

    # By the clock.

    def sweep(self) -> None:
        sweep.sweep(self.store)
