"""What `make` says where something is missing: the exact command, and nothing half done."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.repo import tree

OLD_PYTHON = """case "$*" in
  *version_info\\ \\<*) exit 1 ;;
  *) echo 3.9 ;;
esac"""
SPLIT_PYTHON = """case "$*" in
  *ensurepip*) exit 1 ;;
  *executable*) echo "$EXECUTABLE" ;;
  *%d.%d*) echo 3.12 ;;
esac"""
NOT_ROOT = "echo 1000"
KEPT = ("bash", "cat", "cut", "dirname", "env", "rm", "sha256sum")


def setup(folder: Path, what: str, programs: dict[str, str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run scripts/setup in an empty checkout, on a machine that has these programs and a few everyday ones."""
    for name in ("scripts", "requirements", "bin"):
        (folder / name).mkdir()
    shutil.copy(tree.ROOT / "scripts" / "setup", folder / "scripts")
    for name, body in programs.items():
        (folder / "bin" / name).write_text(f"#!/bin/bash\n{body}\n")
        (folder / "bin" / name).chmod(0o755)
    for name in KEPT:
        (folder / "bin" / name).symlink_to(shutil.which(name) or name)
    command = [folder / "scripts" / "setup", what]
    settings = {"PATH": str(folder / "bin"), "HOME": os.environ.get("HOME", "/"), **environment}
    return subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("what", "programs", "environment", "said"),
    [
        ("core", {"python3": OLD_PYTHON}, {}, "needs Python 3.11 or newer; python3 is 3.9"),
        ("core", {}, {"PYTHON": "python3.99"}, "There is no python3.99"),
        (
            "core",
            {"python3": SPLIT_PYTHON, "id": NOT_ROOT, "apt-get": "exit 1"},
            {"EXECUTABLE": "/usr/bin/python3"},
            "sudo apt-get update && sudo apt-get install --no-install-recommends python3.12-venv",
        ),
        ("core", {"python3": SPLIT_PYTHON}, {"EXECUTABLE": "/opt/python3"}, "make PYTHON=/usr/bin/python3"),
        (
            "browser",
            {"id": NOT_ROOT, "apt-get": "exit 1"},
            {},
            "sudo apt-get update && sudo apt-get install --no-install-recommends chromium",
        ),
        ("browser", {}, {}, "This is not Debian"),
        ("browser", {}, {"ULINZI_CHROMIUM": "/nowhere"}, "ULINZI_CHROMIUM names no program: /nowhere"),
    ],
)
def test_what_is_missing_is_said_with_the_way_out(tmp_path, what, programs, environment, said):
    ran = setup(tmp_path, what, programs, **environment)
    assert ran.returncode == 1
    assert said in ran.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_browser_that_is_there_is_taken(tmp_path):
    assert setup(tmp_path, "browser", {"chromium": "exit 0"}).returncode == 0
