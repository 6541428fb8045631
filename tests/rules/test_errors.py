"""Errors carry a code and values; the words are chosen where they are shown."""

from __future__ import annotations

import inspect

import pytest

from ulinzi.kernel import errors
from ulinzi.kernel.errors import Broken, NotFound, Refused, UlinziError

KINDS = (Refused, NotFound, Broken)


def declared() -> set[type]:
    found = inspect.getmembers(errors, inspect.isclass)
    return {one for _, one in found if one.__module__ == errors.__name__}


def test_every_kind_of_error_is_looked_at_here():
    assert declared() == {UlinziError, *KINDS}


def test_control_a_kind_left_out_is_found():
    assert declared() - {UlinziError, Refused, NotFound} == {Broken}


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_carries_its_code_and_values(kind):
    error = kind("step_not_now", step="done", state="open")
    assert (error.code, error.values) == ("step_not_now", {"step": "done", "state": "open"})
    assert str(error) == "step_not_now (step=done, state=open)"
    assert str(kind("person_erased")) == "person_erased"


@pytest.mark.parametrize("kind", KINDS)
def test_all_are_caught_as_one(kind):
    with pytest.raises(UlinziError):
        raise kind("title_missing")


@pytest.mark.parametrize(("kind", "other"), [(one, two) for one in KINDS for two in KINDS if one is not two])
def test_control_none_passes_for_another(kind, other):
    assert not issubclass(kind, other)


def test_control_other_errors_are_not_ours():
    assert not issubclass(ValueError, UlinziError)
    with pytest.raises(TypeError):
        Refused()
