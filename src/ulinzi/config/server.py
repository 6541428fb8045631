"""The web server: waitress, which holds a whole request before one of its threads looks at it.

Why not another: docs/adr/0023-the-whole-request-first.md. Everything that is ours about it stands here.
"""

from __future__ import annotations

import resource
import select
import signal
import sys
from typing import Any

from django.conf import settings
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask
from waitress.utilities import RequestEntityTooLarge

HOST, THREADS = "127.0.0.1", 8
# Strangers who send a byte now and then keep a connection each, for as long as a request may take to arrive.
CONNECTIONS, ARRIVES_WITHIN = 1000, 60
MOST_READ = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
OPTIONS: dict[str, Any] = {
    "threads": THREADS,
    "connection_limit": CONNECTIONS,
    "channel_timeout": ARRIVES_WITHIN,
    "cleanup_interval": 5,
    "max_request_header_size": 32 * 1024,
    "max_request_body_size": MOST_READ,
    # What somebody typed, or is shown, is never laid down in a file on the way.
    "inbuf_overflow": MOST_READ,
    "outbuf_overflow": 64 * 1024**2,
    # /metrics goes by them: whoever asks through a server in front is not from here.
    "clear_untrusted_proxy_headers": False,
    "log_socket_errors": False,
    "ident": None,
}


class Request(HTTPRequestParser):
    def parse_header(self, header_plus: bytes) -> None:
        """Two lengths, or one that this version of HTTP does not know: a server in front may read it another way."""
        super().parse_header(header_plus)
        if "TRANSFER_ENCODING" in self.headers or (self.chunked and "CONTENT_LENGTH" in self.headers):
            raise ParsingError("Content-Length and Transfer-Encoding")

    def received(self, data: bytes) -> int:
        """What is too large is read no further; the product says so itself, in the reader's language."""
        taken = int(super().received(data))
        if isinstance(self.error, RequestEntityTooLarge):
            self.error, self.connection_close = None, True
            self.headers |= {"CONNECTION": "close", "CONTENT_LENGTH": str(self.content_length or MOST_READ)}
        return taken


class Answer(WSGITask):
    def write(self, data: bytes) -> None:
        """Django leaves it to the server that an answer to HEAD has no body."""
        super().write(b"" if self.request.command == "HEAD" else data)

    def set_close_on_finish(self) -> None:
        """Waitress hangs up after each answer without a length, and a tick's has none. These end by themselves."""
        ends = self.chunked_response or not self.has_body
        if self.version != "1.1" or self.request.connection_close or not ends:
            super().set_close_on_finish()


class Channel(HTTPChannel):
    task_class, parser_class = Answer, Request

    def handle_read(self) -> None:
        """One byte more of a request that had begun is no sign of life: it has to arrive whole, in time."""
        began, since = self.request, self.last_activity
        super().handle_read()
        if began is not None and self.request is began:
            self.last_activity = since

    def add_channel(self, map: Any = None) -> None:  # noqa: A002 - waitress calls it so
        super().add_channel(map)
        self.server.changing.add(self._fileno)

    def del_channel(self, map: Any = None) -> None:  # noqa: A002
        self.server.changing.add(self._fileno)
        super().del_channel(map)


class Server(TcpWSGIServer):
    """Waitress asks every connection what it waits for, before each look: 200 screens cost more than their answers.

    One that does nothing but wait for a request changes by what it reads, or by the time; only the others are asked.
    """

    channel_class = Channel

    def run(self) -> None:
        self.poll, self.watched, self.changing = select.poll(), dict[int, int](), set(self._map)
        try:
            while True:
                self.turn()
        except SystemExit:
            self.task_dispatcher.shutdown()

    def turn(self) -> None:
        for fd in (self._fileno, *self.changing):
            self._watch(fd)
        for fd, found in self.poll.poll(1000):
            self.changing.add(fd)
            if fd in self._map:
                wasyncore.readwrite(self._map[fd], found)

    def _watch(self, fd: int) -> None:
        one = self._map.get(fd)
        wanted = 0 if one is None else select.POLLIN * bool(one.readable()) | select.POLLOUT * bool(one.writable())
        if wanted:
            self.poll.register(fd, wanted)
        elif self.watched.get(fd):
            self.poll.unregister(fd)
        self.watched[fd] = wanted
        if one is None or wanted == select.POLLIN:
            self.changing.discard(fd)

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        self.changing.update(self.active_channels)


def run(port: int) -> None:
    """Until SIGTERM: the pages that are being made are still sent."""
    from ulinzi.config.wsgi import application

    _make_room()
    server = Server(application, host=HOST, port=port, **OPTIONS)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit())
    server.run()


def _make_room() -> None:
    """A connection is an open file; many systems allow 1024 unless they are asked."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


if __name__ == "__main__":
    run(int(sys.argv[1]))
