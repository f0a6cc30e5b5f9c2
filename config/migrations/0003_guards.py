"""Who looked is written once."""

from django.db import migrations

from config.states import append_only


class Migration(migrations.Migration):
    dependencies = [("config", "0002_initial")]

    operations = [append_only("config_accesslog")]
