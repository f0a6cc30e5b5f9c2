"""The peer: the same questions by django-formtools' SessionWizardView and crispy's Bootstrap 5."""

import os
from typing import Any

import environ
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.conf import settings

settings.configure(
    DEBUG=False,
    SECRET_KEY="of a benchmark",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="benchmarks.peers.wizard",
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "crispy_forms",
        "crispy_bootstrap5",
        "formtools",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request"],
            },
        }
    ],
    DATABASES={
        "default": environ.Env.db_url_config(os.environ["DATABASE_URL"])
        | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    },
    CRISPY_ALLOWED_TEMPLATE_PACKS="bootstrap5",
    CRISPY_TEMPLATE_PACK="bootstrap5",
    LANGUAGE_CODE="ja",
    TIME_ZONE="Asia/Tokyo",
    USE_TZ=True,
)

import django  # noqa: E402

django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402
from formtools.wizard.views import SessionWizardView  # noqa: E402

PAGE = engines["django"].from_string(
    "<!doctype html><html lang=ja><title>x</title><body><form method=post>{% csrf_token %}"
    "{% load crispy_forms_tags %}{{ wizard.management_form|crispy }}{% crispy wizard.form %}"
    "<input type=submit></form></body></html>"
)
PREFECTURES = [(f"{code:02d}", f"都道府県{code:02d}") for code in range(1, 48)]


class Step(forms.Form):
    """A form that crispy draws without its own form tag."""

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.add_input(Submit("next", "次へ"))
        return helper


class Coupons(Step):
    prefecture = forms.ChoiceField(choices=PREFECTURES)
    travel_type = forms.ChoiceField(choices=[("day_trip", "日帰り"), ("stay", "宿泊")])
    travel_end_year = forms.CharField()
    travel_end_month = forms.IntegerField()
    travel_end_day = forms.IntegerField()
    expires_on_outage_day = forms.ChoiceField(choices=[("yes", "はい"), ("no", "いいえ")])
    inquiry_number_0 = forms.RegexField(r"^[0-9]{12}$")
    coupon_use_0 = forms.ChoiceField(choices=[("paper", "紙"), ("charged", "アプリ")])


class Person(Step):
    name = forms.CharField(max_length=60)
    kana = forms.CharField(max_length=60)
    phone = forms.CharField(max_length=20)
    email = forms.EmailField(required=False)


class Receive(Step):
    method = forms.ChoiceField(choices=[("points", "ポイント"), ("bank", "口座")])
    channel = forms.ChoiceField(choices=[("sms", "SMS"), ("email", "メール")])
    delivery_phone = forms.CharField()


class Check(Step):
    consent = forms.BooleanField()


class Apply(SessionWizardView):
    """Four steps; the last writes an application and a coupon in one transaction."""

    form_list = [("coupons", Coupons), ("person", Person), ("receive", Receive), ("check", Check)]

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        return HttpResponse(PAGE.render(context, self.request))

    def done(self, form_list: list[forms.Form], **kwargs: Any) -> HttpResponse:
        told = self.get_all_cleaned_data()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO bench_submission (receipt, content) VALUES (gen_random_uuid(), %s)",
                [str(told)],
            )
            cursor.execute(
                "INSERT INTO bench_coupon (number) VALUES (%s)", [told["inquiry_number_0"]]
            )
        return HttpResponse("<p>受け付けました</p>")


urlpatterns = [path("", Apply.as_view())]
application = get_wsgi_application()
