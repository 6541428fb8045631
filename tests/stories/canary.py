"""One invented number and one invented name with their words. They go down every road; afterwards they stand nowhere.

Nowhere is: in no file of the machine, in no line that it prints, in no answer to a browser. Two answers are meant to
hold them: the duty page holds the number, once; the page of a message holds the words.
"""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

# +999 is given to no country.
NUMBER, NAME = "+999734512987", "Wendo Karamasi"
WORDS = f"C’est {NAME}. Des hommes armés passent le gué, venez vite"
# The number as it is dialled abroad, and without its country; the name, and the half that nobody else has.
SIGNS = {"number": (NUMBER[1:], NUMBER[4:]), "words": (WORDS, NAME, "Karamasi", "passent le gué")}
MESSAGE_PAGE = re.compile(r"(GET|POST) /inbox/[0-9a-f-]{36}(/[a-z-]+)?")


@cache
def writings(sign: str) -> frozenset[bytes]:
    """How a sign could stand in a file or an answer: each way in which a program may write a text."""
    raw = sign.encode()
    found = {raw, quote(sign).encode(), escape(sign).encode(), json.dumps(sign)[1:-1].encode(), raw.hex().encode()}
    found |= {sign.encode(one) for one in ("utf-16-le", "utf-16-be", "utf-32-le")}
    found.add(raw.hex().upper().encode())
    return frozenset(found | {one for start in range(3) for one in _base64(raw, start)})


def _base64(raw: bytes, start: int) -> Iterable[bytes]:
    """In the middle of something longer: what its neighbours change at both ends is cut away."""
    for write in (b64encode, urlsafe_b64encode):
        yield write(b"\0" * start + raw)[(0, 2, 3)[start] :].rstrip(b"=")[:-1]


def traces(found: bytes) -> set[str]:
    """`number`, `words`, both or nothing."""
    return {kind for kind, signs in SIGNS.items() for sign in signs if any(one in found for one in writings(sign))}


def in_files(folder: Path) -> dict[str, set[str]]:
    """Every file below, whatever it is: databases with their journals, logs, sealed stores, what was left behind."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    held = {str(path.relative_to(folder)): traces(path.read_bytes()) for path in files}
    return {path: kinds for path, kinds in held.items() if kinds}


class Answer(NamedTuple):
    asked: str
    address: str
    whole: bytes


class Answers:
    """Every answer of a server, head and body, as the browser got it; taken down at the server, so none is missed."""

    def __init__(self) -> None:
        self.given: list[Answer] = []

    def of(self, application: Callable[..., Iterable[bytes]]) -> Callable[..., list[bytes]]:
        def serve(environ: Mapping[str, Any], start: Callable[..., Any]) -> list[bytes]:
            heads: list[tuple[str, str]] = []

            def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
                heads[:] = headers
                return start(status, headers, *rest)

            parts = [*application(environ, started)]
            self._note(environ, dict(heads), b"".join(parts))
            return parts

        return serve

    def _note(self, environ: Mapping[str, Any], heads: Mapping[str, str], body: bytes) -> None:
        body = gzip.decompress(body) if heads.get("Content-Encoding") == "gzip" and body else body
        asked, query = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}", environ.get("QUERY_STRING", "")
        told = "\n".join(f"{name}: {value}" for name, value in heads.items())
        address = f"{quote(environ['PATH_INFO'])}?{query}".rstrip("?")
        self.given.append(Answer(asked, address, told.encode() + b"\n" + body))

    def holding(self, kind: str) -> list[str]:
        """What was asked for where an answer, or the address itself, held it."""
        return [one.asked for one in self.given if kind in traces(one.whole) | traces(one.address.encode())]

    def addresses(self) -> set[str]:
        return {one.address for one in self.given}
