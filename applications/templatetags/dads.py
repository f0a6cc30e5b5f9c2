"""What the form pack `dads` (templates/dads) asks about a field."""

from django import forms, template
from django.forms import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

register = template.Library()


@register.filter
def kind(field: BoundField) -> str:
    """How a field is laid out: radios, checkboxes, checkbox, date or box."""
    match field.field.widget:
        case forms.CheckboxSelectMultiple():
            return "checkboxes"
        case forms.RadioSelect():
            return "radios"
        case forms.CheckboxInput():
            return "checkbox"
        case forms.MultiWidget():
            return "date"
    return "box"


@register.filter
def mark(field: BoundField) -> str:
    """The word behind the label: 必須 or 任意.

    A form whose rule depends on another answer says it by `fields["x"].mark`; "" shows no word.
    """
    return getattr(field.field, "mark", _("必須") if field.field.required else _("任意"))


@register.filter
def described_by(field: BoundField) -> str:
    """The ids that explain a field, the error before the help: a screen reader reads in order."""
    widget_ids = field.field.widget.attrs.get("aria-describedby", "")
    ids = [f"{field.auto_id}_error"] if field.errors else []
    ids += [widget_ids] if widget_ids else []
    ids += [f"{field.auto_id}_helptext"] if field.help_text else []
    return " ".join(ids)


@register.filter
def first_id(field: BoundField) -> str:
    """The id of the first control of a field, where a link of the error summary lands."""
    match kind(field):
        case "date":
            return f"{field.auto_id}_0"
        case "radios" | "checkboxes":
            return next((option.id_for_label for option in field), field.auto_id)
    return field.auto_id


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The control of a one-box field with the ids that explain it."""
    ids = described_by(field)
    return field.as_widget(attrs={"aria-describedby": ids} if ids else None)
