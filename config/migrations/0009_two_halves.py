"""A first password in two halves, each seen by another person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0008_erasure"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="handedpassword",
            name="approved_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="後半を出した人",
            ),
        ),
        migrations.AddField(
            model_name="handedpassword",
            name="asked_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="前半を出した人",
            ),
        ),
        migrations.AddConstraint(
            model_name="handedpassword",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("approved_by", None),
                        models.Q(
                            ("asked_by__isnull", False),
                            models.Q(("approved_by", models.F("asked_by")), _negated=True),
                            models.Q(("approved_by", models.F("user")), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("asked_by", None),
                        models.Q(("asked_by", models.F("user")), _negated=True),
                        _connector="OR",
                    ),
                ),
                name="handed_password_two_people",
            ),
        ),
    ]
