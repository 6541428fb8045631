"""Every address of the product. No GET changes anything."""

from django.urls import path
from django.views.generic import RedirectView

from ulinzi.web import board, edit, erase, session, system, task

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="tasks"), name="home"),
    path("tasks", board.tasks, name="tasks"),
    path("tasks/add", board.add, name="add_task"),
    path("tasks/<uuid:record>", task.task, name="task"),
    path("tasks/<uuid:record>/step", task.step, name="step"),
    path("tasks/<uuid:record>/undo", task.undo, name="undo"),
    path("tasks/<uuid:record>/settle", task.settle, name="settle"),
    path("tasks/<uuid:record>/edit", edit.edit, name="edit_task"),
    path("tasks/<uuid:record>/erase", erase.erase, name="erase"),
    path("system", system.system, name="system"),
    path("system/check", system.check, name="check"),
    path("who", session.choose_person, name="choose_person"),
    path("language", session.choose_language, name="choose_language"),
    path("theme", session.choose_theme, name="choose_theme"),
]

handler400 = "ulinzi.web.errors.bad_request"
handler403 = "ulinzi.web.errors.bad_request"
handler404 = "ulinzi.web.errors.not_found"
handler500 = "ulinzi.web.errors.unexpected"
