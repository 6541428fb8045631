from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "ulinzi.messages"
    label = "messages"
