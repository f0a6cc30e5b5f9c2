"""History and closings are written once."""

from django.db import migrations

from config.states import append_only


class Migration(migrations.Migration):
    dependencies = [("applications", "0002_initial")]

    operations = [
        append_only(
            "applications_applicationstep", "applications_claimstep", "applications_closing"
        )
    ]
