"""Controls of tests/repo/skips.py: small runs that must fail, and one that must not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo import skips, tree

SAMPLE = """
import pytest
def test_runs(): pass
@pytest.mark.skip(reason="no mount here")
def test_mount(): pass
@pytest.mark.xfail(reason="not yet")
def test_later(): assert False
"""
BOTH = "test_sample.py::test_mount needs the right to mount\ntest_sample.py::test_later waits for the next version\n"


def run(folder: Path, listed: str, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_sample.py").write_text(SAMPLE)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "list.txt").write_text(listed)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.repo.skips"]
    environment = {**os.environ, "PYTHONPATH": str(tree.ROOT)}
    return subprocess.run(
        [*command, "--allowed-skips", "list.txt", *words], cwd=folder, env=environment, capture_output=True, text=True
    )


def test_a_skip_on_the_list_passes(tmp_path):
    assert run(tmp_path, BOTH).returncode == 0


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        (BOTH.splitlines()[0], "not on the list: test_sample.py::test_later (expected to fail: not yet)"),
        (BOTH.splitlines()[1], "not on the list: test_sample.py::test_mount (Skipped: no mount here)"),
        (BOTH + "test_sample.py::test_gone was here once\n", "there is no such test: test_sample.py::test_gone"),
        (BOTH + "test_sample.py::test_runs\n", "without a reason: test_sample.py::test_runs"),
    ],
)
def test_control_everything_else_fails(tmp_path, listed, said):
    ran = run(tmp_path, listed)
    assert ran.returncode == 1
    assert said in ran.stdout


def test_a_part_of_the_tests_does_not_call_the_rest_gone(tmp_path):
    assert run(tmp_path, BOTH, "-k", "test_runs").returncode == 0


def test_two_workers_keep_the_promise_as_one_does(tmp_path):
    assert run(tmp_path, BOTH, "-n", "2").returncode == 0
    unlisted = run(tmp_path, BOTH.splitlines()[0], "-n", "2")
    assert unlisted.returncode == 1
    assert "not on the list: test_sample.py::test_later (expected to fail: not yet)" in unlisted.stdout
    gone = run(tmp_path, BOTH + "test_sample.py::test_gone was here once\n", "-n", "2")
    assert gone.returncode == 1
    assert "there is no such test: test_sample.py::test_gone" in gone.stdout
    assert gone.stdout.count("there is no such test: ") == 1


def test_two_modules_that_workers_skip_at_the_same_line_are_both_told(tmp_path):
    wanted = 'import pytest\ndef it(): pytest.skip("no data", allow_module_level=True)\n'
    (tmp_path / "wanted.py").write_text(wanted)
    for name in ("test_first.py", "test_second.py"):
        (tmp_path / name).write_text("import wanted\nwanted.it()\n")
    ran = run(tmp_path, BOTH + "test_first.py wants data\n", "-n", "2")
    assert ran.returncode == 1
    assert "not on the list: test_second.py (Skipped: no data)" in ran.stdout
    listed = BOTH + "test_first.py wants data\ntest_second.py wants data\n"
    assert run(tmp_path, listed, "-n", "2").returncode == 0


def test_the_list_can_be_read():
    path = tree.ROOT / skips.LIST
    assert all(skips.read(path.read_text()).values())
