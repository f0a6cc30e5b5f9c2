"""What was opened or taken out, found fast; passwords that somebody else chose."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0005_alarm"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="accesslog",
            options={
                "permissions": [("export_lists", "一覧と報告を出力できる")],
                "verbose_name": "閲覧・出力の記録",
                "verbose_name_plural": "閲覧・出力の記録",
            },
        ),
        migrations.AddField(
            model_name="accesslog",
            name="detail",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="内容"),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="accesslog",
            index=models.Index(fields=["subject", "subject_id", "-id"], name="accesslog_subject"),
        ),
        migrations.AddIndex(
            model_name="accesslog",
            index=models.Index(fields=["by", "-id"], name="accesslog_by"),
        ),
        migrations.AddIndex(
            model_name="accesslog",
            index=models.Index(fields=["at"], name="accesslog_at"),
        ),
        migrations.CreateModel(
            name="HandedPassword",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", models.DateTimeField(verbose_name="有効期限")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="担当者",
                    ),
                ),
            ],
            options={"verbose_name": "初期パスワード", "verbose_name_plural": "初期パスワード"},
        ),
    ]
