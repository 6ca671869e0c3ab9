"""The engine: some connections at once, each serving one recipient after another as the ledger hands them out."""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from django.db import connection as database
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from core.concurrency import rate_limits
from core.concurrency.time_budget import TimeBudget
from core.mail.return_paths import MailKind, return_path
from core.mail.smtp import Connection, SmtpAnswer, Verdict
from mailings import pause_reasons
from mailings.bounces.refusals import receive_refusal
from mailings.engine import ledger, warmup
from mailings.engine.ledger import DeliveryClaim, LedgerEntry, LedgerSession
from mailings.models import Delivery, Mailing, Rendition
from mailings.renditions import NotPersonal, PersonalParts, personalise
from subscribers.addresses import in_ascii, sender_address

log = logging.getLogger(__name__)

# So many in a row on one connection, and it gives up until the next run: it broke, or everybody is put off.
MAX_SETBACKS_IN_A_ROW: Final = {Verdict.AGAIN: 3, Verdict.LATER: 25}
MAX_SETBACKS: Final = 10  # runs in a row without a message that went through, before the mailing is paused
# So many in a row on one connection, and the mailing is paused before it uses up the list.
MAX_CONSECUTIVE: Final = {Verdict.REFUSED: 10, Verdict.UNKNOWN: 3}
ANSWERS_JUDGED: Final = 200  # the last answers, of all connections of a run
MOST_REFUSED: Final = 10  # of those; with more of them the list, or we, have a bad name soon
ToldSent = Callable[[int], object]  # how many more messages were handed over


def _nobody(count: int) -> None:
    pass


class AnswerWindow:
    """The last answers to whole recipients, of all connections together."""

    def __init__(self) -> None:
        self._were_refused: deque[bool] = deque(maxlen=ANSWERS_JUDGED)
        self._refused = 0  # of them
        self._lock = threading.Lock()

    def add(self, verdict: Verdict) -> int:
        """How many of the last were refused, where that is too many; then the count begins anew."""
        if verdict not in {Verdict.ACCEPTED, Verdict.REFUSED}:
            return 0
        with self._lock:
            if len(self._were_refused) == ANSWERS_JUDGED:
                self._refused -= self._were_refused.popleft()
            self._were_refused.append(verdict is Verdict.REFUSED)
            self._refused += verdict is Verdict.REFUSED
            refused = self._refused
            if len(self._were_refused) < ANSWERS_JUDGED or refused <= MOST_REFUSED:
                return 0
            self._were_refused.clear()
            self._refused = 0
            return refused


