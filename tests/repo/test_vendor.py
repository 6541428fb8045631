"""The scripts of others: with version, licence and reason, compared with their digests, never in the tree."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from scripts import vendor
from tests.repo import tree

LISTED = vendor.tomllib.loads(vendor.LIST.read_text())["package"]


def packed(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as out:
        for name, content in files.items():
            told = tarfile.TarInfo(f"package/{name}")
            told.size = len(content)
            out.addfile(told, io.BytesIO(content))
    return made.getvalue()


ARCHIVE = packed({"a.js": b"first", "b.js": b"second"})
PACKAGE: dict[str, Any] = {
    "name": "sample",
    "version": "1.0.0",
    "integrity": vendor.integrity(ARCHIVE),
    "files": {
        "a.js": {"to": "kept/a.js", "sha256": vendor.digest(b"first")},
        "b.js": {"to": "kept/b.js", "sha256": vendor.digest(b"second")},
    },
}


def test_a_package_that_is_what_it_should_be_is_put_in_its_place(tmp_path: Path) -> None:
    assert not vendor.is_whole(PACKAGE, tmp_path)
    vendor.take(PACKAGE, ARCHIVE, tmp_path)
    assert (tmp_path / "kept" / "b.js").read_bytes() == b"second" and vendor.is_whole(PACKAGE, tmp_path)


def test_an_archive_that_differs_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"sample is not what scripts\.toml names"):
        vendor.take(PACKAGE, packed({"a.js": b"first", "b.js": b"slipped in"}), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_differs_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    files = {**PACKAGE["files"], "b.js": {"to": "kept/b.js", "sha256": vendor.digest(b"another")}}
    with pytest.raises(SystemExit, match=r"kept/b\.js is not what"):
        vendor.take({**PACKAGE, "files": files}, ARCHIVE, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_changed_afterwards_is_fetched_again(tmp_path: Path) -> None:
    vendor.take(PACKAGE, ARCHIVE, tmp_path)
    (tmp_path / "kept" / "a.js").write_bytes(b"changed")
    assert not vendor.is_whole(PACKAGE, tmp_path)


def test_without_npm_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"npm could not fetch sample@1\.0\.0.*Nothing was changed"):
        vendor.fetched(PACKAGE)


@pytest.mark.parametrize("package", LISTED, ids=lambda one: one["name"])
def test_each_has_a_version_a_licence_a_reason_and_digests(package: dict[str, Any]) -> None:
    assert package["version"].count(".") == 2 and package["licence"] and len(package["reason"]) > 20
    assert package["integrity"].startswith("sha512-")
    assert all(len(one["sha256"]) == 64 for one in package["files"].values())


def test_none_of_them_is_kept_in_the_tree() -> None:
    kept = {tree.named(path) for path in tree.files()}
    assert {one["to"] for package in LISTED for one in package["files"].values()} & kept == set()


@pytest.mark.parametrize("package", LISTED, ids=lambda one: one["name"])
def test_git_looks_past_them(package: dict[str, Any]) -> None:
    for one in package["files"].values():
        asked = subprocess.run(["git", "check-ignore", "-q", one["to"]], cwd=tree.ROOT, check=False)
        assert asked.returncode == 0, one["to"]
