"""What is installed is what is in the tree: pages, styles, words and numbers too."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.repo import tree


def left_out(tracked: set[str], packed: set[str]) -> set[str]:
    return {name for name in tracked if name.removeprefix("src/") not in packed}


def build(folder: Path) -> set[str]:
    """The names in a wheel of a copy of the tree, so that nothing is written beside the sources."""
    source = folder / "source"
    for path in tree.files():
        if path.is_relative_to(tree.SRC) or path.parent == tree.ROOT:
            (source / tree.named(path)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, source / tree.named(path))
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps", "--no-index"]
    subprocess.run([*command, "-w", str(folder), str(source)], check=True, capture_output=True)
    return set(zipfile.ZipFile(next(folder.glob("*.whl"))).namelist())


@pytest.mark.slow
def test_everything_under_src_is_in_the_wheel(tmp_path):
    tracked = {tree.named(path) for path in tree.files() if path.is_relative_to(tree.SRC)}
    assert left_out(tracked, build(tmp_path)) == set()


def test_control_a_page_left_out_is_found():
    assert left_out({"src/ulinzi/web/templates/a.html"}, {"ulinzi/web/views.py"}) == {"src/ulinzi/web/templates/a.html"}
