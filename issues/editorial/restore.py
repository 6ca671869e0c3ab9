"""Back to an earlier edition: its words, under the address and number that the issue has now."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.db import transaction

from issues import storage
from issues.editorial.publish import save_edition
from issues.models import Edition

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@transaction.atomic
def restore(edition: Edition, *, by: User | None = None) -> Edition:
    """Writes the edition over the rows, which are kept as an edition before; readers see nothing of it until then
    published. Raises DoesNotFit."""
    issue = edition.issue
    save_edition(issue, Edition.Kind.SAVED, by=by)
    storage.save_document(issue, dataclasses.replace(edition.value, slug=issue.slug, number=issue.number))
    return save_edition(issue, Edition.Kind.SAVED, by=by)
