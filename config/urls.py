"""The addresses of the site; each app keeps its own list."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path(settings.ADMIN_PATH, admin.site.urls),
    path("", include("applications.urls.machines")),
    *i18n_patterns(
        path("", include("applications.urls.public")),
        path("", include("payouts.urls")),
        prefix_default_language=False,
    ),
]
handler400 = "applications.views.pages.bad_request"
handler403 = "applications.views.pages.forbidden"
handler404 = "applications.views.pages.not_found"
handler500 = "applications.views.pages.server_error"
