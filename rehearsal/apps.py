"""How Django finds the command of the rehearsal."""

from django.apps import AppConfig


class RehearsalConfig(AppConfig):
    name = "rehearsal"
