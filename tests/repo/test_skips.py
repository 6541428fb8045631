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


def test_the_list_can_be_read():
    path = tree.ROOT / skips.LIST
    assert all(skips.read(path.read_text()).values())
