"""Addresses that programs ask, and the rehearsal's."""

from django.conf import settings
from django.urls import path

from applications.views import machines, rehearsal

urlpatterns = [
    path("healthz", machines.healthz, name="healthz"),
    path("readyz", machines.readyz, name="readyz"),
    path("metrics", machines.prometheus, name="metrics"),
]
if settings.REHEARSAL:
    urlpatterns += [
        path("rehearsal/", rehearsal.overview, name="rehearsal"),
        path("rehearsal/clock/", rehearsal.move_clock, name="rehearsal_clock"),
        path("rehearsal/messages/<int:pk>/", rehearsal.message, name="rehearsal_message"),
    ]
