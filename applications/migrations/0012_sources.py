"""Where an application came from, as a keyed hash that is soon forgotten."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0011_office_review")]

    operations = [
        migrations.AddField(
            model_name="application",
            name="source",
            field=models.BinaryField(max_length=32, null=True, verbose_name="接続元のハッシュ"),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                condition=models.Q(("source__isnull", False)),
                fields=["arrived_at"],
                name="application_source",
            ),
        ),
    ]
