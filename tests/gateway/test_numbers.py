"""One form for one number; what is not certain stays as it is and is never somebody else's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ulinzi.gateway import codes, numbers
from ulinzi.kernel.chance import SeededChance
from ulinzi.kernel.errors import Refused

WHOLE = "+999712345678"
ANY = st.text(st.sampled_from("+0123456789 -().ABé٣٤"), max_size=20) | st.text(max_size=20)
CALLING = st.sampled_from(["", "999", "1", "44", "39", "225"])


@pytest.mark.parametrize(
    "given",
    ["+999712345678", "00999712345678", "0712345678", " +999 712-345-678", "(0) 712 345 678", "+٩٩٩712345678",
     "\u202a+999712345678\u202c", "＋999712345678"],
)  # fmt: skip
def test_all_ways_to_write_one_number_are_one(given):
    assert numbers.normal(given, "999") == WHOLE


@pytest.mark.parametrize(
    "given", ["1100", "ORANGE", "Orange-1", "+12", "999712345678", "0", "00", "", "+0712345678", "0712", "+" + "9" * 16]
)
def test_what_is_not_certain_stays_as_it_is(given):
    assert numbers.normal(given, "999") == given


@pytest.mark.parametrize("calling", ["39", "225", "242", "378"])
@pytest.mark.parametrize("form", ["+{}0712345678", "00{}0712345678", "0712345678", "(0)7 12-34-56 78"])
def test_where_the_zero_belongs_to_the_number_it_stays(calling, form):
    assert numbers.normal(form.format(calling), calling) == f"+{calling}0712345678"


def test_control_elsewhere_it_goes():
    assert numbers.normal("0712345678", "44") == "+44712345678"


def test_a_local_number_without_a_calling_code_stays_as_it_is():
    assert numbers.normal("0712345678") == "0712345678"


@given(ANY, CALLING)
def test_what_was_brought_into_form_stays_in_it(text, calling):
    once = numbers.normal(text, calling)
    assert numbers.normal(once, calling) == once


@given(ANY, CALLING)
def test_it_is_whole_or_as_it_came(text, calling):
    made = numbers.normal(text, calling)
    assert numbers.is_international(made) or made == text.strip()


@given(ANY.filter(lambda text: any(one.isalpha() for one in text)), CALLING)
def test_a_name_is_never_somebodys_number(text, calling):
    assert not numbers.is_international(numbers.normal(text, calling))


@given(st.integers(10**7, 10**11), st.sampled_from(["+999{}", "00999{}", "0{}", "+999 {}", "00 999-{}"]))
def test_every_number_of_the_country_is_one_in_every_writing(rest, form):
    if str(rest).startswith("0") or len(str(rest)) > 12:
        return
    assert numbers.normal(form.format(rest), "999") == f"+999{rest}"


# Codes.


def test_a_code_is_right_and_no_two_are_the_same():
    chance = SeededChance("codes")
    made = [codes.new(codes.UNKNOWN, chance) for _ in range(2000)]
    assert len(set(made)) == 2000
    assert all(codes.is_right(one) for one in made)


@given(st.integers(0, 6), st.sampled_from(codes.SIGNS), st.integers(0, 2**32))
def test_one_wrong_sign_is_found(place, sign, seed):
    made = codes.new(codes.ENROLLED, SeededChance(seed))
    wrong = made[: place + 2] + sign + made[place + 3 :]
    assert codes.is_right(wrong) == (wrong == made)


@pytest.mark.parametrize("code", ["S-7Q4KM2A2", "U-7Q4KM2A1", "S-7Q4KM2A", "s-7q4km2a1", "", "S-7Q4KM2A11"])
def test_control_a_code_that_is_none_is_refused(code):
    with pytest.raises(Refused, match="source_code_not_allowed"):
        codes.check_enrolled(code)


def test_what_is_misread_is_read_as_what_it_was():
    assert codes.as_typed(" 7o-4i lk ") == "7041" + "1K"
