"""What `tick` does: whatever the database says is due. Safe twice at once; the next tick makes up for a lost one."""

from __future__ import annotations

import logging
from datetime import datetime

from core.command_reports import Report
from core.models import LastRun
from issues import tasks as issues
from issues.editorial.publish import publish_due
from llmwatch import alarm_mail as alarms
from llmwatch import mail_alarms as mail_silence
from mailings import lifecycle as mailings
from mailings import tasks as mailing_tasks
from mailings.bounces import process as bounces
from mailings.stats import clicks
from papers import tasks as papers
from papers.ingest import response_archive as bodies
from papers.monitoring import feed_alarms as silence
from subscribers import account_mail as letters
from subscribers import sign_up as signing_up
from subscribers import tasks as subscribers

log = logging.getLogger(__name__)


def tick(now: datetime) -> Report:
    # What watches over the rest is first: a part that fails must not keep its own alarm from being told.
    silence.look(now)
    mail_silence.look(now)
    told = alarms.tell(now)
    published = publish_due(now)
    mail = mailings.look(now)
    problems = (*published.problems, *mail.problems, *mailing_tasks.hand_out(mail.waiting), *papers.hand_out(now))
    problems += issues.hand_out(now)
    problems += mailing_tasks.hand_out_mailbox(now)
    problems += subscribers.hand_out_lists(now)
    signing_up.take_up_all(now)
    sent = letters.send_due(now)
    bodies.forget(now)
    bounces.forget(now)
    clicks.settle(now)
    counts = {
        "published": len(published.issues),
        "mailings_started": len(mail.started),
        "letters": sent,
        "mail_events": bounces.act_on_waiting(now),
        "alarms_told": told,
    }
    if problems or any(counts.values()):
        log.info("tick %s problems=%d", " ".join(f"{name}={n}" for name, n in counts.items()), len(problems))
    LastRun.objects.leave("tick", now)
    return Report(counts, problems)
