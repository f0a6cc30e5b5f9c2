"""Pages that begin from a coupon: those contested, those whose number was lost."""

from django.contrib import admin
from django.urls import URLPattern, path

from applications.admin import contested, issuers
from coupons.models import Coupon
from payouts.admin.ledger import OwnCouponAdmin

admin.site.unregister(Coupon)


@admin.register(Coupon)
class CouponPagesAdmin(OwnCouponAdmin):
    """The ledger's list, with our pages before Django's."""

    change_list_template = "admin/issuers/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "coupons_coupon"
        ours = [
            path("contested/", view(contested.show), name=f"{name}_contested"),
            path("contested/<str:number>/", view(contested.one), name=f"{name}_contested_one"),
            path(
                "contested/<str:number>/decide/",
                view(contested.decide),
                name=f"{name}_contested_decide",
            ),
            path("issuers/", view(issuers.search), name=f"{name}_issuers"),
            path("use/<int:pk>/", view(issuers.use), name=f"{name}_use"),
        ]
        return [*ours, *super().get_urls()]
