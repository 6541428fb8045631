#!/usr/bin/env python3
"""Puts the scripts of others where pages look for them; downloads nothing where they lie there whole.

What is fetched and what it must be: requirements/scripts.toml.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "requirements" / "scripts.toml"

Package = dict[str, Any]


def main(asked: list[str]) -> int:
    """`--whole` asks only whether everything is there."""
    listed = tomllib.loads(LIST.read_text())["package"]
    if asked == ["--whole"]:
        return 0 if all(is_whole(package, ROOT) for package in listed) else 1
    for package in listed:
        if not is_whole(package, ROOT):
            print(f"Fetching {package['name']} {package['version']}", flush=True)
            take(package, fetched(package), ROOT)
    return 0


def is_whole(package: Package, folder: Path) -> bool:
    files = [(folder / one["to"], one["sha256"]) for one in package["files"].values()]
    return all(path.is_file() and digest(path.read_bytes()) == wanted for path, wanted in files)


def fetched(package: Package) -> bytes:
    """The package as npm gives it; nothing of it is run."""
    named = f"{package['name']}@{package['version']}"
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", folder, named]
        try:
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=300)
        except (OSError, subprocess.SubprocessError) as error:
            raise SystemExit(f"npm could not fetch {named}: {error}. Nothing was changed.") from error
        return next(Path(folder).glob("*.tgz")).read_bytes()


def take(package: Package, archive: bytes, folder: Path) -> None:
    """Every file is compared before the first is written."""
    _compare(package["name"], package["integrity"], integrity(archive))
    with tarfile.open(fileobj=BytesIO(archive), mode="r:gz") as opened:
        found = {one["to"]: _file(opened, name) for name, one in package["files"].items()}
    for one in package["files"].values():
        _compare(one["to"], one["sha256"], digest(found[one["to"]]))
    for name, content in found.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _file(opened: tarfile.TarFile, name: str) -> bytes:
    content = opened.extractfile(f"package/{name}")
    if content is None:
        raise SystemExit(f"{name} is no file of its package. Nothing was changed.")
    return content.read()


def integrity(archive: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _compare(name: str, wanted: str, found: str) -> None:
    if found != wanted:
        raise SystemExit(f"{name} is not what {LIST.name} names: {found} instead of {wanted}. Nothing was changed.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
