"""What was decided later than the seal may be drawn for a third person, before it counts."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from config.states import arrows

LATE = {
    "listed": ["proposed"],
    "proposed": ["listed", "drawn", "accepted", "refused"],
    "drawn": ["listed", "accepted", "refused"],
}
DRAWN = """
CREATE TRIGGER drawn_stays BEFORE UPDATE ON coupons_latemovement FOR EACH ROW
    WHEN (OLD.drawn AND NEW.state <> 'listed')
    EXECUTE FUNCTION columns_stay('drawn', 'accepts', 'refusal', 'prepared_by_id',
                                  'approved_by_id');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("coupons", "0007_give_back_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="latemovement",
            name="late_movement_state",
        ),
        migrations.RemoveConstraint(
            model_name="latemovement",
            name="late_movement_two_people",
        ),
        migrations.RemoveConstraint(
            model_name="latemovement",
            name="late_movement_decided",
        ),
        migrations.AddField(
            model_name="latemovement",
            name="drawn",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="二次確認の対象"
            ),
        ),
        migrations.AddField(
            model_name="latemovement",
            name="looked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="二次確認者",
            ),
        ),
        migrations.AlterField(
            model_name="latemovement",
            name="state",
            field=models.CharField(
                choices=[
                    ("listed", "未処理"),
                    ("proposed", "起案済み（承認待ち）"),
                    ("drawn", "承認済み（二次確認待ち）"),
                    ("accepted", "採用"),
                    ("refused", "見送り"),
                ],
                default="listed",
                max_length=8,
                verbose_name="状態",
            ),
        ),
        migrations.AddConstraint(
            model_name="latemovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["listed", "proposed", "drawn", "accepted", "refused"])
                ),
                name="late_movement_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="latemovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_by", None), ("prepared_by", None), ("state", "listed")),
                    models.Q(
                        ("approved_by", None), ("prepared_by__isnull", False), ("state", "proposed")
                    ),
                    models.Q(
                        ("approved_by__isnull", False),
                        ("prepared_by__isnull", False),
                        ("state__in", ["drawn", "accepted", "refused"]),
                        models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="late_movement_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="latemovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("drawn", False), ("looked_by", None), ("state__in", ["listed", "proposed"])
                    ),
                    models.Q(("drawn", True), ("looked_by", None), ("state", "drawn")),
                    models.Q(
                        ("drawn", False),
                        ("looked_by", None),
                        ("state__in", ["accepted", "refused"]),
                    ),
                    models.Q(
                        ("drawn", True),
                        ("looked_by__isnull", False),
                        ("state__in", ["accepted", "refused"]),
                        models.Q(("looked_by", models.F("prepared_by")), _negated=True),
                        models.Q(("looked_by", models.F("approved_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="late_movement_third_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="latemovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepts", True), ("state", "accepted")),
                    models.Q(
                        ("accepts", False),
                        ("state", "refused"),
                        models.Q(("refusal", ""), _negated=True),
                    ),
                    models.Q(("item", None), ("state__in", ["listed", "proposed", "drawn"])),
                    _connector="OR",
                ),
                name="late_movement_decided",
            ),
        ),
        arrows("coupons_latemovement", LATE),
        migrations.RunSQL(DRAWN, "DROP TRIGGER drawn_stays ON coupons_latemovement;"),
    ]
