"""What was erased, run by run: rows that stay as they are."""

from django.db import migrations, models

from config.states import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0007_office_calls"),
    ]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("bank", "口座と振込データ（振込の完了後）"),
                            ("closed", "取下げ・補償の対象外の申請"),
                            ("all", "すべての個人情報（検査の終了後）"),
                        ],
                        max_length=6,
                        verbose_name="段階",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="実行日時")),
                ("until", models.DateTimeField(verbose_name="対象（この時刻より前のもの）")),
                ("complete", models.BooleanField(verbose_name="最後まで実行")),
                ("counts", models.JSONField(default=dict, verbose_name="消去した件数")),
                ("sums", models.JSONField(default=dict, verbose_name="消去後の集計")),
            ],
            options={
                "verbose_name": "個人情報の消去の記録",
                "verbose_name_plural": "個人情報の消去の記録",
                "indexes": [models.Index(fields=["stage", "-at"], name="erasure_stage_at")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("stage__in", ["bank", "closed", "all"])),
                        name="erasure_stage",
                    )
                ],
            },
        ),
        append_only("config_erasure"),
    ]
