"""How Django finds the law, the clock and the office's admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "運用"


class OfficeAdminConfig(AdminConfig):
    default_site = "config.admin.OfficeSite"
