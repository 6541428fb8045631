from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "ulinzi.ledger"
    label = "ledger"
