"""Moving a row from one state to the next, once, with history.

A state changes by one UPDATE that names the state it expects, and one history row beside it in the
same transaction. No row changed means that somebody was faster: `Refused`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.db import connection, migrations, models, transaction

from config import clock

Row = TypeVar("Row", bound=models.Model)

OVERTAKEN = "ほかの担当者が先に処理しました。画面を開き直してください。"


class Refused(Exception):
    """An act that can't be done now: a kind Japanese sentence for people, a code for programs."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.message, self.code = message, code


class Step(models.Model):
    """One change of state. Append-only by trigger; ids, states and reason codes, nothing personal.

    A child adds `of`, the foreign key to its row with related_name="steps".
    """

    id = models.BigAutoField(primary_key=True)
    old = models.CharField("変更前", max_length=20, blank=True)
    new = models.CharField("変更後", max_length=20)
    at = models.DateTimeField("日時")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="担当者",
    )
    reason = models.CharField("理由", max_length=60, blank=True)

    class Meta:
        abstract = True


class Stateful(models.Model):
    """A row with one life: `state`, its ARROWS, and STEP, the model of its history."""

    ARROWS: ClassVar[dict[str, frozenset[str]]]
    STEP: ClassVar[type[Step]]

    class Meta:
        abstract = True

    def move(
        self,
        to: str,
        *,
        by: Any = None,
        reason: str = "",
        at: datetime | None = None,
        **fields: Any,
    ) -> Self:
        """Go from the state this object knows to `to`, setting `fields` in the same UPDATE.

        Raises Refused where the arrow does not exist or somebody else moved the row first.
        """
        old, at = self.state, at or clock.now()
        if refused := self.why_not(to):
            raise refused
        with transaction.atomic():
            rows = type(self)._base_manager.filter(pk=self.pk, state=old)
            if not rows.update(state=to, **fields):
                raise Refused(OVERTAKEN, "moved")
            self.STEP.objects.create(of_id=self.pk, old=old, new=to, at=at, by=by, reason=reason)
        self.state = to
        for name, value in fields.items():
            setattr(self, name, value)
        return self

    def why_not(self, to: str) -> Refused | None:
        """Why the state that this object knows does not lead to `to`; None where it does."""
        old = self.state
        if to in self.ARROWS[old]:
            return None
        if to == old:
            return Refused(f"すでに「{label(self, old)}」です。", "arrow")
        return Refused(
            f"「{label(self, old)}」から「{label(self, to)}」へは進められません。", "arrow"
        )

    def begin(self, *, by: Any = None, reason: str = "", at: datetime | None = None) -> Self:
        """Write the first history row of a row just created."""
        self.STEP.objects.create(
            of_id=self.pk, old="", new=self.state, at=at or clock.now(), by=by, reason=reason
        )
        return self

    @classmethod
    def move_all(
        cls,
        ids: list[Any],
        old: str,
        to: str,
        *,
        by: Any = None,
        reason: str = "",
        at: datetime | None = None,
    ) -> list[Any]:
        """Move those of `ids` that still are in `old`, in one statement; returns who moved."""
        if to not in cls.ARROWS[old]:
            raise Refused(f"{old} -> {to}", "arrow")
        table, steps = cls._meta.db_table, cls.STEP._meta.db_table
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"""WITH moved AS (
                        UPDATE {table} SET state = %s WHERE id = ANY(%s) AND state = %s RETURNING id
                    ), told AS (
                        INSERT INTO {steps} (of_id, old, new, at, by_id, reason)
                        SELECT id, %s, %s, %s, %s, %s FROM moved
                    )
                    SELECT id FROM moved""",
                [to, list(ids), old, old, to, at or clock.now(), by and by.pk, reason],
            )
            return [row[0] for row in cursor.fetchall()]


def still_open(row: Row, decided_at: str = "approved_at") -> Row:
    """The row of a proposal, locked. Raises Refused where somebody decided it, or dropped it."""
    held = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if getattr(held, decided_at) or held.dropped_at:
        raise Refused(OVERTAKEN, "moved")
    return held


def label(row: Stateful, state: str) -> str:
    """The office's word for a state."""
    return str(dict(row._meta.get_field("state").flatchoices).get(state, state))


def state_in(states: Iterable[str], name: str) -> models.CheckConstraint:
    """The constraint that a state is one of its list (a TextChoices gives its values)."""
    values = [str(getattr(state, "value", state)) for state in states]
    return models.CheckConstraint(condition=models.Q(state__in=values), name=name)


def append_only(*tables: str) -> migrations.RunSQL:
    """Forbid UPDATE and DELETE on these tables: by trigger to all, by right to the app role."""
    forward, back = [], []
    for table in tables:
        forward.append(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION append_only();"
            f" REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM hosho_app;"
        )
        back.append(f"DROP TRIGGER append_only ON {table};")
    return migrations.RunSQL("\n".join(forward), "\n".join(back))


def arrows(table: str, allowed: Mapping[str, Iterable[str]]) -> migrations.RunSQL:
    """Let the database refuse a change of state that the model's ARROWS do not have."""
    pairs = sorted(f"{old}>{new}" for old, news in allowed.items() for new in news)
    arguments = ", ".join(f"'{pair}'" for pair in pairs)
    return migrations.RunSQL(
        f"DROP TRIGGER IF EXISTS arrows ON {table};"
        f" CREATE TRIGGER arrows BEFORE UPDATE OF state ON {table} FOR EACH ROW"
        " WHEN (OLD.state IS DISTINCT FROM NEW.state)"
        f" EXECUTE FUNCTION only_along_arrows({arguments});",
        f"DROP TRIGGER arrows ON {table};",
    )
