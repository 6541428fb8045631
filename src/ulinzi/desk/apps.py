from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "ulinzi.desk"
    label = "desk"
