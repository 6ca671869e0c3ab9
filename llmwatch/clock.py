"""What `tick` does: whatever the database says is due. Safe twice at once; the next tick makes up for a lost one."""

from __future__ import annotations

import logging
from datetime import datetime

from issues.publishing import publish_due
from llmwatch.lib.reports import Report

log = logging.getLogger(__name__)


def tick(now: datetime) -> Report:
    published = publish_due(now)
    if published.issues or published.problems:
        log.info("tick published=%d problems=%d", len(published.issues), len(published.problems))
    return Report({"published": len(published.issues)}, published.problems)
