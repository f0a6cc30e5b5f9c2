"""The office's pages that belong to no model, inside the admin site."""

from django.contrib import admin
from django.urls import path

from applications.admin import home, reports, staff

view = admin.site.admin_view
urlpatterns = [
    path("", view(home.index), name="index"),
    path("staff/", view(staff.index), name="staff"),
    path("staff/export/", view(staff.export), name="staff_export"),
    path("staff/new/", view(staff.new), name="staff_new"),
    path("staff/<int:pk>/", view(staff.one), name="staff_one"),
    path("staff/<int:pk>/<slug:verb>/", view(staff.act), name="staff_act"),
    path("reports/", view(reports.index), name="reports"),
    path("reports/final/", view(reports.final), name="reports_final"),
    path("reports/final/export/", view(reports.final_export), name="reports_final_export"),
    path("reports/<slug:key>/", view(reports.show), name="reports_show"),
    path("reports/<slug:key>/export/", view(reports.export), name="reports_export"),
]
