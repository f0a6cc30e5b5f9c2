"""What the office's pages about payouts share: {% load office_lists %}."""

from django import template

from config.written import contact
from payouts import resending

register = template.Library()

register.filter("can_resend", resending.can)
register.filter("written", contact)


@register.simple_tag
def resend_reasons() -> dict[str, str]:
    """Why a link is sent anew."""
    return resending.REASONS
