"""Addresses of the public pages."""

from django.urls import path

from applications.views import apply, late, news, pages, status, status_change, status_correct

urlpatterns = [
    path("", pages.top, name="top"),
    path("check/", pages.check, name="check"),
    path("news/", news.news, name="news"),
    path("news/feed/", news.NewsFeed(), name="news_feed"),
    path("news/<int:number>/", news.report, name="report"),
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
    path("apply/late/<str:token>/", late.entry, name="apply_late"),
    path("apply/done/", apply.done, name="apply_done"),
    path("status/", status.status, name="status"),
    path("status/withdraw/", status.withdraw, name="status_withdraw"),
    path("status/again/", status.again, name="status_again"),
    path("status/number/", status_correct.number, name="status_number"),
    path("status/correct/", status_correct.by_status, name="status_correct_asked"),
    path("status/correct/<str:token>/", status_correct.by_link, name="status_correct"),
    path("status/receive/", status_change.road, name="status_receive"),
    path("status/contact/", status_change.contact, name="status_contact"),
    path("status/app/", status_change.app_holder, name="status_app"),
    path("status/p/<str:token>/", status_change.channel, name="status_channel"),
    # the short addresses of SMS, which spare the last slash
    path("c/<str:token>", status_correct.short, name="correct_short"),
    path("l/<str:token>", late.short, name="late_short"),
    path("p/<str:token>", status_change.channel_short, name="channel_short"),
]
