"""Words of the call centre's pages: {% load calls %}."""

from typing import Any

import segno
from django import template
from django.utils.safestring import SafeString, mark_safe

from applications.models import Application

register = template.Library()
MOST = 10  # inquiries on the page of an application


@register.filter
def list_of(opts: Any) -> str:
    """The address name of a model's list."""
    return f"admin:{opts.app_label}_{opts.model_name}_changelist"


@register.inclusion_tag("admin/calls/of_application.html", takes_context=True)
def inquiries_of(context: Any, application: Application) -> dict[str, Any]:
    """The inquiries about an application, the newest first, and the way to a new one."""
    rows = application.inquiries.select_related("by").order_by("-id")[:MOST]
    return {"inquiries": rows, "application": application, "perms": context.get("perms")}


@register.filter
def qr(address: str) -> SafeString:
    """An address as a QR code, an SVG without style: a letter's link need not be typed."""
    code = segno.make(address, error="m", micro=False)
    return mark_safe(code.svg_inline(scale=3, border=2, omitsize=False, svgclass="qr"))
