"""Which act each address asks for. An address that stands nowhere here is closed to everybody."""

from __future__ import annotations

from collections.abc import Mapping

from ulinzi.accounts.rules import Act

# For anybody who can reach this machine.
OPEN = frozenset({"sign_in", "enrol", "choose_language", "choose_theme", "choose_keys", "health", "metrics"})
# Only in the demonstration, which listens on this machine alone.
OPEN_IN_DEMO = frozenset({"choose_person"})
# For anybody who is signed in.
SIGNED_IN = frozenset({"home", "desk", "search", "tick", "style", "sign_out", "password"})

ACTS: Mapping[str, Act] = {
    "watch": Act.SEE_ALERTS,
    "watch_table": Act.SEE_ALERTS,
    "alert": Act.SEE_ALERTS,
    # The least that some step asks for; the action asks for what this one does.
    "alert_step": Act.TAKE_ALERTS,
    "alert_undo": Act.TAKE_ALERTS,
    "alert_same": Act.CLOSE_ALERTS,
    "alert_send": Act.RESPOND,
    "alert_write_back": Act.HANDLE_MESSAGES,
    "alert_edit": Act.CLOSE_ALERTS,
    "alert_settle": Act.CLOSE_ALERTS,
    "response_step": Act.RESPOND,
    "response_confirm": Act.RESPOND,
    "response_undo": Act.RESPOND,
    "tasks": Act.SEE_TASKS,
    # Rules of engagement and the code sheet: for those who work with them, not for every account.
    "mission": Act.SEE_TASKS,
    "trends": Act.SEE_TASKS,
    "trends_csv": Act.SEE_TASKS,
    "trends_svg": Act.SEE_TASKS,
    "task": Act.SEE_TASKS,
    "task_table": Act.SEE_TASKS,
    "save_view": Act.SEE_TASKS,
    "drop_view": Act.SEE_TASKS,
    "add_task": Act.ADD_TASKS,
    # The least that some step asks for; the action asks for what this one does.
    "step": Act.NOTE_TASKS,
    "undo": Act.NOTE_TASKS,
    "edit_task": Act.EDIT_TASKS,
    "settle": Act.EDIT_TASKS,
    "erase": Act.ERASE_WORDS,
    "decide_erasure": Act.ERASE_WORDS,
    "alert_rates": Act.SEE_RATES,
    "alert_rates_csv": Act.SEE_RATES,
    "inbox": Act.SEE_MESSAGES,
    "message": Act.SEE_MESSAGES,
    "message_step": Act.HANDLE_MESSAGES,
    "message_undo": Act.HANDLE_MESSAGES,
    "message_dial": Act.HANDLE_MESSAGES,
    "message_take_down": Act.HANDLE_MESSAGES,
    "message_enrol": Act.ENROL_SOURCES,
    "call": Act.RAISE_ALERTS,
    "system": Act.SEE_SYSTEM,
    "check": Act.CHECK_LEDGER,
    "people": Act.SEE_PEOPLE,
    "person": Act.SEE_PEOPLE,
    "team": Act.SEE_PEOPLE,
    # Whoever may see no task of a province is not told which areas it tells apart.
    "area": Act.SEE_TASKS,
    "network": Act.SEE_NETWORK,
    "places": Act.SEE_NETWORK,
    "community": Act.SEE_NETWORK,
    "base": Act.SEE_NETWORK,
    "add_community": Act.EDIT_NETWORK,
    "edit_community": Act.EDIT_NETWORK,
    "add_base": Act.EDIT_NETWORK,
    "edit_base": Act.EDIT_NETWORK,
    # Whoever deals with what comes in shares the duty too, and the action asks who that is.
    "add_shift": Act.SEE_NETWORK,
    "call_off": Act.SEE_NETWORK,
    "enrol_source": Act.ENROL_SOURCES,
    "set_contact": Act.SEE_SOURCES,
    "withdraw_source": Act.ENROL_SOURCES,
    "add_liaison": Act.EDIT_NETWORK,
    "edit_liaison": Act.EDIT_NETWORK,
    "end_liaison": Act.EDIT_NETWORK,
    "add_person": Act.EDIT_PEOPLE,
    "rename_person": Act.RENAME_PEOPLE,
    "add_team": Act.EDIT_PEOPLE,
    "join_team": Act.EDIT_PEOPLE,
    "leave_team": Act.EDIT_PEOPLE,
    "ask_grant": Act.ASK_GRANTS,
    "decide_grant": Act.CONFIRM_GRANTS,
    "end_grant": Act.END_GRANTS,
    "person_left": Act.END_GRANTS,
    "issue_code": Act.ISSUE_CODES,
    "confirm_code": Act.CONFIRM_GRANTS,
    "withdraw": Act.ISSUE_CODES,
    "erase_name": Act.ERASE_NAMES,
    "decide_name": Act.ERASE_NAMES,
}
