"""A gateway of its own with one phone, both moved by one clock that the test sets. Nothing leaves the process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ulinzi.gateway.core import Gateway
from ulinzi.gateway.phones import Door, Phone
from ulinzi.gateway.simulated import SimulatedPhone
from ulinzi.kernel.chance import SeededChance
from ulinzi.kernel.clock import SetClock

NOW = 1_790_000_000_000_000
KEY = b"a signing key that is invented.."
# +999 is given to no country. The number and the words are what no file and no answer may hold in clear.
NUMBER, WORDS = "+999712345678", "Des hommes armés au pont de Kasolo"
DOOR = Door("http://192.0.2.7:8080", "sms", "invented")
ENROLLED = "S-7Q4KM2A1"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def phone() -> SimulatedPhone:
    return SimulatedPhone("NORTH-1", KEY, lambda *_: 0, SeededChance("phone"))


@pytest.fixture
def gateway(home: Path, clock: SetClock, phone: SimulatedPhone) -> Iterator[Gateway]:
    made = Gateway(home, clock, SeededChance("gateway"), asked=phone.asked)
    made.add_phone(Phone("NORTH-1", "north", "Duty room", KEY, calling_code="999", sends=DOOR, dials=DOOR))
    made.add_phone(Phone("SOUTH-1", "south", "Second phone", KEY, calling_code="999"))
    phone.deliver = made.receive
    yield made
    made.close()


def the_letter(gateway: Gateway) -> str:
    (one,) = gateway.pending()
    return str(one["handle"])


def bring(gateway: Gateway, phone: SimulatedPhone, raw: bytes, *, times: int = 1, to: str = "NORTH-1") -> int:
    """These bytes, signed now."""
    at = gateway.store.clock.now()
    return [gateway.receive(to, phone.headers(raw, at), raw) for _ in range(times)][-1]
