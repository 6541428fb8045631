"""A relay in front of PostgreSQL that counts round trips: how often the client speaks after the server has answered."""

from __future__ import annotations

import selectors
import socket
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

_NAME = ".s.PGSQL.5432"


class Relay:
    def __init__(self, url: str) -> None:
        self._target = _address(url)
        self._folder = tempfile.TemporaryDirectory(prefix="ulinzi-relay-")
        self.url = f"postgresql://postgres@/postgres?host={self._folder.name}"
        self.turns = 0
        self._listening = socket.socket(socket.AF_UNIX)

    def __enter__(self) -> Relay:
        self._listening.bind(str(Path(self._folder.name) / _NAME))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, at: TracebackType | None
    ) -> None:
        self._listening.close()
        self._folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX if isinstance(self._target, str) else socket.AF_INET)
        server.connect(self._target)
        other = {client: server, server: client}
        speaking = server
        with selectors.DefaultSelector() as selector:
            for end in other:
                selector.register(end, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    end = key.fileobj
                    assert isinstance(end, socket.socket)
                    sent = end.recv(65536)
                    if not sent:
                        client.close()
                        server.close()
                        return
                    self.turns += end is client and speaking is server
                    speaking = end
                    other[end].sendall(sent)


def _address(url: str) -> str | tuple[str, int]:
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [""])[0]
    return str(Path(host) / _NAME) if host else (parts.hostname or "127.0.0.1", parts.port or 5432)
