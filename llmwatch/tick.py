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
from mailings.bounces import process, refusals
from mailings.stats import clicks
from papers.ingest import response_archive
from papers.monitoring import feed_alarms
from subscribers import account_mail, sign_up

log = logging.getLogger(__name__)


def tick(now: datetime) -> Report:
    # What watches over the rest is first: a part that fails must not keep its own alarm from being told.
    feed_alarms.check_feeds(now)
    mail_alarms.check_mail(now)
    told = alarm_mail.mail_alarms(now)
    published = publish_due(now)
    mail = lifecycle.start_due_mailings(now)
    problems = (
        *published.problems,
        *mail.problems,
        *mailings.tasks.dispatch_mailings(mail.waiting),
        *papers.tasks.dispatch_due(now),
    )
    problems += issues.tasks.dispatch_due(now)
    problems += mailings.tasks.dispatch_mailbox(now)
    problems += subscribers.tasks.dispatch_imports(now)
    sign_up.process_due_requests(now)
    sent = account_mail.send_due(now)
    response_archive.delete_old_responses(now)
    process.forget_old_events(now)
    clicks.settle_clicks(now)
    counts = {
        "published": len(published.issues),
        "mailings_started": len(mail.started),
        "letters": sent,
        "mail_events": refusals.receive_refused_account_mails(now) + process.process_waiting(now),
        "alarms_told": told,
    }
    if problems or any(counts.values()):
        log.info("tick %s problems=%d", " ".join(f"{name}={n}" for name, n in counts.items()), len(problems))
    LastRun.objects.leave("tick", now)
    return Report(counts, problems)
