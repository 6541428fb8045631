"""Times as people of the mission read and type them: 24 hours, JJ/MM/AAAA, the mission's own zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ulinzi.kernel.clock import DAY, HOUR, MINUTE, SECOND

_DATE = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_TIME = re.compile(r"(\d{1,2})(?:\s*[:hH.]\s*(\d{2})?)?|(\d{2})(\d{2})")


_YEARS = range(1970, 2101)
_EARLIEST, _LATEST = 0, datetime(2101, 1, 1, tzinfo=UTC).timestamp()


def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def late_note() -> int:
    """Written down this long after it is said to have happened, and a reader has to be told."""
    return int(settings.MISSION.thresholds.late_entry_minutes) * MINUTE


def local(at: int) -> datetime:
    return _moment(at).astimezone(zone())


def _moment(at: int) -> datetime:
    """Never fails: a page with one impossible time on it has to be read all the same."""
    return datetime.fromtimestamp(min(max(at / SECOND, _EARLIEST), _LATEST), UTC)


def stored(day: date, hour: time) -> int:
    return round(datetime.combine(day, hour, zone()).timestamp()) * SECOND


def exists(day: date, hour: time) -> bool:
    """False for what a clock that is set forward leaves out. What comes twice means the first of the two."""
    return local(stored(day, hour)).replace(tzinfo=None) == datetime.combine(day, hour)


def read_date(text: str) -> date:
    """17/11/2026; the order year-month-day is understood too. ValueError where it is no day, or none of our time."""
    day = _read_date(text)
    if day.year not in _YEARS:
        raise ValueError(text)
    return day


def _read_date(text: str) -> date:
    if found := _ISO.fullmatch(text.strip()):
        return date(*(int(one) for one in found.groups()))
    if found := _DATE.fullmatch(text.strip()):
        day, month, year = (int(one) for one in found.groups())
        return date(year, month, day)
    raise ValueError(text)


def read_time(text: str) -> time:
    """14:05, 14h05, 14h, 1405. ValueError where it is no time of day."""
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    hour, minute, packed_hour, packed_minute = found.groups()
    return time(int(hour or packed_hour), int(minute or packed_minute or 0))


def show_date(at: int) -> str:
    return local(at).strftime("%d/%m/%Y")


def show_time(at: int) -> str:
    return local(at).strftime("%H:%M")


def offset(at: int) -> str:
    """How far the mission's clock is from UTC at that moment: UTC+10:30, and another in another season."""
    shown = local(at).strftime("%z")
    return f"UTC{shown[:3]}:{shown[3:5]}"


def machine(at: int) -> str:
    """For <time datetime="...">."""
    return _moment(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def days_away(at: int, now: int) -> int:
    """Midnights of the mission between the two."""
    return (local(at).date() - local(now).date()).days


def moment(at: int, now: int) -> str:
    """As short as it is clear: the day only where it is not today, the year only where it is not this one."""
    there, here = local(at), local(now)
    if there.date() == here.date():
        return there.strftime("%H:%M")
    return there.strftime("%d/%m %H:%M" if there.year == here.year else "%d/%m/%Y %H:%M")


def span(length: int) -> tuple[str, str]:
    """A length of time as a number and its unit: the number is set large, the unit small."""
    length = abs(length)
    if length < HOUR:
        return str(length // MINUTE), _("min")
    if length < 2 * DAY:
        hours, minutes = divmod(length // MINUTE, 60)
        return str(hours), _("h") + (f" {minutes:02}" if minutes and hours < 24 else "")
    days = length // DAY
    return str(days), ngettext("day", "days", days)


def said_span(length: int) -> str:
    number, unit = span(length)
    return f"{number} {unit}"


def relative(at: int, now: int) -> str:
    shown = said_span(at - now)
    if abs(at - now) < MINUTE:
        return _("now")
    return _("in %(span)s") % {"span": shown} if at > now else _("%(span)s ago") % {"span": shown}


def end_of_day(now: int, days: int = 0) -> int:
    """The mission's next midnight, or one of those after it."""
    return stored(local(now).date() + timedelta(days=days + 1), time(0))
