"""`ulinzi gateway ...`: the phones, whose number is whose, and the process that receives.

Secrets are typed at prompts: an argument stands in the shell's history and in the list of processes.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from ulinzi.cli import opening
from ulinzi.cli.language import _
from ulinzi.kernel.clock import MINUTE, SECOND
from ulinzi.kernel.errors import Refused

if TYPE_CHECKING:
    from ulinzi.gateway.core import Gateway
    from ulinzi.gateway.phones import Door

_SHORTEST_KEY = 16
_RINGS = 5 * SECOND


def run(options: Namespace) -> None:
    """The process itself knows no Django; it takes our place."""
    from ulinzi.gateway import process

    with opening.node() as node:
        home = node.home
    host, port = process.check(home)
    print(_("The gateway is at {address} - Ctrl-C stops it.").format(address=f"http://{host}:{port}/"), flush=True)
    os.execv(sys.executable, [sys.executable, "-m", "ulinzi.gateway.process", str(home)])


@contextmanager
def _opened(office: str | None = None) -> Iterator[Gateway]:
    """Beside the process that may be running: the file takes both."""
    from ulinzi.gateway.core import Gateway

    with opening.node() as node:
        from ulinzi.ledger import queries

        known = sorted(queries.compartments())
        if office is not None and office not in known:
            raise Refused("office_unknown", given=office, known=", ".join(known))
        gateway = Gateway(node.home, node.clock, node.chance)
    try:
        yield gateway
    finally:
        gateway.close()


def add(options: Namespace) -> None:
    from ulinzi.gateway import phones

    with _opened(options.office) as gateway:
        before = phones.find(gateway.store, options.code)
        kept = before.signing if before else None
        key, is_made = _signing_key(gateway, kept)
        sends = _door(options.send, options.send_user, _("Password of the phone for sending: "))
        dials = _door(options.call, options.call_user, _("Password of the phone for calling: "))
        told = {"calling_code": options.calling_code.removeprefix("+"), "usual_gap": options.every * MINUTE}
        gateway.add_phone(
            phones.Phone(options.code, options.office, options.name, key, sends=sends, dials=dials, **told)
        )
    _tell(options.code, options.name, key.decode("ascii") if is_made else None)


def _signing_key(gateway: Gateway, kept: bytes | None) -> tuple[bytes, bool]:
    """What is typed; else what the phone has already; else a new one, which is then shown once."""
    typed = asked(_("Signing key of the phone's webhooks (empty: the one it has, or a new one): ")).encode()
    if typed and len(typed) < _SHORTEST_KEY:
        raise Refused("signing_key_too_short", shortest=_SHORTEST_KEY)
    if typed or kept:
        return typed or kept or b"", False
    return gateway.chance.bytes(24).hex().encode(), True


def _door(url: str | None, user: str, question: str) -> Door | None:
    from ulinzi.gateway.phones import Door

    return Door(url, user, asked(question)) if url else None


def _tell(code: str, name: str, key: str | None) -> None:
    from ulinzi.gateway import process

    host, port = process.place()
    print(_("{name} is a phone of this gateway.").format(name=_plain(name)))
    print(_("Address for its webhooks: {address}").format(address=f"http://{host}:{port}/hook/{code}"))
    print(
        _("Messages: {events}").format(events="sms:received sms:sent sms:delivered sms:failed system:ping app:started")
    )
    print(_("Calls: {events}").format(events="call:ringing call:started call:ended"))
    if key is not None:
        print(_("Signing key, shown this once; type it into the phone: {key}").format(key=key))


def phones(options: Namespace) -> None:
    with _opened() as gateway:
        for one in gateway.phones():
            heard = _moment(one["last_heard"])
            state = _("silent") if one["silent"] else _("heard")
            print(f"{one['code']}  {one['compartment']}  {_plain(one['name'])}  {state}  {heard}")


def _moment(at: int | None) -> str:
    from ulinzi.web import times

    return f"{times.show_date(at)} {times.show_time(at)}" if at else _("never heard")


def enrol(options: Namespace) -> None:
    """Typed twice: one wrong figure would give a source's code to a stranger."""
    with _opened() as gateway:
        number = asked(_("Number, with + and the code of the country: "))
        if asked(_("The same number once more: ")) != number:
            raise Refused("number_typed_differently")
        was = gateway.enrol_number(number, options.code)
    print(_("This number is {code} from now on.").format(code=options.code))
    if was:
        print(_("Until now it was {code}.").format(code=was))


def withdraw(options: Namespace) -> None:
    with _opened() as gateway:
        gone = gateway.withdraw(options.code)
    print(_("Numbers that led to {code}: {count}. None does now.").format(code=options.code, count=gone))


def pretend(options: Namespace) -> None:
    """Somebody invented calls or writes, in a demonstration: through the door, signed, as a telephone does it."""
    from ulinzi.gateway import phones, process
    from ulinzi.gateway.simulated import SimulatedPhone, over_http

    # As `ulinzi demo` does: its home is found without being named.
    os.environ["ULINZI_DEMO"] = "1"
    with _opened() as gateway:
        if not (gateway.folder.parent / "demo").exists():
            raise Refused("only_in_a_demonstration")
        known, now = phones.of(gateway.store, options.code), gateway.clock.now()
        phone = SimulatedPhone(known.code, known.signing, over_http(process.place()[1]), gateway.chance)
        if options.words:
            phone.sms(options.number, options.words, now)
        else:
            phone.bip(options.number, now)
        phone.tick(now + _RINGS)
    if phone.waiting:
        raise Refused("gateway_silent")
    print(_("It came. In a second or two it stands in the inbox."))


def asked(question: str) -> str:
    """Without showing it; from a file or a pipe the next line is the answer."""
    if sys.stdin.isatty():
        return getpass(question).strip()
    return sys.stdin.readline().strip()


def _plain(text: str) -> str:
    from ulinzi.web import plain

    return plain.visible(text)


def is_wanted(home: Path) -> bool:
    """A node to which no phone was ever added needs none."""
    return (home / "gateway" / "gateway.key").exists()
