"""All settings. The environment variables they come from: docs/reference/settings.md."""

from __future__ import annotations

import os
from pathlib import Path

from ulinzi.config import database, home
from ulinzi.kernel import mission
from ulinzi.web import languages

HOME: Path = home.home()
# Only in a home that `ulinzi demo` made: no variable opens the doors of a real one.
DEMO = os.environ.get("ULINZI_DEMO") == "1" and (HOME / "demo").is_file()
DEBUG = False
SECRET_KEY = home.secret_key(HOME)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "ulinzi.ledger",
    "ulinzi.jobs",
    "ulinzi.accounts",
    "ulinzi.places",
    "ulinzi.desk",
    "ulinzi.network",
    "ulinzi.messages",
    "ulinzi.reports",
    "ulinzi.alerts",
    "ulinzi.responses",
    "ulinzi.web",
]

DATABASES = {"default": database.settings(HOME, os.environ.get("DATABASE_URL", ""))}
DATABASE_ROUTERS = ["ulinzi.config.routers.NodeRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# One action, one transaction, opened by ledger.unit(); a request that only reads opens none.
ATOMIC_REQUESTS = False

ROOT_URLCONF = "ulinzi.config.urls"
WSGI_APPLICATION = "ulinzi.config.wsgi.application"
APPEND_SLASH = False
MIDDLEWARE = [
    "ulinzi.web.middleware.HeadersMiddleware",
    "ulinzi.web.measure.MeasureMiddleware",
    "ulinzi.web.middleware.CompressMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    # Looks at the host; so it stands before the one that answers with files.
    "django.middleware.common.CommonMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "ulinzi.web.middleware.ErrorsMiddleware",
    "ulinzi.web.middleware.ActingMiddleware",
    "ulinzi.web.measure.RaisedMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "ulinzi.web.context.room",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "ulinzi.web.templatetags.room"],
        },
    },
]

# Styles come from the package as they lie there: nothing is collected, and an address changes with its file.
STATIC_URL = "/static/"
STORAGES = {"staticfiles": {"BACKEND": "ulinzi.web.assets.Versioned"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MAX_AGE = 365 * 24 * 3600

# Whose node this is: the folder `mission` in the home. One that does not fit is refused here, before anything is done.
MISSION = mission.of_home(HOME)
# The mission's clock: what people read and type. Stored is UTC.
TIME_ZONE = MISSION.time_zone
LANGUAGE_CODE = MISSION.language
# Both, always; the mission's own stands first.
LANGUAGES = sorted([(one.code, one.name) for one in languages.LISTED], key=lambda one: one[0] != LANGUAGE_CODE)

# No form takes a file. The longest text that a form takes, in the longest of encodings, is far below this.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 0

# Cookies that no other site and no plain connection can set; the demonstration listens on this machine alone.
_HOST = "" if DEMO else "__Host-"
SIGNED_IN_COOKIE = f"{_HOST}signed-in"
THEME_COOKIE = f"{_HOST}theme"
KEYS_COOKIE = f"{_HOST}keys"
MESSAGES_COOKIE = f"{_HOST}messages"
LANGUAGE_COOKIE_NAME = f"{_HOST}language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEMO
CSRF_COOKIE_NAME = f"{_HOST}csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "ulinzi.web.errors.form_too_old"
# What was just saved is said once, on the next page, from a signed cookie.
MESSAGE_STORAGE = "ulinzi.web.session.Said"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "ulinzi.web.logs.WithoutWords", "format": "%(levelname)s %(name)s %(message)s"}},
    "filters": {"worth": {"()": "ulinzi.web.logs.Worth"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["worth"]},
        "web": {"class": "ulinzi.web.logs.Lines", "name": "web"},
        "work": {"class": "ulinzi.web.logs.Lines", "name": "work"},
    },
    "loggers": {
        "ulinzi": {"handlers": ["console"], "level": "INFO"},
        "ulinzi.lines.web": {"handlers": ["web"], "propagate": False},
        "ulinzi.lines.work": {"handlers": ["work"], "propagate": False},
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "waitress": {"handlers": ["console"], "level": "ERROR", "propagate": False},
    },
}
