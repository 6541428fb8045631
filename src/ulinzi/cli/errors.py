"""Errors in words: what happened, whether anything was saved, what to do next. The screens have the words for most."""

from __future__ import annotations

from ulinzi.cli.language import _
from ulinzi.kernel.errors import UlinziError
from ulinzi.web import plain


def words(error: UlinziError) -> str:
    """On one line, whatever the values hold."""
    found = _own().get(error.code)
    if found is not None:
        return plain.line(found.format(**error.values))
    from ulinzi.cli import opening

    opening.django()
    from ulinzi.web import words as screens

    return plain.line(f"{screens.said(error)} ({error.code})")


def _own() -> dict[str, str]:
    """Those that only the command line meets."""
    return {
        "node_not_here": _("There is no node in {home} yet. Make one: ulinzi init --code BEN --compartment north"),
        "node_not_initialised": _("The node was begun and not finished. Run ulinzi init again; it loses nothing."),
        "node_is_another": _("This node is {here} already and cannot become {wanted}. Nothing was changed."),
        "database_unavailable": _(
            "The database does not answer ({error}). Nothing was saved. Is it up, is the disk full?"
        ),
        "port_not_allowed": _("ULINZI_PORT is no port: {port}. Give a number from 1024 to 65535."),
        "port_taken": _("Port {port} is taken by another program. Stop that one, or choose another: ULINZI_PORT=8500"),
        "web_does_not_start": _("The web server does not stay up. Its last words are above."),
        "rows_unexplained": _(
            "The tables hold rows that no entry explains. “ulinzi ledger verify --tables” names them; "
            "“ulinzi ledger rebuild” takes them out. Nothing was changed."
        ),
        "demo_over_a_node": _("{home} holds a node that is no demonstration. Choose another folder: ULINZI_HOME"),
        "demo_half_made": _("The demonstration was begun and not finished. Empty its database and start again."),
        "mission_not_found": _("There is no mission “{given}”: neither {known} nor a folder. Nothing was changed."),
        "mission_file_not_readable": _("{file} cannot be read ({error}). Nothing was changed."),
        "mission_file_too_large": _("{file} is larger than {most} KB. Nothing was changed."),
        "mission_not_toml": _("{file} is not in the form of TOML: {error}. Nothing was changed."),
        "mission_field_missing": _("{file}, {row}: “{field}” is missing. Nothing was changed."),
        "mission_field_unknown": _("{file}, {row}: nothing is called “{field}” there. Nothing was changed."),
        "mission_field_wrong": _("{file}, {row}: “{field}” is of another kind than it should be. Nothing was changed."),
        "mission_text_not_allowed": _(
            "{file}, {row}: “{field}” has to be a text of 1 to {most} signs, none of them hidden. Nothing was changed."
        ),
        "mission_language_missing": _("{file}, {row}: “{field}” is not there in “{language}”. Nothing was changed."),
        "mission_language_unknown": _(
            "{file}, {row}: “{field}” is in “{language}”, which is not among the languages. Nothing was changed."
        ),
        "mission_code_not_allowed": _("{file}, {row}: “{field}” cannot be “{value}”. Nothing was changed."),
        "mission_code_reserved": _(
            "{file}, {row}: “{field}” cannot be “{value}”, which is kept for something else. Nothing was changed."
        ),
        "mission_choice_unknown": _(
            "{file}, {row}: “{field}” is “{value}” and has to be one of: {known}. Nothing was changed."
        ),
        "mission_reply_not_allowed": _(
            "{file}, {row}: “{field}” must not hold “{value}”, or whoever holds the phone learns too much. Nothing was "
            "changed."
        ),
        "mission_said_twice": _("{file}, {row}: “{field}” is “{value}” once more. Nothing was changed."),
        "mission_number_not_allowed": _(
            "{file}, {row}: “{field}” has to be a whole number from 1 to {most}. Nothing was changed."
        ),
        "mission_day_not_allowed": _("{file}, {row}: “{field}” has to be a day, as 2026-07-01. Nothing was changed."),
        "mission_days_turned": _("{file}, {row}: “{field}” lies before the first day. Nothing was changed."),
        "mission_days_overlap": _(
            "{file}, {row}: “{field}”: another text of this kind is in force on the same days. Nothing was changed."
        ),
        "mission_zone_unknown": _("{file}, {row}: “{field}” is “{value}”, which is no time zone. Nothing was changed."),
        "mission_target_slower": _(
            "{file}, {row}: “{field}” is given more time than the next, less urgent one. Nothing was changed."
        ),
        "mission_logo_not_allowed": _(
            "{file}, {row}: “{field}” does not go into a logo: plain shapes in one colour do. Nothing was changed."
        ),
        "mission_is_another": _(
            "{folder} holds the mission “{here}” and not “{wanted}”. Nothing was changed. Move that folder away first."
        ),
        "mission_not_copied": _(
            "The mission could not be copied to {folder} ({error}). Run it again; nothing is lost."
        ),
        "demo_is_another_mission": _(
            "{home} holds the demonstration “{here}” and not “{wanted}”. Choose another folder: ULINZI_HOME"
        ),
        "gateway_port_not_allowed": _(
            "The gateway's port is none: {port}. Give ULINZI_GATEWAY_PORT a number from 1024 to 65535."
        ),
        "gateway_port_taken": _(
            "Port {port} is taken by another program. Stop that one, or choose another: ULINZI_GATEWAY_PORT=8600"
        ),
        "gateway_is_running": _("The gateway of this home is running already. Nothing was changed."),
        "gateway_key_is_another": _(
            "gateway/gateway.key is not the key of gateway/gateway.sqlite3. Put back the right one; without it nothing "
            "that is kept there can be read. Nothing was changed."
        ),
        "only_in_a_demonstration": _("This home is no demonstration, and nobody is invented in a real one."),
        "office_unknown": _("This node has no compartment “{given}”; it has: {known}. Nothing was saved."),
        "phone_code_not_allowed": _(
            "“{given}” is no code of a phone: up to 20 capital letters, figures and dashes. Nothing was saved."
        ),
        "phone_address_not_allowed": _(
            "{given} is no address of a phone: http:// or https://, without a name or password in it. "
            "Nothing was saved."
        ),
        "calling_code_not_allowed": _(
            "“{given}” is no code of a country: one to three figures, the first no 0. Nothing was saved."
        ),
        "signing_key_too_short": _("The signing key has to have {shortest} signs or more. Nothing was saved."),
        "number_typed_differently": _("The two numbers are not the same. Nothing was saved."),
        "number_not_international": _(
            "This is no whole number. Begin with + and the code of the country. Nothing was saved."
        ),
        "sender_is_enrolled": _(
            "This number is enrolled already, as {known}. Nothing was saved. "
            "To move it: ulinzi gateway withdraw {known}"
        ),
        "id_not_understood": _("This is no id: {id}"),
        "file_is_there": _("{file} is there already. Nothing was written. Choose another name."),
        "file_not_ordinary": _("{file} is not an ordinary file. Nothing was saved."),
        "file_not_readable": _("{file} cannot be read ({error}). Nothing was saved."),
        "file_not_writable": _("{file} cannot be written ({error})."),
        "file_too_large": _("{file} is larger than {most} MB. Split it into several sheets. Nothing was saved."),
        "import_stopped": _("Stopped while the sheet was read. Nothing was saved."),
        "sheet_not_utf8": _("{file} is not in UTF-8. Save the sheet as CSV UTF-8 and run it again. Nothing was saved."),
        "sheet_not_understood": _("{file} is no sheet ({error}). Save it as CSV UTF-8. Nothing was saved."),
        "sheet_empty": _("{file} has no rows. Nothing was saved."),
        "sheet_refused": _("Nothing was saved. Mend what is named above and run it again."),
    }
