"""Every part of the house on one page, in every state it can be in: what a new screen is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from ulinzi.kernel.clock import DAY, HOUR, MINUTE
from ulinzi.ledger import node as nodes
from ulinzi.ledger.shapes import Row
from ulinzi.web import maps, strips, tables
from ulinzi.web.charts import samples
from ulinzi.web.strips import Strip
from ulinzi.web.templatetags.room import ICONS

# Of nobody: this page shows the parts, not the mission.
NOBODY = UUID(int=0)
TOKENS = ("paper", "sheet", "tint", "tint-2", "ink", "ink-2", "ink-3", "edge", "hand", "wash", "late", "late-wash")
SIZES = ("xs", "s", "m", "l", "xl", "xxl")


class SampleForm(forms.Form):
    """A field of each kind, and one with a fault."""

    title = forms.CharField(label=lazy("What has to be done"), help_text=lazy("In a few words."))
    detail = forms.CharField(label=lazy("Detail"), widget=forms.Textarea(attrs={"rows": 2}), required=False)
    urgency = forms.ChoiceField(
        label=lazy("Urgency"),
        widget=forms.RadioSelect,
        choices=[("routine", lazy("Routine")), ("soon", lazy("Soon")), ("now", lazy("Now"))],
    )
    area = forms.ChoiceField(label=lazy("Area"), choices=[("", lazy("No area"))], disabled=True, required=False)


# Pages of their own: all together they are more than one page may weigh.
PARTS: Mapping[str, Callable[[int], dict[str, Any]]] = {
    "": lambda now: {
        "tokens": TOKENS,
        "sizes": SIZES,
        "icons": ICONS,
        "strips": tasks(now),
        "form": SampleForm(initial={"urgency": "soon"}, auto_id="sample-%s"),
        "tables": tables.sample(now),
        "bad_form": SampleForm({"title": "", "urgency": "soon"}, auto_id="bad-%s"),
    },
    "pictures": lambda now: {"charts": samples()},
    "map": lambda now: {"map": maps.sample()},
}


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    part = request.GET.get("part", "")
    part = part if part in PARTS else ""
    return render(request, "web/style.html", {"part": part, **PARTS[part](nodes.current().clock.now())})


def tasks(now: int) -> list[Strip]:
    """Late, next, later, without a time, done, erased, withheld, torn: whatever a strip can be."""
    told = (
        (-4 * HOUR, _("Call back the women's group"), "now", {}),
        (38 * MINUTE, _("Ask the base for a patrol on market day"), "now", {"owner": NOBODY}),
        (9 * HOUR, _("Meet the elders at the well"), "soon", {"conflict": True}),
        (3 * DAY, "", "routine", {"withheld": frozenset({"words"})}),
        (None, "", "", {"erased": "words"}),
        (12 * DAY, _("Repair the radio of the committee"), "routine", {"problems": 1, "newer": True}),
    )
    rows = [_row(n, now, *one) for n, one in enumerate(told)]
    return [strips.strip(row, {}, NOBODY, now, rows[1]) for row in rows]


def _row(n: int, now: int, due: int | None, title: str, urgency: str, more: dict[str, object]) -> Row:
    plain = {"owner": None, "area": None, "conflict": False, "problems": 0, "breaches": 0, "erased": "", "newer": False}
    due_at = None if due is None else now + due
    told = {"id": UUID(int=n), "number": f"ABC-{n + 1}", "title": title, "urgency": urgency, "due_at": due_at}
    return Row({**plain, **told, "due_basis": "promise", "withheld": frozenset(), **more})
