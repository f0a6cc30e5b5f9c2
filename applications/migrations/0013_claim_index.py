"""The index by which the queue finds one result of matching, also where the claim is decided."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("applications", "0012_sources")]

    operations = [
        migrations.AddIndex(
            "claim",
            models.Index(
                fields=["match", "application"],
                condition=~Q(match="clean"),
                name="claim_not_clean",
            ),
        ),
        migrations.RemoveIndex("claim", "claim_to_look_at"),
    ]
