"""The address of delivery receipts, in no language."""

from django.urls import path

from payouts.hooks import receipts

urlpatterns = [path("hooks/<slug:provider>/", receipts, name="hooks")]
