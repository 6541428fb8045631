from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "ulinzi.jobs"
    label = "jobs"
