from django.apps import AppConfig


class ResponsesConfig(AppConfig):
    name = "ulinzi.responses"
    label = "responses"
