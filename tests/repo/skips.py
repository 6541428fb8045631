"""A pytest plugin: a skip without a reason on the list fails the run, and so does a line that names no test.

`make test` loads it with `-p tests.repo.skips`. With `-n 2` the tests are collected and run in workers: those tell what
they know, and the process that started them judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

LIST = "tests/repo/allowed_skips.txt"
TOLD = "ulinzi-skips"


def read(text: str) -> dict[str, str]:
    """Beginning of a test id, and why it may be skipped."""
    lines = [line.strip() for line in text.splitlines()]
    pairs = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return {beginning: reason.strip() for beginning, _, reason in pairs}


def objections(allowed: Mapping[str, str], skipped: Mapping[str, str], known: Iterable[str] | None) -> Iterator[str]:
    """What is wrong with a run. `known` is None where only a part of the tests was collected."""
    for test, why in skipped.items():
        if not any(test.startswith(beginning) for beginning in allowed):
            yield f"skipped, but not on the list: {test} ({why})"
    for beginning, reason in allowed.items():
        if not reason:
            yield f"on the list without a reason: {beginning}"
        if known is not None and not any(test.startswith(beginning) for test in known):
            yield f"on the list, but there is no such test: {beginning}"


def _why(report: Any) -> str:
    # Expected failures count: a test that is known not to hold is not a test that passed.
    expected = getattr(report, "wasxfail", None)
    if expected is not None:
        return f"expected to fail: {expected}"
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)


class Watch:
    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.known: list[str] = []
        self.skipped: dict[str, str] = {}
        self.found: list[str] = []

    @property
    def told(self) -> dict[str, Any] | None:
        """In a worker, what it hands to the process that started it; elsewhere there is no such thing."""
        return getattr(self.config, "workeroutput", None)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.known += [item.nodeid for item in items]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.known.append(report.nodeid)
            self.skipped[report.nodeid] = _why(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:
            self.skipped[report.nodeid] = _why(report)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self.known += ids

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Modules skipped whole: of two that give the same reason at the same line, xdist itself reports only one."""
        skipped = getattr(node, "workeroutput", {}).get(TOLD, {})  # a worker that died told nothing
        self.known += skipped
        self.skipped |= skipped

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.told is not None:
            self.told[TOLD] = self.skipped
            return
        path = Path(self.config.getoption("allowed_skips") or self.config.rootpath / LIST)
        everything = self.config.args_source is not pytest.Config.ArgsSource.ARGS and not (
            self.config.option.keyword or self.config.option.markexpr
        )
        known = self.known if everything else None
        self.found = list(objections(read(path.read_text()), self.skipped, known))
        if self.found and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.found:
            terminalreporter.section("skips", sep="=", red=True)
            for line in self.found:
                terminalreporter.line(line)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--allowed-skips", help="the list of tests that may be skipped")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Watch(config), "ulinzi-skips")
