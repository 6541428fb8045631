"""What people and accidents do to one node, at random but repeatable: everything a history can be made of.

Every deed keeps its own promises at once (a refusal leaves nothing, a fresh edit is what is shown); the rest is checked
at the end, against definition.py.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

from tests.nodes import Nodes, person, reader
from ulinzi import ledger
from ulinzi.desk import actions, queries, rules
from ulinzi.desk.models import Step
from ulinzi.kernel.clock import DAY, HOUR, MINUTE
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger import rebuild, store
from ulinzi.ledger.node import Node
from ulinzi.places import actions as places

PEOPLE = [person(name) for name in ("ana", "bori", "cimo", "dela", "esu", "fara")]
COMPARTMENTS = ("north", "south")
TABLES = ("desk_task", "desk_step", "places_area", "ledger_conflict", "ledger_foundproblem")
Form = dict[str, list[Any]]


class History:
    """One node and what has happened to it."""

    def __init__(self, nodes: Nodes, node: Node, seed: int) -> None:
        self.nodes, self.node, self.rng = nodes, node, random.Random(seed)
        self.count: Counter[str] = Counter()
        self.tasks: list[UUID] = []
        self.forms: list[tuple[UUID, Form]] = []
        self.words: dict[UUID, list[str]] = {}  # every secret that was ever said in a task and its steps
        self.erased: set[str] = set()  # secrets that must be nowhere
        self.backup: tuple[set[str], int] | None = None
        self.incarnations, self.highest, self.restored = 1, 1, False
        self.in_batch = False

    def live(self, deeds: int) -> None:
        for _ in range(deeds):
            self.node.clock.advance(self.rng.choice([0, 1, MINUTE, HOUR, -HOUR, 3 * DAY, -3 * DAY]))  # type: ignore[attr-defined]
            self.do(self.rng.choices(list(DEEDS), weights=list(DEEDS.values()))[0])

    def do(self, deed: Callable[[History], None]) -> None:
        """A deed happens, or is refused and leaves nothing."""
        while not self.tasks and deed is not add:  # an erased person may have to step aside for another
            self.do(add)
        before = self.written()
        try:
            deed(self)
            self.count[deed.__name__] += 1
        except (Refused, NotFound) as refused:
            self.count["refused"] += 1
            self.count[refused.code] += 1
            self.check_nothing_left(before, refused.code)
        if self.restored and deed is not restore and not self.in_batch and self.written() != before:
            self.highest += 1  # the marker knows the highest, also after a second restore of one copy
            self.restored, self.incarnations = False, self.highest

    def check_nothing_left(self, before: int, code: str) -> None:
        assert self.in_batch or self.written() == before, f"refused with {code}, yet it left something"

    def written(self) -> int:
        return store.read_node(self.node).written

    # Chance.

    def someone(self) -> UUID:
        return self.rng.choice(PEOPLE)

    def secret(self, task: UUID | None = None) -> str:
        word = f"CANARY-{self.rng.getrandbits(48):012x}"
        if task is not None:
            self.words.setdefault(task, []).append(word)
        return word

    def task(self) -> UUID:
        # The last few are where people meet.
        return self.rng.choice(self.tasks[-6:] if self.rng.random() < 0.8 else self.tasks)

    def form(self, task: UUID) -> Form:
        found = ledger_queries.groups_of("desk.Task", task)
        return {name: list(group.dots) for name, group in found.items()}

    def values(self, task: UUID) -> dict[str, Any]:
        """Some groups of a task, as a person might fill them in."""
        choices: dict[str, Callable[[], Any]] = {
            "title": lambda: f"Title {self.secret(task)}",
            "detail": lambda: self.rng.choice([None, f"Detail {self.secret(task)}"]),
            "due_at": lambda: self.rng.choice([None, self.rng.randrange(10**15)]),
            "urgency": lambda: self.rng.choice(rules.URGENCY),
            "tiers": lambda: self.rng.sample(rules.TIERS, self.rng.randrange(3)),
            "area": lambda: self.rng.choice([None, places.area_id("north", f"A{self.rng.randrange(8)}")]),
        }
        return {name: choices[name]() for name in self.rng.sample(list(choices), self.rng.randrange(1, 4))}


# Deeds of people.


def add(history: History) -> None:
    word, compartment = history.secret(), history.rng.choice(COMPARTMENTS)
    task = actions.add_task(
        compartment=compartment, by=history.someone(), title=f"Title {word}", urgency=history.rng.choice(rules.URGENCY)
    )
    history.tasks.append(task)
    history.words[task] = [word]


def look(history: History) -> None:
    """Somebody opens a form and leaves it on the screen."""
    task = history.task()
    history.forms.append((task, history.form(task)))


def edit(history: History) -> None:
    task = history.task()
    values = history.values(task)
    actions.edit_task(task, by=history.someone(), seen=history.form(task), **values)
    if not history.in_batch:
        row = queries.task(task, reader(*COMPARTMENTS))
        shown = {name: row[name] for name in values}
        assert shown == {name: sorted(set(one)) if name == "tiers" else one for name, one in values.items()}


def edit_late(history: History) -> None:
    """A form from some time ago: it may have moved, and then nothing is saved."""
    task, seen = history.rng.choice(history.forms) if history.forms else (history.task(), {})
    keep_both = history.rng.random() < 0.6
    actions.edit_task(task, by=history.someone(), seen=seen, keep_both=keep_both, **history.values(task))


def settle(history: History) -> None:
    found = ledger_queries.conflicts(list(COMPARTMENTS))
    if not found:
        raise Refused("no_conflict_to_settle")
    one = history.rng.choice(found)
    group = ledger_queries.groups_of(one["model"], one["record"])[one["group"]]
    chosen = history.rng.choice(group.leaves).values
    actions.settle(one["record"], by=history.someone(), seen={group.name: list(group.dots)}, **chosen)
    if not history.in_batch:
        after = ledger_queries.groups_of(one["model"], one["record"])[one["group"]]
        assert not after.conflict and after.leaves[0].values == chosen


def step(history: History) -> None:
    task, kind = history.task(), history.rng.choice([one for one in rules.Step if one != rules.Step.UNDONE])
    to = history.someone() if kind == rules.Step.HANDED_OVER else None
    actions.step(task, kind, by=history.someone(), words=f"Said {history.secret(task)}", to=to)


def undo(history: History) -> None:
    task = history.task()
    steps = queries.steps(task)
    wanted = queries.undoable(task) if history.rng.random() < 0.8 else None
    if not steps:
        raise Refused("nothing_to_undo")
    actions.undo(task, wanted or history.rng.choice(steps)["id"], by=history.someone(), words=history.secret(task))


def fail(history: History) -> None:
    """A unit that goes wrong after it wrote: nothing of it stays."""
    task, who = history.task(), history.someone()
    with ledger.unit("tests.fail", by=who) as unit:
        row = unit.load(actions.Task, task)
        unit.put(actions.Task, row, keep_both=True, title=f"Title {history.secret(task)}")
        unit.add(Step, root=row, kind="done", claimed_at=unit.at, by_whom=who, turn=99)
        unit.add(actions.Task, compartment="north", title="Never")
        raise Refused("failed_on_purpose")


def batch(history: History) -> None:
    """Several deeds, one commit; a refusal of one is no reason to give up the others."""
    if history.in_batch:
        raise Refused("batch_in_batch")
    history.in_batch, before = True, len(history.tasks)
    try:
        with ledger.batch():
            for _ in range(history.rng.randrange(2, 6)):
                history.do(history.rng.choice([add, edit, edit_late, step, undo, settle, fail]))
    except Refused:
        del history.tasks[before:]  # all or nothing
        raise
    finally:
        history.in_batch = False
    told = store.histories(history.node, [task.bytes for task in history.tasks[before:]])
    assert all(told.values()), "a batch was committed without one of its units"


def import_list(history: History) -> None:
    chosen = history.rng.sample(range(8), 4)
    rows = [{"code": f"A{n}", "name": f"Area {history.rng.randrange(3)}", "kind": "area"} for n in chosen]
    places.import_areas(rows, compartment="north", by=history.someone())


def import_sheet(history: History) -> None:
    rows = []
    for number in history.rng.sample(range(6), 3):
        task = actions.task_id("south", f"R{number}")
        rows.append({"reference": f"R{number}", "title": f"Row {history.secret(task)}"})
        history.tasks += [] if task in history.tasks else [task]
    actions.import_tasks(rows, compartment="south", by=history.someone())


# Erasing.


def erase_words(history: History) -> None:
    task = history.task()
    _erase(history, task, actions.erase_words)


def erase_task(history: History) -> None:
    task = history.task()
    _erase(history, task, actions.erase_task)


def _erase(history: History, task: UUID, how: Callable[..., None]) -> None:
    by, second = history.rng.sample(PEOPLE, 2)
    how(task, by=by, basis="asked for", second=second)
    history.erased.update(history.words.get(task, ()))


def erase_step(history: History) -> None:
    steps = queries.steps(history.task())
    if not steps:
        raise Refused("no_step_to_erase")
    one = history.rng.choice(steps)
    with ledger.unit("tests.erase_step", by=history.someone()) as unit:
        unit.erase(Step, unit.load(Step, one["id"]), basis="asked for")
    history.erased.update(word for word in history.words.get(one["root"], ()) if word in (one["words"] or ""))


def erase_person(history: History) -> None:
    """At most two of the six: somebody has to be left."""
    if history.count["erase_person"] >= 2:
        raise Refused("enough_persons_erased")
    who, compartment = history.someone(), history.rng.choice(COMPARTMENTS)
    with ledger.unit("tests.erase_person", by=history.someone()) as unit:
        unit.erase_person(who, compartment=compartment, basis="asked for")


# Accidents.


def lose_rows(history: History) -> None:
    """Tables are disposable: whatever is lost or spoilt in them comes back from the entries."""
    with store.connection(history.node).ledger_opened():
        for table in history.rng.sample(TABLES, 2):
            key = "record" if table.startswith("ledger") else "id"
            found = [row[0] for row in store.rows(history.node, f"SELECT {key} FROM {table} ORDER BY 1")]
            for lost in history.rng.sample(found, len(found) // 2):
                store.execute(history.node, f"DELETE FROM {table} WHERE {key} = %s", [lost])
        store.execute(history.node, "UPDATE desk_task SET title = 'spoilt', state = 'done' WHERE urgency = 'now'")
    rebuild.rebuild(history.node, chunk=history.rng.choice([1, 3, 100]))


def back_up(history: History) -> None:
    if history.nodes.engine != "sqlite":
        raise Refused("not_a_file")
    history.nodes.reopen(history.node)
    shutil.copy(history.node.home / "main.sqlite3", history.node.home.parent / f"{history.node.home.name}.backup")
    history.backup = (set(history.erased), history.written())


def restore(history: History) -> None:
    """An old copy: what came after it is lost, what was erased after it is back, and the feed may not go on."""
    if history.backup is None:
        raise Refused("no_backup")
    erased, written = history.backup
    lost = history.written() > written
    history.nodes.reopen(history.node)
    shutil.copy(history.node.home.parent / f"{history.node.home.name}.backup", history.node.home / "main.sqlite3")
    history.erased = set(erased)
    history.tasks = [row.id for row in queries.open_tasks(reader(*COMPARTMENTS), limit=1000)]
    history.forms = []
    history.incarnations = ledger_queries.node_state().incarnations
    history.restored = lost or history.restored


DEEDS: dict[Callable[[History], None], int] = {
    add: 12,
    look: 10,
    edit: 10,
    edit_late: 14,
    settle: 6,
    step: 14,
    undo: 6,
    fail: 2,
    batch: 8,
    import_list: 3,
    import_sheet: 3,
    erase_words: 2,
    erase_task: 1,
    erase_step: 2,
    erase_person: 1,
    lose_rows: 2,
    back_up: 2,
    restore: 2,
}
