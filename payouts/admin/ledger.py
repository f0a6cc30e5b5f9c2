"""The ledger's pages, of the clerk's own prefectures: who works where is known here, not there."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from coupons.admin import CouponAdmin, DifferenceAdmin, DoubleChargeAdmin
from coupons.models import Coupon, Difference, DoubleCharge
from payouts.admin.listing import OfficeList, PrefectureFilter

admin.site.unregister([Coupon, Difference, DoubleCharge])


@admin.register(Coupon)
class OwnCouponAdmin(OfficeList, CouponAdmin):
    list_filter = (PrefectureFilter,)
    readonly_fields = ("why",)

    @admin.display(description="この金額の理由")
    def why(self, coupon: Coupon) -> str:
        """The account of the coupon, from its entries to what is owed."""
        address = reverse("admin:coupons_latemovement_why", args=[coupon.pk])
        return format_html('<a href="{}">残額の計算を見る</a>', address)


@admin.register(DoubleCharge)
class OwnDoubleChargeAdmin(OfficeList, DoubleChargeAdmin):
    list_filter = ("state", PrefectureFilter)


@admin.register(Difference)
class OwnDifferenceAdmin(OfficeList, DifferenceAdmin):
    """Those without a coupon are of no prefecture: only who works for all of them sees these."""

    prefecture_field = "coupon__prefecture_code"