@dataclass(slots=True)
class SendingConnection:
    """One connection to the mail server, in a thread of its own; its claims are those of the run."""

    mailing: Mailing
    session: LedgerSession
    shift: TimeBudget
    told: ToldSent
    answers: AnswerWindow
    room: warmup.SendingRoom
    sent: int = 0
    trouble: SmtpAnswer | None = None  # why it gave up, though there was more to send
    _row: Counter[Verdict] = field(default_factory=Counter)  # answers of one kind since the last accepted message
    _messages: dict[int, bytes] = field(default_factory=dict)

    def run(self) -> None:
        try:
            with Connection(settings.MAIL_SERVER, settings.SITE_HOST) as relay:
                self._work(relay)
        finally:
            database.close()

    def _work(self, relay: Connection) -> None:
        entry: LedgerEntry | None = None
        while self._goes_on():
            if entry is not None and (_is_paced() or not relay.is_open):
                self.session.record(entry)  # what comes next may take its time
                entry = None
            if not (self._is_ready(relay) and self.room.take()):
                break
            claim = self.session.claim(self.mailing.pk, timezone.now(), after=entry)
            if claim is None:
                self.room.give_back()
                return
            entry = self._serve(claim, relay)
            if not entry.may_have_arrived:
                self.room.give_back()
        if entry is not None:
            self.session.record(entry)

    def _goes_on(self) -> bool:
        return self.trouble is None and self.shift.goes_on()

    def _is_ready(self, relay: Connection) -> bool:
        """Whether a recipient may be claimed; waits here, where nobody is claimed, for the server and the rate."""
        refusal = relay.refusal()
        if refusal is not None:
            self._give_up(refusal)
        elif _is_paced():
            delay = 1 / settings.MAIL_RATE if settings.MAIL_RATE else 0
            wait = rate_limits.reserve_start("mail", delay, quota=settings.MAIL_QUOTA, patience=self.shift.seconds_left)
            if wait is None:
                return False  # not in this shift
            self.shift.wait(wait)
        return self._goes_on()

    def _serve(self, claim: DeliveryClaim, relay: Connection) -> LedgerEntry:
        if not claim.is_mailable:
            return ledger.record_departure(claim)
        recipient = in_ascii(claim.email) or ""
        try:
            message = self._message(claim, recipient)
        except NotPersonal:
            return ledger.record_unaddressable(claim, _("Mail servers do not take an address like this one."))
        answer, now = relay.send(_return_path(claim), recipient, message), timezone.now()
        self._learn(answer)
        entry = ledger.record_answer(claim, answer, now)
        if entry.state == Delivery.State.FAILED:
            receive_refusal(self._message_id(claim), answer, now)
        return entry

    def _message(self, claim: DeliveryClaim, recipient: str) -> bytes:
        parts = PersonalParts(claim.token, recipient, self._message_id(claim))
        return personalise(self._rendition(claim.rendition), parts)

    def _message_id(self, claim: DeliveryClaim) -> str:
        domain = sender_address().rpartition("@")[2]
        return f"<{self.mailing.pk}.{claim.address_hash[:32]}@{domain}>"

    def _rendition(self, key: int | None) -> bytes:
        if key is None:
            raise Rendition.DoesNotExist(f"Mailing {self.mailing.pk} has no rendition for one of its recipients.")
        if key not in self._messages:
            self._messages[key] = bytes(Rendition.objects.only("message").get(pk=key).message)
        return self._messages[key]

    def _learn(self, answer: SmtpAnswer) -> None:
        verdict = answer.verdict
        if refused := self.answers.add(verdict):
            self.mailing.pause(pause_reasons.too_many(answer, refused, ANSWERS_JUDGED))
        if verdict is Verdict.ACCEPTED:
            self.sent += 1
            self._row.clear()
            self.told(1)
            return
        self._row[verdict] += 1
        if verdict is Verdict.OUR_FAULT or self._row[verdict] >= MAX_SETBACKS_IN_A_ROW.get(verdict, float("inf")):
            self._give_up(answer)
        elif self._row[verdict] >= MAX_CONSECUTIVE.get(verdict, float("inf")):
            self.mailing.pause(pause_reasons.in_a_row(answer, self._row[verdict]))

    def _give_up(self, answer: SmtpAnswer) -> None:
        self.trouble = answer
        if answer.verdict is Verdict.OUR_FAULT:
            self.mailing.pause(pause_reasons.our_fault(answer))


def deliver(
    mailing: Mailing, shift: TimeBudget, *, told: ToldSent = _nobody, connections: int | None = None
) -> SmtpAnswer | None:
    """Hands over what is due, until nothing is, or the shift is over, or the mailing is paused.

    Gives what the mail server said where no connection got further. Safe at any time and in any number at once.
    """
    with warmup.reserve_room(timezone.now()) as room, LedgerSession() as session:
        due = mailing.deliveries.due(timezone.now())[: room.lanes(connections or settings.MAIL_CONNECTIONS)].count()
        if due:
            warmup.begin_day(timezone.now())
        answers = AnswerWindow()
        team = [
            SendingConnection(Mailing.objects.get(pk=mailing.pk), session, shift, told, answers, room)
            for _number in range(due)
        ]
        with ThreadPoolExecutor(max(due, 1), thread_name_prefix="mail") as pool:
            runs = [pool.submit(lane.run) for lane in team]
    ledger.sweep_claims(timezone.now())
    for run in runs:
        run.result()
    trouble = _settle(mailing, team)
    mailing.refresh_from_db()
    log.info("mailing %d sent=%d connections=%d", mailing.pk, sum(lane.sent for lane in team), due)
    return trouble


def _settle(mailing: Mailing, team: list[SendingConnection]) -> SmtpAnswer | None:
    """Counts runs that got nowhere, and pauses what goes on getting nowhere."""
    trouble = next((lane.trouble for lane in team if lane.trouble), None)
    this = Mailing.objects.filter(pk=mailing.pk)
    if any(lane.sent for lane in team):
        this.exclude(setbacks=0).update(setbacks=0)
        return None
    if trouble is not None:
        this.update(setbacks=F("setbacks") + 1)
        mailing.refresh_from_db()
        if mailing.setbacks >= MAX_SETBACKS:
            mailing.pause(pause_reasons.describe_unreachable(trouble, mailing.setbacks))
    return trouble


def _is_paced() -> bool:
    return bool(settings.MAIL_RATE or settings.MAIL_QUOTA)


def _return_path(claim: DeliveryClaim) -> str:
    """Where the message comes back to if nobody takes it."""
    return (
        return_path(MailKind.DELIVERY, claim.key, claim.address_hash) if settings.BOUNCE_ADDRESS else sender_address()
    )
