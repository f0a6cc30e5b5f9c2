"""Uploads of exports through the office, in encrypted chunks, with their history."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from config.states import append_only, arrows

# Encrypted bytes do not shrink; PostgreSQL need not try.
PLAIN = "ALTER TABLE coupons_uploadchunk ALTER COLUMN blob SET STORAGE EXTERNAL;"
ARROWS = {
    "received": ["tried", "faulty", "dropped", "expired", "failed"],
    "tried": ["ordered", "received", "dropped", "expired"],
    "ordered": ["applied", "received", "faulty", "failed"],
}


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0004_arrows"),
        ("coupons", "0005_supplement_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "確認待ち"),
                            ("tried", "確認済み（未取込）"),
                            ("faulty", "誤りあり"),
                            ("ordered", "取込待ち"),
                            ("applied", "取込済み"),
                            ("dropped", "取りやめ"),
                            ("expired", "期限切れ"),
                            ("failed", "処理できず"),
                        ],
                        default="received",
                        max_length=8,
                        verbose_name="状態",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="受付日時")),
                (
                    "coupons_file",
                    models.CharField(max_length=200, verbose_name="クーポンのファイル"),
                ),
                (
                    "transactions_file",
                    models.CharField(max_length=200, verbose_name="入出金のファイル"),
                ),
                ("kept_until", models.DateTimeField(verbose_name="保存期限")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="実行回数")),
                ("doing", models.CharField(blank=True, max_length=60, verbose_name="処理中")),
                ("done", models.BigIntegerField(default=0, verbose_name="処理済み（バイト）")),
                ("size", models.BigIntegerField(default=0, verbose_name="全体（バイト）")),
                ("report", models.BinaryField(null=True, verbose_name="結果")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="担当者",
                    ),
                ),
                (
                    "import_run",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="upload",
                        to="coupons.import",
                        verbose_name="台帳取込",
                    ),
                ),
                (
                    "tried_after",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="coupons.import",
                        verbose_name="確認時の直近の取込",
                    ),
                ),
            ],
            options={
                "verbose_name": "台帳ファイルの受付",
                "verbose_name_plural": "台帳ファイルの受付",
            },
        ),
        migrations.CreateModel(
            name="UploadChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "file",
                    models.CharField(
                        choices=[("coupons.csv", "クーポン"), ("transactions.csv", "入出金")],
                        max_length=16,
                        verbose_name="ファイル",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="順番")),
                ("blob", models.BinaryField(verbose_name="内容")),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chunks",
                        to="coupons.upload",
                        verbose_name="受付",
                    ),
                ),
            ],
            options={
                "verbose_name": "台帳ファイルの内容",
                "verbose_name_plural": "台帳ファイルの内容",
            },
        ),
        migrations.CreateModel(
            name="UploadStep",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("old", models.CharField(blank=True, max_length=20, verbose_name="変更前")),
                ("new", models.CharField(max_length=20, verbose_name="変更後")),
                ("at", models.DateTimeField(verbose_name="日時")),
                ("reason", models.CharField(blank=True, max_length=60, verbose_name="理由")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="担当者",
                    ),
                ),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="coupons.upload",
                        verbose_name="対象",
                    ),
                ),
            ],
            options={
                "verbose_name": "台帳ファイルの受付の経過",
                "verbose_name_plural": "台帳ファイルの受付の経過",
            },
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "received",
                            "tried",
                            "faulty",
                            "ordered",
                            "applied",
                            "dropped",
                            "expired",
                            "failed",
                        ],
                    )
                ),
                name="upload_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("import_run__isnull", False), ("state", "applied")),
                    models.Q(models.Q(("state", "applied"), _negated=True), ("import_run", None)),
                    _connector="OR",
                ),
                name="upload_applied",
            ),
        ),
        migrations.AddConstraint(
            model_name="uploadchunk",
            constraint=models.UniqueConstraint(
                fields=("of", "file", "number"), name="upload_chunk_once"
            ),
        ),
        migrations.RunSQL(PLAIN, migrations.RunSQL.noop),
        append_only("coupons_uploadstep"),
        arrows("coupons_upload", ARROWS),
    ]
