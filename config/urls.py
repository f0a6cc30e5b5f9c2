"""The addresses of the site; each app keeps its own list."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLResolver, include, path

from config.languages import Prefix

urlpatterns = [
    path(settings.ADMIN_PATH, admin.site.urls),
    path("", include("applications.urls.machines")),
    path("", include("payouts.hook_urls")),
    path("", include("applications.urls.guides")),
    URLResolver(
        Prefix(prefix_default_language=False),
        [path("", include("applications.urls.public")), path("", include("payouts.urls"))],
    ),
]
handler400 = "applications.views.pages.bad_request"
handler403 = "applications.views.pages.forbidden"
handler404 = "applications.views.pages.not_found"
handler500 = "applications.views.pages.server_error"
