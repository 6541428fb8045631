"""What an SMS to a source may say: whoever holds the phone learns neither who writes nor about which place."""

from __future__ import annotations

import pytest

from ulinzi.kernel import mission, replies

NAMES = ("Mission du delta d’Osmere", "Bureau nord, Belavi")
PHRASES = ("grouping of villages", "reach")
WRONG = {
    "a digit": ("Call 9 times.", "9"),
    "a sign that makes two SMS of one": ("Merci, c’est fait.", "’"),
    "an accent that GSM-7 has not": ("Bientôt.", "ô"),
    "a small cedilla": ("Reçu.", "ç"),
    "a line end": ("Thank you.\nMore follows.", "\n"),
    "the organisation": ("The UN thanks you.", "UN"),
    "the organisation with points": ("The U.N thanks you.", "U.N"),
    "the organisation in French": ("Merci de la part de l'ONU.", "onu"),
    "who writes": ("The mission thanks you.", "mission"),
    "who writes, several": ("Les missions vous remercient.", "missions"),
    "what for": ("Thank you from protection.", "protection"),
    "what for, as a verb": ("Nous allons vous proteger.", "proteger"),
    "from where": ("Come to the base.", "base"),
    "a word of the mission's name": ("Merci du Delta.", "delta"),
    "a word of an office's name": ("NORD vous remercie.", "nord"),
    "a name without its accents": ("Bélavi vous remercie.", "belavi"),
    "a level": ("All quiet on the reach.", "reach"),
    "a level, several": ("The groupings of villages. The reaches? No: the reachs.", "reach"),
    "a level of several words": ("Your grouping of villages is safe.", "grouping of villages"),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_what_would_tell_too_much_is_found(name: str) -> None:
    text, wrong = WRONG[name]
    assert replies.fault(text, names=NAMES, phrases=PHRASES) == wrong


@pytest.mark.parametrize(
    "text",
    [
        "Merci et bonne suite.",
        "Un ami vous remercie.",  # an article, no organisation
        "Voilà, ce sera réglé.",
        "It was a pleasure to meet you at the basement. Preach on.",
        "du de la of",  # words that every sentence has
    ],
)
def test_control_neutral_words_pass(text: str) -> None:
    assert replies.fault(text, names=NAMES, phrases=PHRASES) == ""


def test_control_without_the_names_the_same_words_pass() -> None:
    assert replies.fault("Merci du Delta.") == ""


def test_an_alphabet_of_seven_bits_has_no_more_signs() -> None:
    """128 places, less line feed, carriage return and the way to a second table."""
    assert len(replies.SIGNS) == 125


@pytest.mark.parametrize("code", mission.shipped())
def test_what_is_shipped_can_be_sent(code: str) -> None:
    found = mission.load(mission.find(code)).replies
    assert len(found) >= 3
    assert all(len(text) <= replies.LONGEST for one in found for _language, text in one.words.said)
