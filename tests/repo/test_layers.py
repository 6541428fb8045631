"""Controls of .importlinter and of the ruff rules that guard clock and chance: a small tree that breaks each one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo import pure, tree

BIN = Path(sys.executable).parent
CLEAN = {
    "ulinzi/kernel/ids.py": "import hashlib",
    "ulinzi/ledger/codec.py": "from ulinzi.kernel import ids",
    "ulinzi/ledger/hlc.py": "",
    "ulinzi/ledger/merge.py": "from ulinzi.ledger import codec",
    "ulinzi/ledger/records.py": "import django",
    "ulinzi/ledger/shapes.py": "",
    "ulinzi/places/rules.py": "from ulinzi.ledger import shapes",
    "ulinzi/desk/rules.py": "from ulinzi.ledger import shapes",
    "ulinzi/desk/models.py": "from ulinzi.desk import rules\nfrom ulinzi.ledger import records",
    "ulinzi/desk/queries.py": "from ulinzi.desk import models",
    "ulinzi/web/pages.py": "from ulinzi.desk import queries",
    **{f"ulinzi/{path.parent.name}/__init__.py": "" for path in tree.SRC.glob("*/__init__.py")},
    **{f"ulinzi/{name}.py": "" for name in pure.BESIDE},
}
PLANTED = {
    "Apps stand above": ("ulinzi/places/rules.py", "from ulinzi.desk import rules"),
    "Inside an app": ("ulinzi/desk/models.py", "from ulinzi.desk import queries"),
    "Kernel, rules": ("ulinzi/desk/rules.py", "import django"),
    "Screens and commands": ("ulinzi/web/pages.py", "from ulinzi.desk import models"),
    "No cycles": ("ulinzi/ledger/codec.py", "from ulinzi.ledger import merge"),
}


def lint(folder: Path, files: dict[str, str]) -> str:
    """What import-linter says of a tree under the product's own contracts."""
    for name, source in {"ulinzi/__init__.py": "", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source + "\n")
    command = [BIN / "lint-imports", "--no-logo", "--no-cache", "--config", tree.ROOT / ".importlinter"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True).stdout


def banned(source: str, name: str) -> list[str]:
    """The codes that ruff finds in a source, were it the product's file of that name."""
    command = [BIN / "ruff", "check", "--output-format", "concise", "--stdin-filename", name, "-"]
    said = subprocess.run(command, input=source, cwd=tree.ROOT, capture_output=True, text=True).stdout
    return sorted(line.split()[1] for line in said.splitlines() if line.startswith(name))


def test_a_tree_that_keeps_the_layers_passes(tmp_path):
    assert "5 kept, 0 broken" in lint(tmp_path, CLEAN)


def test_control_each_contract_can_break(tmp_path):
    files = dict(CLEAN)
    for name, line in PLANTED.values():
        files[name] += f"\n{line}"
    said = lint(tmp_path, files).splitlines()
    broken = {start for start in PLANTED for line in said if line.startswith(start) and "BROKEN" in line}
    assert broken == set(PLANTED)


def test_control_an_app_that_stands_in_no_layer_is_found(tmp_path):
    assert "rumours" in lint(tmp_path, {**CLEAN, "ulinzi/rumours/__init__.py": ""})


@pytest.mark.parametrize(
    ("module", "call"),
    [
        ("datetime", "datetime.datetime.now(datetime.UTC)"),
        ("time", "time.time()"),
        ("time", "time.time_ns()"),
        ("random", "random.random()"),
        ("random", "random.shuffle([])"),
        ("uuid", "uuid.uuid4()"),
        ("os", "os.urandom(8)"),
        ("django.utils.timezone", "django.utils.timezone.now()"),
    ],
)
def test_control_clock_and_chance_are_arguments(module, call):
    source = f"import {module}\n\nX = {call}\n"
    assert banned(source, "src/ulinzi/desk/actions.py") == ["TID251"]
    assert banned(source, "src/ulinzi/kernel/clock.py") == []


def test_control_a_signature_without_types_is_found():
    source = "def close(task, by):\n    return task, by\n"
    assert banned(source, "src/ulinzi/desk/actions.py") == ["ANN001", "ANN001", "ANN201"]
    assert banned(source, "src/ulinzi/web/pages.py") == []
