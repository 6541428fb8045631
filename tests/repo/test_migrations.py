"""The tables that the migrations make are those that the models describe."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.repo import tree

SETTINGS = "ulinzi.config.settings"
STALE = """
from django.db.models import TextField
import django
django.setup()
from ulinzi.ledger.models import Node
Node.add_to_class("forgotten", TextField(null=True))
from django.core.management import call_command
call_command("makemigrations", "--check", "--dry-run")
"""


def python(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ULINZI_HOME": str(home), "DJANGO_SETTINGS_MODULE": SETTINGS}
    environment.pop("DATABASE_URL", None)
    return subprocess.run([sys.executable, *words], cwd=tree.ROOT, env=environment, capture_output=True, text=True)


def test_no_migration_is_missing(tmp_path):
    ran = python(tmp_path, "-m", "django", "makemigrations", "--check", "--dry-run")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_control_a_forgotten_migration_is_found(tmp_path):
    ran = python(tmp_path, "-c", STALE)
    assert ran.returncode == 1
    assert "forgotten" in ran.stdout
