"""Checks of the mail that would go out: how long it is, and whether every picture is fit for it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from core.command_reports import Problem
from issues.rendering.mail.render import MailParts

MAX_HTML_BYTES: Final = 80_000  # bytes of HTML; Gmail cuts a message off at about 102 kB
LONGEST_SUBJECT: Final = 120  # characters; what a phone shows is shorter still
_IMAGE = re.compile(r"<img\b[^>]*>")
_SIZE = re.compile(r'\bheight="\d')
_NO_ALT = re.compile(r"""\balt=(?:""|'')|<img(?![^>]*\balt=)""")


def check_mail(parts: MailParts) -> tuple[Problem, ...]:
    """What an editor should mend before this is sent."""
    return (*parts.problems, *_findings(parts))


def _findings(parts: MailParts) -> Iterator[Problem]:
    if not parts.subject:
        yield Problem("subject", _("The mail has no subject; give the issue a title or a mail subject."))
    if len(parts.subject) > LONGEST_SUBJECT:
        yield Problem("subject", _("The subject is longer than %d characters; shorten it.") % LONGEST_SUBJECT)
    size = len(parts.html.encode())
    if size > MAX_HTML_BYTES:
        sentence = _("The mail has %(size)d kB of HTML, and Gmail cuts it off at about 100; shorten it to %(most)d.")
        yield Problem("size", sentence % {"size": size // 1000, "most": MAX_HTML_BYTES // 1000})
    for image in _IMAGE.findall(parts.html):
        if _NO_ALT.search(image):
            yield Problem("image", _("%s has no alternative text; say in words what it shows.") % image[:120])
        if not _SIZE.search(image):
            yield Problem(
                "image",
                _("The size of %s is not known, and some mail programs need it: upload it as a figure.") % image[:120],
            )
