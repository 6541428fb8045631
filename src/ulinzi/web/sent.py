"""What a form sends besides its own fields is read by nobody, changes nothing, and is counted.

A field is the form's own where some code asked for it. No list has to be kept, and none can be forgotten.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict

_OURS = frozenset({"csrfmiddlewaretoken"})
# What a page puts there by itself: how much of it is read depends on what was chosen.
_BY_ITSELF = ("seen-", "now-")


class Sent(QueryDict):
    """A form as it came, which remembers what it was asked for."""

    def __init__(self, post: QueryDict) -> None:
        super().__init__(mutable=True, encoding=post.encoding)
        self.asked = set(_OURS)
        for name, values in post.lists():
            self.setlist(name, values)
        self._mutable = False

    def __getitem__(self, key: str) -> object:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)

    def getlist(self, key: str, default: object = None) -> list[str]:
        self.asked.add(key)
        return super().getlist(key, default)

    @property
    def unknown(self) -> int:
        """How many, and never which: a name may hold whatever somebody typed."""
        left = [one for one in super().keys() if one not in self.asked]  # noqa: SIM118 - without asking for them
        return sum(not one.startswith(_BY_ITSELF) for one in left)


def watch(request: HttpRequest) -> None:
    if request.method == "POST":
        request.POST = Sent(request.POST)  # type: ignore[assignment]


def unknown(request: HttpRequest, response: HttpResponse) -> int:
    """Fields that nothing asked for, where the form was taken. One that is refused is not read to its end."""
    watched = getattr(request, "_post", None)
    return watched.unknown if isinstance(watched, Sent) and response.status_code < 400 else 0
