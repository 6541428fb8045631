"""A node takes a mission: copied into its home, its own from then on, and refused whole where it does not fit."""

from __future__ import annotations

import shutil
import signal
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Machine, free_port
from tests.cli.test_run import serve
from ulinzi.cli import init
from ulinzi.kernel import mission

TELLS = "from django.conf import settings; print(settings.MISSION.code, settings.TIME_ZONE, settings.LANGUAGE_CODE)"


def everything(folder: Path) -> dict[str, bytes]:
    """What a home holds, but for what is written while a database is only read."""
    found = (
        path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".sqlite3-shm", ".sqlite3-wal")
    )
    return {str(path.relative_to(folder)): path.read_bytes() for path in found if path.parent.name != "log"}


def own(machine: Machine) -> Path:
    return machine.home / mission.FOLDER / mission.FILE


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.mark.sqlite_only
def test_a_node_takes_a_mission_with_its_offices_clock_and_language(machine: Machine):
    ran = machine.run("init", "--code", "OSM", "--mission", "osmere")
    assert ran.returncode == 0, ran.stderr
    assert "Compartments: delta, islands, upriver" in ran.stdout
    assert f"Mission: {own(machine).parent}. Edit it there." in ran.stdout
    assert machine.ask(TELLS) == "osmere Australia/Lord_Howe en"
    assert {stat.S_IMODE(path.stat().st_mode) for path in own(machine).parent.iterdir()} == {0o600}
    assert stat.S_IMODE(own(machine).parent.stat().st_mode) == 0o700


@pytest.mark.sqlite_only
def test_control_a_node_without_one_has_the_default(machine: Machine):
    machine.init()
    assert machine.ask(TELLS) == "belavi Etc/GMT-2 fr"
    assert not own(machine).exists()


@pytest.mark.sqlite_only
def test_compartments_that_are_given_win_over_the_missions(machine: Machine):
    ran = machine.run("init", "--code", "OSM", "--compartment", "delta", "--mission", "osmere")
    assert (ran.returncode, "Compartments: delta\n" in ran.stdout) == (0, True)


@pytest.mark.sqlite_only
def test_a_folder_of_ones_own_is_taken_and_nothing_else_of_it(machine: Machine):
    folder = machine.folder / "ours"
    shutil.copytree(mission.find("osmere"), folder)
    edit(folder / mission.FILE, 'code = "osmere"', 'code = "ours"')
    (folder / "notes.txt").write_text("not for the node")
    assert machine.run("init", "--code", "OUR", "--mission", folder).returncode == 0
    assert sorted(path.name for path in own(machine).parent.iterdir()) == ["logo.svg", "mission.toml"]
    shutil.rmtree(folder)
    assert machine.ask(TELLS).startswith("ours ")


def test_a_mission_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What was checked is what is copied from; nobody asks a second time."""
    read: list[Path] = []
    real = mission.load
    monkeypatch.setattr(mission, "load", lambda folder: (read.append(folder), real(folder))[1])
    asked = init.wanted(tmp_path, "osmere")
    init.take(tmp_path, "osmere", asked)
    assert read == [mission.find("osmere")]
    assert real(tmp_path / mission.FOLDER) == asked


@pytest.mark.sqlite_only
def test_what_was_edited_in_the_home_stays_when_init_is_run_again(machine: Machine):
    words = ("init", "--code", "OSM", "--mission", "osmere")
    machine.run(*words)
    edit(own(machine), "silence_days = 12", "silence_days = 5")
    kept = own(machine).read_bytes()
    assert machine.run(*words).returncode == 0
    assert own(machine).read_bytes() == kept
    assert machine.ask("from django.conf import settings; print(settings.MISSION.thresholds.silence_days)") == "5"


@pytest.mark.sqlite_only
def test_a_node_does_not_change_its_mission_by_a_command(machine: Machine):
    machine.run("init", "--code", "OSM", "--mission", "osmere")
    before = everything(machine.home)
    ran = machine.run("init", "--code", "OSM", "--mission", "belavi")
    assert (ran.returncode, "holds the mission “osmere” and not “belavi”" in ran.stderr) == (1, True)
    assert everything(machine.home) == before


@pytest.mark.sqlite_only
@pytest.mark.parametrize("given", ["nowhere", "broken"])
def test_a_mission_that_cannot_be_taken_leaves_no_node(machine: Machine, given: str):
    shutil.copytree(mission.find("belavi"), machine.folder / "broken")
    edit(machine.folder / "broken" / mission.FILE, "p1 = 30", "p1 = -1")
    ran = machine.run("init", "--code", "BEN", "--mission", given)
    assert (ran.returncode, "Traceback" in ran.stderr, machine.home.exists()) == (1, False, False)
    named = {"nowhere": "no mission “nowhere”", "broken": "[targets.verification]: “p1”"}
    assert named[given] in ran.stderr


@pytest.mark.sqlite_only
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_broken_mission_stops_every_command_by_name_and_changes_nothing(machine: Machine, language: str):
    machine.run("init", "--code", "OSM", "--mission", "osmere")
    edit(own(machine), 'time_zone = "Australia/Lord_Howe"', 'time_zone = "Osmere/Delta"')
    before = everything(machine.home)
    for words in (
        ("run",),
        ("work", "--once"),
        ("init", "--code", "OSM", "--compartment", "delta"),
        ("ledger", "verify"),
    ):
        ran = machine.run(*words, ULINZI_PORT=str(free_port()), ULINZI_LANG=language)
        assert (ran.returncode, ran.stdout, "Traceback" in ran.stderr) == (1, "", False), ran.stderr
        assert str(own(machine)) in ran.stderr and "[mission]" in ran.stderr and "time_zone" in ran.stderr
        assert len(ran.stderr.splitlines()) == 1
    assert everything(machine.home) == before


@pytest.mark.sqlite_only
def test_control_mended_it_runs_again(machine: Machine):
    machine.run("init", "--code", "OSM", "--mission", "osmere")
    edit(own(machine), "Australia/Lord_Howe", "Osmere/Delta")
    assert machine.run("ledger", "verify").returncode == 1
    edit(own(machine), "Osmere/Delta", "Australia/Lord_Howe")
    assert machine.run("ledger", "verify").returncode == 0


# The demonstration.

TOLD = "print(len(queries.open_tasks(ALL)), len(queries.finished_tasks(ALL)), len(ledger.conflicts(C)), *C)"


@pytest.mark.slow
@pytest.mark.sqlite_only
def test_the_second_demonstration_has_a_past_of_its_own_and_is_not_taken_for_another(machine: Machine):
    begun, _ = serve(machine, "demo", "--mission", "osmere")
    assert machine.ask(TOLD) == "9 50 1 delta islands mission upriver"
    assert machine.ask(TELLS).startswith("osmere ")
    begun.send_signal(signal.SIGINT)
    assert begun.wait(timeout=10) == 0
    assert machine.run("ledger", "verify", "--tables").returncode == 0
    ran = machine.run("demo", "--mission", "belavi", ULINZI_PORT=str(free_port()))
    assert (ran.returncode, "the demonstration “osmere” and not “belavi”" in ran.stderr) == (1, True)
    again, _ = serve(machine, "demo")
    assert "Filling" not in machine.output()
    again.send_signal(signal.SIGINT)
    again.wait(timeout=10)
