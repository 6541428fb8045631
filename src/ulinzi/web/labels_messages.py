"""Words for the codes of messages: states, steps, what came of a call, why one is set aside, whether a call is safe."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy as context

from ulinzi.web import labels_alerts
from ulinzi.web.labels import Labels

STATES: Labels = {
    "waiting": context("message", "waits for a person"),
    "reported": context("message", "a report"),
    "alerted": context("message", "an alert"),
    "attached": context("message", "attached to an alert"),
    "set_aside": context("message", "set aside"),
}
STEPS: Labels = {
    "claimed": context("message", "Take"),
    "released": context("message", "Give back"),
    "called": lazy("Call back"),
    "reported": lazy("Make a report"),
    "alerted": lazy("Raise an alert"),
    "attached": lazy("Attach to an alert"),
    "set_aside": lazy("Set aside"),
    "reopened": lazy("Open again"),
    "undone": lazy("Undo"),
}
# What a line of the history says, after the name.
DID: Labels = {
    "claimed": context("message", "took it."),
    "released": context("message", "gave it back."),
    "called": context("message", "called back:"),
    "reported": lazy("made a report of it."),
    "alerted": lazy("raised an alert."),
    "attached": lazy("attached it to an alert."),
    "set_aside": context("message", "set it aside:"),
    "reopened": context("message", "opened it again."),
}
ASIDE: Labels = {
    "test": lazy("It is a test"),
    "wrong_number": lazy("Wrong number"),
    "greeting": lazy("Thanks or greetings, no warning"),
    "network_fault": lazy("A fault of the telephone network"),
    "already_told": lazy("It says what we know already"),
    "other": context("aside", "Another reason"),
}
CALLED: Labels = {**labels_alerts.CALLED, "not_called": lazy("No call was made after all")}
# Whether a call is safe, in plain words: hours and cover stories are sealed elsewhere.
SAFE: Labels = {
    "call": lazy("A call is safe."),
    "not_now": lazy("Do not call now."),
    "never": lazy("Never call."),
    "withdrawn": lazy("This person has left the network. Do not call."),
    "": lazy("Nobody knows whether a call is safe."),
    "unknown": lazy("Nobody knows whether a call is safe."),
}
