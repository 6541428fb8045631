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
    "step": Act.STEP_TASKS,
    "undo": Act.STEP_TASKS,
    "edit_task": Act.EDIT_TASKS,
    "settle": Act.EDIT_TASKS,
    "erase": Act.ERASE_WORDS,
    "system": Act.SEE_SYSTEM,
    "check": Act.CHECK_LEDGER,
    "people": Act.SEE_PEOPLE,
    "person": Act.SEE_PEOPLE,
    "team": Act.SEE_PEOPLE,
    # Whoever may see no task of a province is not told which areas it tells apart.
    "area": Act.SEE_TASKS,
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
}
