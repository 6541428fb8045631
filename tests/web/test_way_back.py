"""After something was refused, the switches of the page lead back to a page that can be read, and to the right one."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import RequestFactory
from django.urls import resolve, reverse

from ulinzi.web import context

RECORD = UUID(int=7)
INBOX = ("message_step", "message_undo", "message_dial", "message_take_down", "message_enrol")
ALERT = ("alert_step", "alert_undo", "alert_same", "alert_send", "alert_write_back", "alert_edit", "alert_settle")
TASK = ("step", "undo", "settle", "decide_erasure")


def way_back(name: str, kind: str) -> str:
    path = reverse(name, kwargs={kind: RECORD})
    request = RequestFactory().post(path)
    request.resolver_match = resolve(path)
    return context._here(request)


@pytest.mark.parametrize("name", INBOX)
def test_from_the_inbox_it_is_the_message(name: str) -> None:
    assert way_back(name, "record") == f"/inbox/{RECORD}"


@pytest.mark.parametrize("name", ALERT)
def test_from_an_alert_it_is_its_file(name: str) -> None:
    assert way_back(name, "alert") == f"/alerts/{RECORD}"


@pytest.mark.parametrize("name", TASK)
def test_control_from_a_task_it_is_the_task(name: str) -> None:
    assert way_back(name, "record") == f"/tasks/{RECORD}"


@pytest.mark.parametrize("name", [*INBOX, *ALERT])
def test_each_of_these_pages_says_which_screen_it_is(name: str) -> None:
    assert context._SCREENS[name] == ("inbox" if name in INBOX else "watch")
