"""Errors that a person reads. They carry a code and values; the words are chosen where they are shown."""

from __future__ import annotations


class UlinziError(Exception):
    """Base of everything the product raises on purpose."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{self.code} ({shown})" if shown else self.code


class Refused(UlinziError):
    """A rule says no. Nothing was saved."""


class NotFound(UlinziError):
    """Not here, or not for you: the two look the same on purpose."""


class Broken(UlinziError):
    """The store contradicts itself: somebody has to look before anything else is written."""
