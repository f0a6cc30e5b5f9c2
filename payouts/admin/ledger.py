"""The ledger's pages, of the clerk's own prefectures: who works where is known here, not there."""

from django.contrib import admin

from coupons.admin import CouponAdmin, DoubleChargeAdmin
from coupons.models import Coupon, DoubleCharge
from payouts.admin.listing import OfficeList, PrefectureFilter

admin.site.unregister([Coupon, DoubleCharge])


@admin.register(Coupon)
class OwnCouponAdmin(OfficeList, CouponAdmin):
    list_filter = (PrefectureFilter,)


@admin.register(DoubleCharge)
class OwnDoubleChargeAdmin(OfficeList, DoubleChargeAdmin):
    list_filter = ("state", PrefectureFilter)
