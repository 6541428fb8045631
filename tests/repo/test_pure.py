"""Rules and the core of the ledger can be read, tested and moved without a web framework or a database."""

from __future__ import annotations

import subprocess
import sys

from tests.repo import pure, tree

HEAVY = ("django", "psycopg", "sqlite3")


def heavy_after_importing(*modules: str) -> list[str]:
    code = f"import sys\nimport {', '.join(modules)}\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], cwd=tree.ROOT, capture_output=True, text=True, check=True)
    return ran.stdout.split()


def test_pure_modules_bring_in_no_django_and_no_database():
    assert heavy_after_importing(*pure.modules()) == []


def test_every_pure_module_exists():
    assert [tree.named(path) for path in pure.paths() if not path.is_file()] == []


def test_control_a_model_brings_in_django():
    assert "django" in heavy_after_importing("django.db.models")
