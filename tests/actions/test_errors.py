"""An error can be copied and sent to another process: it arrives with its kind, its code, its values and its words."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from functools import partial

import pytest

from ulinzi.cli.sheet import Fault, Faulty
from ulinzi.kernel.errors import Broken, NotFound, Refused, UlinziError
from ulinzi.ledger import Moved
from ulinzi.ledger.access import Unlogged
from ulinzi.ledger.shapes import Row

ERRORS = [
    Refused("step_not_now", step="done", state="open"),
    NotFound("record_not_found", record="r1"),
    Broken("no_node"),
    Unlogged(),
    Moved(Row(id="r1", title="Mine"), {"words": ({"title": "Hers"}, {"title": "Mine"})}),
    Faulty([Fault(2, "title", "is missing")]),
]


def sent(error: UlinziError, form: int) -> UlinziError:
    arrived: UlinziError = pickle.loads(pickle.dumps(error, form))  # noqa: S301 written a moment ago
    return arrived


WAYS: list[Callable[[UlinziError], UlinziError]] = [
    copy.copy,
    copy.deepcopy,
    *(partial(sent, form=form) for form in range(pickle.HIGHEST_PROTOCOL + 1)),
]


def kinds(kind: type[UlinziError]) -> set[type[UlinziError]]:
    return {kind}.union(*(kinds(one) for one in kind.__subclasses__()))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("way", WAYS)
def test_an_error_arrives_as_it_was(way: Callable[[UlinziError], UlinziError], error: UlinziError) -> None:
    arrived = way(error)
    assert arrived is not error and type(arrived) is type(error)
    assert (str(arrived), arrived.args, vars(arrived)) == (str(error), error.args, vars(error))


def test_every_kind_is_looked_at_here() -> None:
    ours = {kind for kind in kinds(UlinziError) if kind.__module__.startswith("ulinzi.")}
    assert ours - {UlinziError} == {type(error) for error in ERRORS}
