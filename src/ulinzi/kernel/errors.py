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

    def __reduce__(self) -> tuple[object, ...]:
        """To be copied or sent to another process; what Exception does calls the class with other arguments."""
        return _made, (type(self), self.args), self.__dict__


def _made(kind: type[UlinziError], args: tuple[object, ...]) -> UlinziError:
    return kind.__new__(kind, *args)


class Refused(UlinziError):
    """A rule says no. Nothing was saved."""


class NotFound(UlinziError):
    """Not here, or not for you: the two look the same on purpose."""


class Broken(UlinziError):
    """The store contradicts itself: somebody has to look before anything else is written."""
