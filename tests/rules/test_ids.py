"""Ids: what their bits say, how they sort, where their records live, and what makes two of them one."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from uuid import RFC_4122, UUID

import pytest

from ulinzi.kernel import ids
from ulinzi.kernel.chance import SeededChance, SystemChance

NOW = 1_772_431_200_000_000
MILLISECOND = 1000


class Same:
    """Chance that always gives one byte."""

    def __init__(self, byte: int) -> None:
        self.byte = byte

    def bytes(self, n: int) -> bytes:
        return bytes([self.byte]) * n


def bits(one: UUID) -> tuple[int, int]:
    """Version and variant, read from the number itself."""
    return one.int >> 76 & 0xF, one.int >> 62 & 0x3


def tag(compartment: str) -> bytes:
    return hashlib.sha256(b"ulinzi/home1" + compartment.encode()).digest()[:3]


def derived_by_hand(*parts: str, compartment: str = "") -> bytes:
    """As docs/reference/ledger.md says it, with nothing of the product."""
    pieces = [part.encode() for part in (*parts, compartment)]
    told = b"".join(len(one).to_bytes(4, "big") + one for one in pieces)
    raw = hashlib.sha256(b"ulinzi/id1" + told).digest()[:16]
    number = int.from_bytes(raw[:13] + tag(compartment) if compartment else raw, "big")
    number = number & ~(0xF << 76) | 8 << 76
    return (number & ~(0x3 << 62) | 0x2 << 62).to_bytes(16, "big")


@pytest.mark.parametrize("compartment", ["", "north-sector"])
@pytest.mark.parametrize("byte", [0x00, 0xFF, 0x5A])
def test_what_a_person_starts_is_version_7(byte, compartment):
    made = ids.new_id(NOW, Same(byte), compartment)
    assert bits(made) == (7, 2)
    assert (made.version, made.variant) == (7, RFC_4122)


@pytest.mark.parametrize("compartment", ["", "north-sector"])
@pytest.mark.parametrize("name", ["one", "two", "three", "four", "five"])
def test_what_follows_from_something_is_version_8(name, compartment):
    made = ids.derived_id("desk.task", name, compartment=compartment)
    assert bits(made) == (8, 2)
    assert (made.version, made.variant) == (8, RFC_4122)


def test_control_bits_that_nobody_set_are_others():
    assert bits(UUID(bytes=b"\xff" * 16)) == (15, 3)
    assert bits(UUID(bytes=bytes(16))) == (0, 0)


@pytest.mark.parametrize("at", [0, 999, MILLISECOND, NOW, NOW + 999, 2**48 * MILLISECOND - 1])
def test_the_first_six_bytes_are_milliseconds(at):
    assert int.from_bytes(ids.new_id(at, Same(1)).bytes[:6], "big") == at // MILLISECOND


def test_a_time_beyond_six_bytes_is_no_time():
    with pytest.raises(OverflowError):
        ids.new_id(2**48 * MILLISECOND, Same(1))
    with pytest.raises(OverflowError):
        ids.new_id(-1, Same(1))


def test_ids_sort_by_time_whatever_chance_says():
    times = [NOW + place * MILLISECOND for place in range(200)]
    made = [ids.new_id(at, Same(255 - place), "north-sector") for place, at in enumerate(times)]
    shuffled = made[1::2] + made[::2]
    assert sorted(shuffled, key=ids.in_order) == made
    assert all(first.bytes < second.bytes for first, second in pairwise(made))
    assert sorted(shuffled) == made


def test_control_within_a_millisecond_chance_decides():
    first, second = ids.new_id(NOW, Same(9)), ids.new_id(NOW + 999, Same(1))
    assert sorted([first, second], key=ids.in_order) == [second, first]


def test_two_in_one_moment_are_two():
    chance = SeededChance("ids")
    assert len({ids.new_id(NOW, chance, "north-sector") for _ in range(2000)}) == 2000
    assert ids.new_id(NOW, SystemChance()) != ids.new_id(NOW, SystemChance())


def test_control_the_same_chance_makes_the_same_id():
    assert ids.new_id(NOW, SeededChance("ids")) == ids.new_id(NOW, SeededChance("ids"))
    assert SeededChance(1).bytes(8) != SeededChance(2).bytes(8)


@pytest.mark.parametrize("compartment", ["north-sector", "a", "x" * 40])
def test_a_record_lives_where_its_id_was_made(compartment):
    new = ids.new_id(NOW, SeededChance("home"), compartment)
    derived = ids.derived_id("desk.task", "BEN-1", compartment=compartment)
    for made in (new, derived):
        assert ids.lives_in(made.bytes, compartment)
        assert made.bytes[-3:] == tag(compartment)


@pytest.mark.parametrize("elsewhere", ["south-sector", "", "north-sector ", "North-sector", "north-secto"])
def test_control_it_lives_nowhere_else(elsewhere):
    assert not ids.lives_in(ids.new_id(NOW, SeededChance("home"), "north-sector").bytes, elsewhere)


def test_control_an_id_of_no_compartment_lives_in_none():
    assert not ids.lives_in(ids.new_id(NOW, SeededChance("home")).bytes, "north-sector")


def test_derived_twice_is_derived_once():
    for compartment in ("", "north-sector"):
        twice = [ids.derived_id("places.area", "NER-01", compartment=compartment) for _ in range(2)]
        assert len(set(twice)) == 1


def test_text_and_its_bytes_are_the_same_input():
    assert ids.derived_id("places.area", "Île") == ids.derived_id("places.area", "Île".encode())


DIFFERENT = [
    (("places.area", "ab", "c"), ""),
    (("places.area", "a", "bc"), ""),
    (("places.area", "abc"), ""),
    (("places.area", "abc", ""), ""),
    (("places.area", "", "abc"), ""),
    (("places.areaabc",), ""),
    (("places.are", "aabc"), ""),
    (("places.area", "ab"), "c"),
    (("places.area",), "abc"),
    (("places.area", "ABC"), ""),
    (("desk.task", "abc"), ""),
]


def test_parts_do_not_run_together():
    assert len({ids.derived_id(*parts, compartment=home) for parts, home in DIFFERENT}) == len(DIFFERENT)


def test_control_joined_parts_would_run_together():
    joined = {hashlib.sha256("".join((*parts, home)).encode()).digest() for parts, home in DIFFERENT}
    assert len(joined) < len(DIFFERENT)


@pytest.mark.parametrize(("parts", "home"), DIFFERENT)
def test_a_derived_id_is_made_as_the_reference_says(parts, home):
    assert ids.derived_id(*parts, compartment=home).bytes == derived_by_hand(*parts, compartment=home)


def test_frozen_ids():
    """Of the area and the task in docs/reference/ledger-vectors.md."""
    area = ids.derived_id("places.area", "NER-01", compartment="north-sector")
    assert area.hex == derived_by_hand("places.area", "NER-01", compartment="north-sector").hex()
    assert area.hex == "af9b0f221cfe86828bb7b1dc94e4ecb6"
    assert ids.new_id(NOW, SeededTask(), "north-sector").hex == "019cad21cf007ebb829fa86d48e4ecb6"


class SeededTask:
    def bytes(self, n: int) -> bytes:
        return hashlib.sha256(b"task").digest()[:n]


def test_control_another_compartment_makes_another_record():
    here, there = (ids.derived_id("places.area", "NER-01", compartment=one) for one in ("north-sector", "south-sector"))
    assert here.bytes[:-3] != there.bytes[:-3]
