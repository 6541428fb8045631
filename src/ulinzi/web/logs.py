"""Log lines without anybody's words: an exception's message may hold what somebody typed."""

from __future__ import annotations

import logging
import traceback
from typing import Any


class WithoutWords(logging.Formatter):
    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        kind, _error, trace = ei
        return "".join(traceback.format_tb(trace)) + (kind.__name__ if kind else "")
