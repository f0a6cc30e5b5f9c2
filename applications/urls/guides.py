"""Addresses of the guides, outside of the site's own languages."""

from django.urls import path

from applications.views import guides

urlpatterns = [
    path("easy/", guides.easy, name="easy"),
    path("zh/", guides.chinese, name="zh"),
    path("zh/bank/", guides.chinese_bank, name="zh_bank"),
    path("ko/", guides.korean, name="ko"),
    path("ko/bank/", guides.korean_bank, name="ko_bank"),
]
