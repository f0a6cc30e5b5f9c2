"""The call centre: inquiries, assisted entry, letters and calls, late access, circulars."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARDS = """
CREATE TRIGGER prepared_stays BEFORE UPDATE ON applications_circular FOR EACH ROW
    EXECUTE FUNCTION columns_stay('prefecture_code', 'selection', 'heading', 'words', 'short',
        'heading_en', 'words_en', 'short_en', 'prepared_at', 'prepared_by_id');
CREATE TRIGGER decided_stays BEFORE UPDATE ON applications_circular FOR EACH ROW
    WHEN (OLD.released_at IS NOT NULL OR OLD.dropped_at IS NOT NULL)
    EXECUTE FUNCTION columns_stay('count', 'released_at', 'released_by_id', 'dropped_at',
        'dropped_by_id');
CREATE FUNCTION recipient_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM applications_circular WHERE id = NEW.circular_id
               AND (released_at IS NOT NULL OR dropped_at IS NOT NULL)) THEN
        RAISE EXCEPTION 'circular % is decided', NEW.circular_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER recipient_in_time BEFORE INSERT ON applications_recipient FOR EACH ROW
    EXECUTE FUNCTION recipient_in_time();
CREATE TRIGGER written_stays BEFORE UPDATE ON applications_recipient FOR EACH ROW
    WHEN (OLD.message_id IS NOT NULL) EXECUTE FUNCTION columns_stay('message_id');
CREATE TRIGGER chosen_stays BEFORE UPDATE ON applications_recipient FOR EACH ROW
    EXECUTE FUNCTION columns_stay('circular_id', 'application_id');

CREATE TRIGGER prepared_stays BEFORE UPDATE ON applications_lateaccess FOR EACH ROW
    EXECUTE FUNCTION columns_stay('prefecture_code', 'reason', 'channel', 'expires_at',
        'prepared_at', 'prepared_by_id');
CREATE TRIGGER approved_stays BEFORE UPDATE ON applications_lateaccess FOR EACH ROW
    WHEN (OLD.approved_at IS NOT NULL)
    EXECUTE FUNCTION columns_stay('approved_at', 'approved_by_id', 'token_hash', 'key_number');
CREATE TRIGGER ended_stays BEFORE UPDATE ON applications_lateaccess FOR EACH ROW
    WHEN (OLD.used_at IS NOT NULL OR OLD.dropped_at IS NOT NULL)
    EXECUTE FUNCTION columns_stay('used_at', 'application_id', 'dropped_at', 'dropped_by_id',
        'approved_at');

CREATE TRIGGER finished_stays BEFORE UPDATE ON applications_assistedentry FOR EACH ROW
    WHEN (OLD.finished_at IS NOT NULL OR OLD.dropped_at IS NOT NULL)
    EXECUTE FUNCTION columns_stay('typed', 'way', 'arrived_at', 'postmarked_on', 'read_back',
        'consent', 'finished_at', 'application_id', 'dropped_at', 'by_id');
CREATE TRIGGER identified_stays BEFORE UPDATE ON applications_inquiry FOR EACH ROW
    WHEN (OLD.application_id IS NOT NULL)
    EXECUTE FUNCTION columns_stay('application_id', 'first_fact', 'second_fact');
CREATE TRIGGER posted_stays BEFORE UPDATE ON applications_letterbatch FOR EACH ROW
    WHEN (OLD.posted_at IS NOT NULL)
    EXECUTE FUNCTION columns_stay('posted_on', 'posted_at', 'posted_by_id');

REVOKE DELETE, TRUNCATE ON applications_circular, applications_recipient,
    applications_lateaccess, applications_assistedentry, applications_letterbatch,
    applications_letter, applications_calltry, applications_inquiry FROM hosho_app;
