"""Nothing in the tree depends on, or tells of, the machine it was written on."""

from __future__ import annotations

import re

import pytest

from tests.repo import tree

# Written in pieces, so that this file passes its own test.
INDEX_HOSTS = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "npmjs" + ".com", "anaconda" + ".org")
HOST = re.compile("|".join(re.escape(host) for host in INDEX_HOSTS), re.IGNORECASE)
FOLDERS = ("work", "root", "home", "Users")
PATH = re.compile(r"(?<![\w.~:/<>})\]-])/(?:" + "|".join(FOLDERS) + r")(?:/[\w.]|(?=[\s\"'`:,;)]|$))")
ELSEWHERE = re.compile(r"://|(?<!\w)/\w")  # an address or an absolute path


def traces(text: str) -> list[str]:
    """Hosts of package indexes and paths of one machine."""
    return [found.group() for pattern in (HOST, PATH) for found in pattern.finditer(text)]


def test_no_index_host_and_no_machine_path():
    found = {tree.named(path): traces(tree.text_of(path)) for path in tree.files()}
    assert {name: what for name, what in found.items() if what} == {}


def test_locks_name_no_address_and_no_path():
    locks = [path for path in tree.files() if path.suffix == ".lock"]
    assert len(locks) == 2
    assert [line for path in locks for line in path.read_text().splitlines() if ELSEWHERE.search(line)] == []


@pytest.mark.parametrize(
    "sample",
    ["from https://" + INDEX_HOSTS[0] + "/simple", "cd /wo" + "rk/main", "HOME=/ro" + "ot", '"/ho' + 'me/ana/x"'],
)
def test_control_traces_are_found(sample):
    assert traces(sample)


@pytest.mark.parametrize(
    "sample",
    ["`ulinzi work`", "run/work", "https://example.org/home/", "</root>", "a / work b", "record/root", "~/work"],
)
def test_control_ordinary_text_passes(sample):
    assert traces(sample) == []


@pytest.mark.parametrize("line", ["--find-links /opt/wheels", "--index-url https://example.org", "x @ file:///x"])
def test_control_a_lock_that_points_elsewhere_is_found(line):
    assert ELSEWHERE.search(line)
