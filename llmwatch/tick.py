"""What `tick` does: whatever the database says is due. Safe twice at once; the next tick makes up for a lost one."""

from __future__ import annotations

import logging
from datetime import datetime

import issues.tasks
import mailings.tasks
import papers.tasks
import subscribers.tasks
from core.command_reports import Report
from core.models import LastRun
from issues.editorial.publish import publish_due
from llmwatch import alarm_mail, mail_alarms
from mailings import lifecycle
from mailings.bounces import process
from mailings.stats import clicks
from papers.ingest import response_archive
from papers.monitoring import feed_alarms
from subscribers import account_mail, sign_up

log = logging.getLogger(__name__)


def tick(now: datetime) -> Report:
    # What watches over the rest is first: a part that fails must not keep its own alarm from being told.
    feed_alarms.look(now)
    mail_alarms.look(now)
    told = alarm_mail.tell(now)
    published = publish_due(now)
    mail = lifecycle.look(now)
    problems = (
        *published.problems,
        *mail.problems,
        *mailings.tasks.hand_out(mail.waiting),
        *papers.tasks.hand_out(now),
    )
    problems += issues.tasks.hand_out(now)
    problems += mailings.tasks.hand_out_mailbox(now)
    problems += subscribers.tasks.hand_out_lists(now)
    sign_up.take_up_all(now)
    sent = account_mail.send_due(now)
    response_archive.forget(now)
    process.forget(now)
    clicks.settle(now)
    counts = {
        "published": len(published.issues),
        "mailings_started": len(mail.started),
        "letters": sent,
        "mail_events": process.act_on_waiting(now),
        "alarms_told": told,
    }
    if problems or any(counts.values()):
        log.info("tick %s problems=%d", " ".join(f"{name}={n}" for name, n in counts.items()), len(problems))
    LastRun.objects.leave("tick", now)
    return Report(counts, problems)
