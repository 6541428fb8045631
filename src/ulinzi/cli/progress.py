"""How far it is, on the error stream: one line that changes on a terminal, a line a tenth elsewhere."""

from __future__ import annotations

import sys


class Progress:
    def __init__(self, sentence: str) -> None:
        """`sentence` says {done} and {total}."""
        self._sentence = sentence
        self._terminal = sys.stderr.isatty()
        self._tenth = 0

    def __call__(self, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if self._terminal:
            print("\r" + self._text(done, total), end="", file=sys.stderr, flush=True)
        elif tenth > self._tenth:
            print(self._text(done, total), file=sys.stderr, flush=True)
        self._tenth = tenth

    def _text(self, done: int, total: int) -> str:
        return self._sentence.format(done=f"{done:,}", total=f"{total:,}")

    def end(self) -> None:
        if self._terminal and self._tenth:
            print(file=sys.stderr)
