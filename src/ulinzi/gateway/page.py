"""The page of the duty phone: a word goes in, a number comes out. No script, no picture, nothing from elsewhere."""

from __future__ import annotations

import gettext as catalogues
from functools import lru_cache
from html import escape
from pathlib import Path

LANGUAGES = ("fr", "en")
_FOLDER = Path(__file__).resolve().parents[1] / "web" / "locale"
# Colours are those of the system, light or dark, as the phone is set.
STYLE = """:root { color-scheme: light dark; font: 1.125rem/1.5 system-ui, sans-serif; }
body { max-width: 30rem; margin: 0 auto; padding: 1.5rem 1rem; }
label, input, button { display: block; font: inherit; box-sizing: border-box; }
input, button { width: 100%; min-height: 3rem; margin: 0.5rem 0 1rem; padding: 0.5rem 0.75rem; }
input { font-family: ui-monospace, monospace; font-size: 1.5rem; letter-spacing: 0.2em; text-transform: uppercase; }
h1 { font-size: 1.5rem; line-height: 1.25; }
.number { font-size: 1.35rem; font-weight: 600; overflow-wrap: anywhere; }
.number a { display: inline-block; padding: 0.5rem 0; }
[role="alert"] { border: 2px solid; padding: 0.75rem; }
"""


def N_(text: str) -> str:  # noqa: N802 - the name that extracting looks for
    return text


TITLE = N_("A number to call")
ASKS = N_("The word you were given")
HINT = N_("Eight signs. The number is shown once, then never again.")
SHOW = N_("Show the number")
ONCE = N_("It is not shown again. Close this page after the call.")
NEUTRAL = N_("Begin with a greeting. Name neither the mission nor a place before you know who is speaking.")
SAID = {
    "wrong": N_("This word shows nothing: it is wrong, was used, or is too old. Ask for a new one."),
    "wait": N_("Too many wrong words. Wait a minute, then type it again."),
}


@lru_cache(maxsize=2)
def _catalogue(language: str) -> catalogues.NullTranslations:
    return catalogues.translation("django", str(_FOLDER), [language], fallback=True)


def language(accepted: str) -> str:
    """The first of ours that the browser names; French where it names none."""
    named = [one.strip()[:2].lower() for one in accepted.split(",")]
    return next((one for one in named if one in LANGUAGES), LANGUAGES[0])


def asking(language: str, said: str = "") -> str:
    told = _catalogue(language).gettext
    alert = f'<p role="alert" id="said">{escape(told(SAID[said]))}</p>' if said else ""
    return _page(
        language,
        f"""{alert}<form method="post" action="/duty" autocomplete="off">
<label for="word">{escape(told(ASKS))}</label>
<input id="word" name="word" maxlength="12" required autocomplete="off" autocapitalize="characters" spellcheck="false"
 aria-describedby="hint">
<p id="hint">{escape(told(HINT))}</p>
<button>{escape(told(SHOW))}</button>
</form>""",
    )


def showing(language: str, number: str) -> str:
    told, shown = _catalogue(language).gettext, escape(number)
    return _page(
        language,
        f"""<p>{escape(told(NEUTRAL))}</p>
<p class="number"><a href="tel:{shown}">{shown}</a></p>
<p>{escape(told(ONCE))}</p>""",
    )


def _page(language: str, inner: str) -> str:
    title = escape(_catalogue(language).gettext(TITLE))
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="stylesheet" href="/duty.css">
</head>
<body>
<main>
<h1>{title}</h1>
{inner}
</main>
</body>
</html>
"""
