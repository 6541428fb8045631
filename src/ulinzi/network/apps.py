from django.apps import AppConfig


class NetworkConfig(AppConfig):
    name = "ulinzi.network"
    label = "network"
