from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "ulinzi.reports"
    label = "reports"
