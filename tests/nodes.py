"""Nodes for tests: each with its own home and database, SQLite or PostgreSQL, as many as a test wants."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections

from ulinzi.accounts.rules import Rights, Role
from ulinzi.config import database
from ulinzi.kernel import ids
from ulinzi.kernel.chance import SeededChance
from ulinzi.kernel.clock import SetClock
from ulinzi.ledger.init import initialise, migrate
from ulinzi.ledger.node import Node

NOON = 1_790_000_000_000_000  # a day in September 2026
COMPARTMENTS = ("mission", "north", "south")
_count = itertools.count(1)
# Of the processes of one run that share a PostgreSQL server, which this is: each has databases of its own.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


def person(name: str) -> UUID:
    """The same fictitious person in every test."""
    return ids.derived_id("tests.person", name)


def reader(*compartments: str) -> Rights:
    """Somebody who may see the tasks of these compartments, with all their words."""
    return Rights(person("reader"), tuple((Role.TEAM_LEADER, one) for one in compartments))


def database_of(home: Path) -> str:
    """What a node's database is called on the PostgreSQL server."""
    return home.name + WORKER


class Nodes:
    """Makes nodes and takes them away again."""

    def __init__(self, folder: Path, templates: Path, engine: str, server: Any = None) -> None:
        self.folder, self.templates, self.engine, self.server = folder, templates, engine, server
        self.made: list[Node] = []

    def make(self, code: str = "BEN", *, compartments: tuple[str, ...] = COMPARTMENTS, seed: int = 1) -> Node:
        home = self.folder / f"{code.lower()}{next(_count)}"
        home.mkdir()
        alias = f"test_{home.name}"
        self._add(alias, self._copy(home))
        chance, clock = SeededChance(f"{code}{seed}{home.name}"), SetClock(NOON)
        node = initialise(home, code=code, compartments=compartments, alias=alias, clock=clock, chance=chance)
        self.made.append(node)
        return node

    def _copy(self, home: Path) -> dict[str, Any]:
        """A migrated database, copied: migrating anew for every test would take most of the time."""
        if self.engine == "postgres":
            return self.server.database(database_of(home))
        shutil.copy(self.templates / "main.sqlite3", home / "main.sqlite3")
        return database.sqlite(home)

    @staticmethod
    def _add(alias: str, settings: dict[str, Any]) -> None:
        connections.settings[alias] = connections.configure_settings({"default": {}, alias: settings})[alias]

    def reopen(self, node: Node) -> None:
        """Close this thread's connection, as a process that ends does."""
        connections[node.alias].close()

    def close(self) -> None:
        for node in self.made:
            _forget(node.alias)
            if self.engine == "postgres":
                self.server.drop(database_of(node.home))


def make_template(folder: Path) -> None:
    """One migrated SQLite file that tests copy."""
    alias = "template"
    Nodes._add(alias, database.sqlite(folder))
    migrate(Node(folder, alias, None))  # type: ignore[arg-type]
    connections[alias].cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    _forget(alias)


def _forget(alias: str) -> None:
    connections[alias].close()
    del connections[alias]
    del connections.settings[alias]


class PostgresServer:
    """A PostgreSQL server for the tests: the one DATABASE_URL names, or one started for them alone."""

    TEMPLATE = f"ulinzi_template{WORKER}"

    def __init__(self, url: str) -> None:
        self.url = url
        self._make_template()

    def _run(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def _make_template(self) -> None:
        self._run(f"DROP DATABASE IF EXISTS {self.TEMPLATE}", f"CREATE DATABASE {self.TEMPLATE}")
        Nodes._add("pg_template", self._settings(self.TEMPLATE))
        migrate(Node(Path("."), "pg_template", None))  # type: ignore[arg-type]
        _forget("pg_template")

    def _settings(self, name: str) -> dict[str, Any]:
        return {**database.postgresql(self.url), "NAME": name}

    def database(self, name: str) -> dict[str, Any]:
        self._run(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name} TEMPLATE {self.TEMPLATE}")
        return self._settings(name)

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
