"""The text part of a mail: the plain text of the issue between a head and a foot of its own. Pure."""

import re
from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from issues.rendering.formats.text import to_text
from issues.rendering.mail.layout import MailSheet

_RULE = "-" * 72
# A path of this site after a link's words; there is no host in a mail that it could be a path of.
_PATH = re.compile(r"(?<= \()(/(?:p|issues|series|papers|authors|glossary|topics|media)/[^\s()]*)(?=\))")


def to_mail_text(sheet: MailSheet) -> str:
    """Each address stands at the end of its own line, where every client finds its end."""
    body = _PATH.sub(lambda path: f"{sheet.head.site_url}{path[0]}", to_text(sheet.document, sheet.head.vote_url))
    return "\n".join((*_head(sheet), "", body, _RULE, "", *_foot(sheet))) + "\n"


def _head(sheet: MailSheet) -> Iterator[str]:
    day = date_format(localtime(sheet.published_at), "j F Y") if sheet.published_at else ""
    yield " · ".join(filter(None, (sheet.head.site_name, day)))
    if sheet.is_short:
        yield _("The highlights only, as you chose. The whole issue is on the web.")
    yield _("Read on the web: %s") % sheet.web_url
    yield _("Unsubscribe: %s") % sheet.head.unsubscribe_url


def _foot(sheet: MailSheet) -> Iterator[str]:
    if sheet.is_withheld:
        yield _("The rest of this issue is for supporters: %s") % sheet.supporters_url
        yield ""
    yield _("You get this because you subscribed to %(name)s (%(url)s).") % {
        "name": sheet.head.site_name,
        "url": sheet.head.site_url,
    }
    yield _("Unsubscribe: %s") % sheet.head.unsubscribe_url
    yield _("Preferences, and why you get this: %s") % sheet.head.preferences_url
    yield from ("", *sheet.postal_lines) if sheet.postal_lines else ()
