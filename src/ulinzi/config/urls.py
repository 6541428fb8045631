"""Every address of the product. No GET changes anything."""

from django.urls import path

from ulinzi.web import board, edit, erase, persons, session, sign, system, task

urlpatterns = [
    path("", sign.home, name="home"),
    path("sign-in", sign.sign_in, name="sign_in"),
    path("sign-out", sign.sign_out, name="sign_out"),
    path("enrol", sign.enrol, name="enrol"),
    path("password", sign.password, name="password"),
    path("who", sign.choose_person, name="choose_person"),
    path("language", session.choose_language, name="choose_language"),
    path("theme", session.choose_theme, name="choose_theme"),
    path("tasks", board.tasks, name="tasks"),
    path("tasks/add", board.add, name="add_task"),
    path("tasks/<uuid:record>", task.task, name="task"),
    path("tasks/<uuid:record>/step", task.step, name="step"),
    path("tasks/<uuid:record>/undo", task.undo, name="undo"),
    path("tasks/<uuid:record>/settle", task.settle, name="settle"),
    path("tasks/<uuid:record>/edit", edit.edit, name="edit_task"),
    path("tasks/<uuid:record>/erase", erase.erase, name="erase"),
    path("people", persons.listed, name="people"),
    path("people/add", persons.add, name="add_person"),
    path("people/<uuid:person>", persons.person, name="person"),
    path("people/<uuid:person>/rename", persons.rename, name="rename_person"),
    path("people/<uuid:person>/grants", persons.ask_grant, name="ask_grant"),
    path("people/<uuid:person>/left", persons.left, name="person_left"),
    path("people/<uuid:person>/code", persons.issue_code, name="issue_code"),
    path("people/<uuid:person>/code/confirm", persons.confirm_code, name="confirm_code"),
    path("people/<uuid:person>/withdraw", persons.withdraw, name="withdraw"),
    path("people/<uuid:person>/erase", persons.erase_name, name="erase_name"),
    path("people/<uuid:person>/teams", persons.join_team, name="join_team"),
    path("grants/<uuid:grant>/decide", persons.decide_grant, name="decide_grant"),
    path("grants/<uuid:grant>/end", persons.end_grant, name="end_grant"),
    path("teams/add", persons.add_team, name="add_team"),
    path("teams/leave/<uuid:membership>", persons.leave_team, name="leave_team"),
    path("system", system.system, name="system"),
    path("system/check", system.check, name="check"),
]

handler400 = "ulinzi.web.errors.bad_request"
handler403 = "ulinzi.web.errors.bad_request"
handler404 = "ulinzi.web.errors.not_found"
handler500 = "ulinzi.web.errors.unexpected"
