"""A new file appears when it is whole; whatever stands at its name, or comes to stand there, is left alone."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from ulinzi.cli import newfile
from ulinzi.kernel.errors import Refused

WORDS = b"what was there before"


@pytest.fixture(params=["links", "no links"])
def file(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A name nobody uses, on a disk where a file may have two names, and on one where it may not."""

    def no_links(*args: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    if request.param == "no links":
        monkeypatch.setattr(os, "link", no_links)
    return tmp_path / "out.jsonl"


def write(file: Path, *, meanwhile: Path | None = None) -> None:
    with newfile.written(str(file)) as out:
        out.write(b"all of it")
        if meanwhile:
            meanwhile.write_bytes(WORDS)


def test_it_appears_when_it_is_whole_and_is_its_owners_alone(file: Path) -> None:
    before = os.umask(0)
    try:
        with newfile.written(str(file)) as out:
            out.write(b"all of it")
            assert not file.exists()
    finally:
        os.umask(before)
    assert file.read_bytes() == b"all of it"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_what_fails_leaves_nothing(file: Path) -> None:
    with pytest.raises(ValueError), newfile.written(str(file)) as out:
        out.write(b"half of it")
        raise ValueError
    assert list(file.parent.iterdir()) == []


def test_a_file_that_is_there_stays(file: Path) -> None:
    file.write_bytes(WORDS)
    with pytest.raises(Refused, match="file_is_there"):
        write(file)
    assert file.read_bytes() == WORDS


def test_a_file_that_comes_meanwhile_stays(file: Path) -> None:
    with pytest.raises(Refused, match="file_is_there"):
        write(file, meanwhile=file)
    assert file.read_bytes() == WORDS
    assert list(file.parent.iterdir()) == [file]


def test_control_renaming_would_have_replaced_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newfile, "_publish", lambda part, path: part.rename(path))
    write(file, meanwhile=file)
    assert file.read_bytes() == b"all of it"


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.part"])
@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_not_followed_wherever_it_leads(file: Path, tmp_path: Path, name: str, there: bool) -> None:
    other = tmp_path / "other"
    if there:
        other.write_bytes(WORDS)
    (tmp_path / name).symlink_to(other)
    with pytest.raises(Refused, match="file_is_there"):
        write(file)
    assert other.read_bytes() == WORDS if there else not other.exists()
    assert (tmp_path / name).is_symlink()


def test_a_folder_that_is_not_there_is_told(file: Path) -> None:
    with pytest.raises(Refused, match="file_not_writable"):
        write(file.parent / "none" / "out.jsonl")
