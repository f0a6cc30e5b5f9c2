"""個人情報の消去の記録: what was erased when, and the sums that stayed."""

from django.contrib import admin

from applications.admin.lists import CommonList
from config.models import Erasure
from payouts.models import Payout


@admin.register(Erasure)
class ErasureAdmin(CommonList):
    """Newest first; nothing here can be changed."""

    list_display = ["at", "stage", "until", "complete", "rows", "paid"]
    list_display_links = None
    list_filter = ["stage", "complete"]
    ordering = ["-at", "-pk"]

    @admin.display(description="消去した件数")
    def rows(self, row: Erasure) -> str:
        """How many rows, over all tables."""
        return f"{sum(row.counts.values()):,}件"

    @admin.display(description="支払いの集計（消去後も同じ）")
    def paid(self, row: Erasure) -> str:
        """Count and yen by state."""
        found = row.sums.get("payouts", {})
        shown = [(label, *found[state]) for state, label in Payout.State.choices if state in found]
        return "、".join(f"{label} {count:,}件 {yen:,}円" for label, count, yen in shown)
