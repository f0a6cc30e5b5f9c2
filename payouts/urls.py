"""The address of the receiving page; an SMS spares the last slash."""

from django.urls import path, re_path

from payouts import views

urlpatterns = [
    path("r/<str:token>/", views.receiving, name="receiving"),
    re_path(r"^r/(?P<token>[0-9A-Za-z]{1,64})$", views.receiving),
]
