from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "ulinzi.web"
    label = "web"
