"""Addresses of the public pages."""

from django.urls import path

from applications.views import apply, pages, status

urlpatterns = [
    path("", pages.top, name="top"),
    path("check/", pages.check, name="check"),
    path("news/", pages.news, name="news"),
    path("faq/", pages.faq, name="faq"),
    path("contact/", pages.contact, name="contact"),
    path("messages/", pages.messages, name="messages"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("apply/", apply.entry, name="apply"),
    path("apply/coupons/", apply.coupons, name="apply_coupons"),
    path("apply/person/", apply.person, name="apply_person"),
    path("apply/receive/", apply.receive, name="apply_receive"),
    path("apply/bank/", apply.bank, name="apply_bank"),
    path("apply/check/", apply.check, name="apply_check"),
    path("apply/done/", apply.done, name="apply_done"),
    path("status/", status.status, name="status"),
]