REVOKE UPDATE ON applications_calltry FROM hosho_app;
"""
NO_GUARDS = """
DROP TRIGGER prepared_stays ON applications_circular;
DROP TRIGGER decided_stays ON applications_circular;
DROP TRIGGER recipient_in_time ON applications_recipient;
DROP FUNCTION recipient_in_time();
DROP TRIGGER written_stays ON applications_recipient;
DROP TRIGGER chosen_stays ON applications_recipient;
DROP TRIGGER prepared_stays ON applications_lateaccess;
DROP TRIGGER approved_stays ON applications_lateaccess;
DROP TRIGGER ended_stays ON applications_lateaccess;
DROP TRIGGER finished_stays ON applications_assistedentry;
DROP TRIGGER identified_stays ON applications_inquiry;
DROP TRIGGER posted_stays ON applications_letterbatch;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0007_office_calls"),
        ("applications", "0008_search"),
        ("coupons", "0005_supplement_guards"),
        ("payouts", "0009_office_calls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Circular",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefecture_code", models.CharField(max_length=2, verbose_name="都道府県")),
                ("selection", models.JSONField(default=dict, verbose_name="対象の条件")),
                ("heading", models.CharField(max_length=60, verbose_name="件名")),
                ("words", models.TextField(max_length=2000, verbose_name="本文")),
                ("short", models.CharField(max_length=70, verbose_name="SMSの文")),
                (
                    "heading_en",
                    models.CharField(blank=True, max_length=80, verbose_name="件名（英語）"),
                ),
                (
                    "words_en",
                    models.TextField(blank=True, max_length=2000, verbose_name="本文（英語）"),
                ),
                (
                    "short_en",
                    models.CharField(blank=True, max_length=160, verbose_name="SMSの文（英語）"),
                ),
                ("prepared_at", models.DateTimeField(verbose_name="起案日時")),
                ("count", models.PositiveIntegerField(verbose_name="宛先の数")),
                (
                    "released_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="発信日時"),
                ),
                (
                    "written_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="通知の作成を終えた日時"
                    ),
                ),
                (
                    "dropped_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="取りやめ日時"),
                ),
                (
                    "dropped_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="取りやめた人",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="起案者",
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="発信した人",
                    ),
                ),
            ],
            options={
                "verbose_name": "一斉のお知らせ",
                "verbose_name_plural": "一斉のお知らせ",
            },
        ),
        migrations.CreateModel(
            name="Inquiry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefecture_code", models.CharField(max_length=2, verbose_name="都道府県")),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("phone", "電話"),
                            ("letter", "手紙"),
                            ("fax", "FAX"),
                            ("mail", "メール"),
                            ("counter", "窓口"),
                        ],
                        default="phone",
                        max_length=8,
                        verbose_name="手段",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="受けた日時")),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("scheme", "制度・対象になるか"),
                            ("how_to", "申請のしかた"),
                            ("number", "お問合せ番号がわからない"),
                            ("status", "申請の状況"),
                            ("not_arrived", "メール・SMSが届かない"),
                            ("receive", "受取・コードの使い方"),
                            ("bank", "口座振込"),
                            ("correct", "補正・変更・取下げ"),
                            ("result", "確認の結果・対象外"),
                            ("double", "二重引き落とし・重複決済"),
                            ("late", "期限後の申し出"),
                            ("fraud", "不審なメール・電話"),
                            ("complaint", "ご意見・苦情"),
                            ("other", "その他"),
                        ],
                        max_length=12,
                        verbose_name="用件",
                    ),
                ),
                ("caller", models.CharField(blank=True, max_length=60, verbose_name="お名前")),
                (
                    "caller_phone",
                    models.CharField(blank=True, max_length=20, verbose_name="折り返し先"),
                ),
                (
                    "first_fact",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("kana", "お名前（カナ）"),
                            ("phone", "電話番号"),
                            ("email", "メールアドレス"),
                            ("coupon", "お問合せ番号の下4けた"),
                            ("trip", "旅行日（チェックアウト日）"),
                            ("delivery", "受取案内の配信先"),
                            ("postal", "郵便番号"),
                        ],
                        max_length=10,
                        verbose_name="確認した事項1",
                    ),
                ),
                (
                    "second_fact",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("kana", "お名前（カナ）"),
                            ("phone", "電話番号"),
                            ("email", "メールアドレス"),
                            ("coupon", "お問合せ番号の下4けた"),
                            ("trip", "旅行日（チェックアウト日）"),
                            ("delivery", "受取案内の配信先"),
                            ("postal", "郵便番号"),
                        ],
                        max_length=10,
                        verbose_name="確認した事項2",
                    ),
                ),
                (
                    "call_back_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="折り返し予定"),
                ),
                (
                    "called_back_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="折り返した日時"),
                ),
                (
                    "escalated_to",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("reviewer", "審査担当"),
                            ("approver", "承認者"),
                            ("payer", "支払担当"),
                            ("manager", "責任者"),
                        ],
                        max_length=10,
                        verbose_name="引き継ぎ先",
                    ),
                ),
                (
                    "settled_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="完了日時"),
                ),
                (
                    "application",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inquiries",
                        to="applications.application",
                        verbose_name="申請",
                    ),
                ),
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
                    "called_back_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="折り返した人",
                    ),
                ),
                (
                    "double_charge",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inquiries",
                        to="coupons.doublecharge",
                        verbose_name="二重引き落としの受付",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="完了した人",
                    ),
                ),
            ],
            options={
                "verbose_name": "応対記録",
                "verbose_name_plural": "応対記録",
            },
        ),
        migrations.CreateModel(
            name="InquiryNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("asked", "お尋ね"), ("answered", "お答え"), ("later", "その後")],
                        max_length=8,
                        verbose_name="種類",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="日時")),
                ("text", models.TextField(max_length=2000, verbose_name="内容")),
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
                    "inquiry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="applications.inquiry",
                        verbose_name="応対記録",
                    ),
                ),
            ],
            options={
                "verbose_name": "応対の内容",
                "verbose_name_plural": "応対の内容",
            },
        ),
        migrations.CreateModel(
            name="LateAccess",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefecture_code", models.CharField(max_length=2, verbose_name="都道府県")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("site_down", "サイトの不具合で送信できなかった"),
                            ("misled", "事務局・コールセンターの誤った案内"),
                            ("post", "期限内に出した申請書の到着が遅れた"),
                            ("disaster", "災害・入院などやむをえない事情"),
                            ("other", "その他（内容に記載）"),
                        ],
                        max_length=10,
                        verbose_name="理由",
                    ),
                ),
                (
                    "account",
                    models.TextField(blank=True, max_length=2000, verbose_name="確認した内容"),
                ),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="お名前")),
                ("channel", models.CharField(max_length=6, verbose_name="送り方")),
                ("contact", models.CharField(blank=True, max_length=254, verbose_name="送り先")),
                ("language", models.CharField(default="ja", max_length=10, verbose_name="言語")),
                ("expires_at", models.DateTimeField(verbose_name="有効期限（この直前まで）")),
                ("prepared_at", models.DateTimeField(verbose_name="起案日時")),
                (
                    "approved_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="承認日時"),
                ),
                (
                    "dropped_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="取消日時"),
                ),
                (
                    "key_number",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="鍵番号"),
                ),
                (
                    "token_hash",
                    models.BinaryField(
                        blank=True,
                        max_length=32,
                        null=True,
                        unique=True,
                        verbose_name="トークンのハッシュ",
                    ),
                ),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="使用日時")),
                (
                    "application",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="late_access",
                        to="applications.application",
                        verbose_name="申請",
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="承認者",
                    ),
                ),
                (
                    "dropped_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="取り消した人",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="起案者",
                    ),
                ),
            ],
            options={
                "verbose_name": "期限後の申請",
                "verbose_name_plural": "期限後の申請",
            },
        ),
        migrations.CreateModel(
            name="LetterBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefecture_code", models.CharField(max_length=2, verbose_name="都道府県")),
                ("printed_at", models.DateTimeField(verbose_name="印刷日時")),
                ("posted_on", models.DateField(blank=True, null=True, verbose_name="投函日")),
                (
                    "posted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="投函の記録日時"),
                ),
                (
                    "posted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="投函した人",
                    ),
                ),
                (
                    "printed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="印刷した人",
                    ),
                ),
            ],
            options={
                "verbose_name": "郵送の束",
                "verbose_name_plural": "郵送の束",
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.PositiveIntegerField(verbose_name="束の中の順番")),
                ("returned_on", models.DateField(blank=True, null=True, verbose_name="返送日")),
                (
                    "returned_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unknown", "あて所に尋ねあたりません"),
                            ("moved", "転居先不明"),
                            ("unclaimed", "保管期間経過"),
                            ("refused", "受取拒絶"),
                            ("other", "その他"),
                        ],
                        max_length=10,
                        verbose_name="返送の理由",
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letter",
                        to="payouts.message",
                        verbose_name="通知",
                    ),
                ),
                (
                    "returned_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="記録した人",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="applications.letterbatch",
                        verbose_name="束",
                    ),
                ),
            ],
            options={
                "verbose_name": "郵送の手紙",
                "verbose_name_plural": "郵送の手紙",
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="applications.application",
                        verbose_name="申請",
                    ),
                ),
                (
                    "circular",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recipients",
                        to="applications.circular",
                        verbose_name="お知らせ",
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payouts.message",
                        verbose_name="通知",
                    ),
                ),
            ],
            options={
                "verbose_name": "お知らせの宛先",
                "verbose_name_plural": "お知らせの宛先",
            },
        ),
        migrations.CreateModel(
            name="AssistedEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("submission_id", models.UUIDField(unique=True, verbose_name="送信ID")),
                ("started_at", models.DateTimeField(verbose_name="開始日時")),
                ("saved_at", models.DateTimeField(verbose_name="保存日時")),
                ("typed", models.BinaryField(default=b"", verbose_name="下書き")),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("phone", "電話"),
                            ("letter", "郵送（申請書）"),
                            ("fax", "FAX（申請書）"),
                            ("counter", "窓口"),
                        ],
                        max_length=8,
                        verbose_name="申し出の方法",
                    ),
                ),
                (
                    "arrived_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="受付日時（電話・到着）"
                    ),
                ),
                ("postmarked_on", models.DateField(blank=True, null=True, verbose_name="消印の日")),
                (
                    "paper",
                    models.CharField(blank=True, max_length=20, verbose_name="申請書の整理番号"),
                ),
                (
                    "read_back",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="読み上げた項目",
                    ),
                ),
                (
                    "consent",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("spoken", "読み上げて、口頭で同意を得た"),
                            ("signed", "申請書に署名・同意の印がある"),
                        ],
                        max_length=8,
                        verbose_name="同意",
                    ),
                ),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="申請日時"),
                ),
                (
                    "dropped_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="取りやめ日時"),
                ),
                (
                    "application",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entry",
                        to="applications.application",
                        verbose_name="申請",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="入力者",
                    ),
                ),
            ],
            options={
                "verbose_name": "代行入力",
                "verbose_name_plural": "代行入力",
                "indexes": [
                    models.Index(
                        condition=models.Q(("dropped_at", None), ("finished_at", None)),
                        fields=["by", "saved_at"],
                        name="entry_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("application", None), ("finished_at", None)),
                            models.Q(
                                ("application__isnull", False),
                                ("arrived_at__isnull", False),
                                ("arrived_at__lte", models.F("finished_at")),
                                ("dropped_at", None),
                                ("finished_at__isnull", False),
                                ("typed", b""),
                                models.Q(("way", ""), _negated=True),
                                models.Q(("consent", ""), _negated=True),
                                models.Q(
                                    ("way__in", ["letter", "fax"]),
                                    models.Q(("read_back", []), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="entry_finished_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("dropped_at", None), ("typed", b""), _connector="OR"),
                        name="entry_dropped_empty",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CallTry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="日時")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("told", "お伝えした"),
                            ("no_answer", "出ない・留守番電話"),
                            ("wrong", "番号違い・使われていない"),
                        ],
                        max_length=10,
                        verbose_name="結果",
                    ),
                ),
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
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="payouts.message",
                        verbose_name="通知",
                    ),
                ),
            ],
            options={
                "verbose_name": "電話連絡",
                "verbose_name_plural": "電話連絡",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "told")),
                        fields=("message",),
                        name="calltry_told_once",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="circular",
            index=models.Index(
                condition=models.Q(("released_at__isnull", False), ("written_at", None)),
                fields=["id"],
                name="circular_to_write",
            ),
        ),
        migrations.AddConstraint(
            model_name="circular",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("released_at", None), ("released_by", None), ("written_at", None)),
                    models.Q(
                        ("dropped_at", None),
                        ("released_at__isnull", False),
                        ("released_by__isnull", False),
                        models.Q(("released_by", models.F("prepared_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="circular_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="circular",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dropped_at", None), ("dropped_by", None)),
                    models.Q(("dropped_at__isnull", False), ("dropped_by__isnull", False)),
                    _connector="OR",
                ),
                name="circular_dropped_by",
            ),
        ),
        migrations.AddIndex(
            model_name="inquiry",
            index=models.Index(
                fields=["prefecture_code", "-at"], name="application_prefect_7a4ca4_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="inquiry",
            index=models.Index(
                condition=models.Q(("call_back_at__isnull", False), ("called_back_at", None)),
                fields=["call_back_at"],
                name="inquiry_call_back",
            ),
        ),
        migrations.AddIndex(
            model_name="inquiry",
            index=models.Index(
                condition=models.Q(
                    ("settled_at", None), models.Q(("escalated_to", ""), _negated=True)
                ),
                fields=["escalated_to", "at"],
                name="inquiry_escalated",
            ),
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("application", None), ("first_fact", ""), ("second_fact", "")),
                    models.Q(
                        ("application__isnull", False),
                        models.Q(("first_fact", ""), _negated=True),
                        models.Q(("second_fact", ""), _negated=True),
                        models.Q(("first_fact", models.F("second_fact")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="inquiry_two_facts",
            ),
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("called_back_at", None), ("called_back_by", None)),
                    models.Q(
                        ("call_back_at__isnull", False),
                        ("called_back_at__isnull", False),
                        ("called_back_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="inquiry_called_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at", None), ("settled_by", None)),
                    models.Q(("settled_at__isnull", False), ("settled_by__isnull", False)),
                    _connector="OR",
                ),
                name="inquiry_settled",
            ),
        ),
        migrations.AddConstraint(
            model_name="lateaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("approved_at", None),
                        ("approved_by", None),
                        ("key_number", None),
                        ("token_hash", None),
                    ),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("approved_at__lt", models.F("expires_at")),
                        ("approved_by__isnull", False),
                        ("key_number__isnull", False),
                        ("token_hash__isnull", False),
                        models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="lateaccess_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="lateaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("application", None), ("used_at", None)),
                    models.Q(
                        ("application__isnull", False),
                        ("approved_at__isnull", False),
                        ("dropped_at", None),
                        ("used_at__gte", models.F("approved_at")),
                        ("used_at__isnull", False),
                        ("used_at__lt", models.F("expires_at")),
                    ),
                    _connector="OR",
                ),
                name="lateaccess_used_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="lateaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dropped_at", None), ("dropped_by", None)),
                    models.Q(("dropped_at__isnull", False), ("dropped_by__isnull", False)),
                    _connector="OR",
                ),
                name="lateaccess_dropped_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="lateaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["sms", "email", "letter"])),
                name="lateaccess_channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="letterbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("posted_at", None), ("posted_by", None), ("posted_on", None)),
                    models.Q(
                        ("posted_at__isnull", False),
                        ("posted_by__isnull", False),
                        ("posted_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="letterbatch_posted",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(fields=("batch", "place"), name="letter_place"),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("returned_by", None), ("returned_on", None), ("returned_reason", "")),
                    models.Q(
                        ("returned_by__isnull", False),
                        ("returned_on__isnull", False),
                        models.Q(("returned_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="letter_returned",
            ),
        ),
        migrations.AddIndex(
            model_name="recipient",
            index=models.Index(
                condition=models.Q(("message", None)),
                fields=["circular", "id"],
                name="recipient_to_write",
            ),
        ),
        migrations.AddConstraint(
            model_name="recipient",
            constraint=models.UniqueConstraint(
                fields=("circular", "application"), name="recipient_once"
            ),
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
