"""Every dependency is there for a reason that somebody wrote down, and is locked with its hashes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.repo import tree

PYPROJECT = tree.ROOT / "pyproject.toml"
REQUIREMENT = re.compile(r'^\s*"(?P<name>[A-Za-z0-9._-]+)(\[[^\]]*\])?(?P<range>[^"]*)",?(?P<reason>.*)$')
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)")
LISTS = re.compile(r"^(dependencies|postgres|dev|build) = \[\n(.*?)^\]", re.MULTILINE | re.DOTALL)


def asked_for(pyproject: str) -> dict[str, str]:
    """Each dependency and its reason, from the lists in the text (tomllib forgets comments)."""
    lines = [line for found in LISTS.finditer(pyproject) for line in found.group(2).splitlines() if line.strip()]
    matches = [REQUIREMENT.match(line) for line in lines]
    return {match["name"]: match["reason"].strip() for match in matches if match}


def without_reason(pyproject: str) -> list[str]:
    return [name for name, reason in asked_for(pyproject).items() if not re.match(r"#\s*\S+\s+\S+\s+\S+", reason)]


def locked(text: str) -> dict[str, str]:
    return {match["name"]: match["version"] for line in text.splitlines() if (match := PINNED.match(line))}


def unhashed(text: str) -> list[str]:
    """Pins that the next line does not follow with a hash."""
    lines = text.splitlines()
    pairs = zip(lines, [*lines[1:], ""], strict=True)
    return [line for line, following in pairs if PINNED.match(line) and "--hash=sha256:" not in following]


def lock(name: str) -> str:
    return Path(tree.ROOT / "requirements" / f"{name}.lock").read_text()


def bare(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", one)[0] for one in requirements}


def test_every_dependency_has_its_reason_beside_it():
    assert without_reason(PYPROJECT.read_text()) == []


def test_every_list_of_dependencies_was_read():
    project = tomllib.loads(PYPROJECT.read_text())
    extras, groups = project["project"]["optional-dependencies"], project["dependency-groups"]
    lists = [project["project"]["dependencies"], *extras.values(), *groups.values()]
    assert set(asked_for(PYPROJECT.read_text())) == set().union(*map(bare, lists))


def test_everything_asked_for_is_locked():
    project = tomllib.loads(PYPROJECT.read_text())
    core = bare(project["project"]["dependencies"] + project["dependency-groups"]["build"])
    assert core - set(locked(lock("core"))) == set()
    assert set(asked_for(PYPROJECT.read_text())) - set(locked(lock("dev"))) == set()


def test_the_build_backend_is_locked():
    backend = bare(tomllib.loads(PYPROJECT.read_text())["build-system"]["requires"])
    assert backend <= set(locked(lock("core")))


def test_what_is_tested_is_what_runs():
    tested = locked(lock("dev"))
    assert {name: version for name, version in locked(lock("core")).items() if tested.get(name) != version} == {}


def test_every_pin_has_its_hashes():
    assert unhashed(lock("core")) + unhashed(lock("dev")) == []


def test_control_a_missing_reason_is_found():
    text = 'dependencies = [\n    "django>=5", # forms and migrations\n    "left-pad>=1",\n    "x>=1", # y z\n]\n'
    assert without_reason(text) == ["left-pad", "x"]


def test_control_a_pin_without_hash_is_found():
    assert unhashed("a==1 \\\n    --hash=sha256:00\nb==2\nc==3 \\\n    --hash=sha256:00\n") == ["b==2"]
