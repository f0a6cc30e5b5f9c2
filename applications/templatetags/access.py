"""Words of the record of what was opened and changed: {% load access %}."""

from django import template

from applications.accessed import detail_words

register = template.Library()
register.filter("access_words", detail_words)
