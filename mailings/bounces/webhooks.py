"""What mail services report to us: believed with their secret only, stored whole or not at all, acted on afterwards.

anymail checks and reads (`core.mail.webhook_providers` says with which of its views); its signals are not used.
"""

from __future__ import annotations

import logging
import warnings
from datetime import datetime
from importlib import import_module
from operator import attrgetter
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, transaction
from django.http import HttpRequest

from core.concurrency import dispatch
from core.mail.webhook_providers import MAIL_PROVIDERS
from mailings.bounces import process, webhook_parser
from mailings.bounces.parser import MailReport

log = logging.getLogger(__name__)

MAX_BYTES: Final = 2_000_000  # bytes of one report; the services send some hundred events in one
# Whatever a body makes of anymail's code, which trusts that each field is of the type that it should be.
_GARBLED: Final = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
    OSError,
)


class NotTaken(Exception):
    """Nothing of it is stored; the status says whether the service should tell it again."""

    def __init__(self, status: int, why: str, **headers: str) -> None:
        super().__init__(why)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def receive_webhook(request: HttpRequest, provider: str, now: datetime) -> int:
    """Stores what a service reports and has it acted on; gives how many events. Raises NotTaken."""
    view = _view(provider, request)
    if str(request.method).lower() not in {*view.http_method_names} - {"options"}:
        raise NotTaken(405, "Events come by POST.", Allow="HEAD, POST")
    if request.method != "POST":
        return 0  # some services look whether there is anybody before they begin
    if _is_too_large(request):
        raise NotTaken(413, f"It is larger than {MAX_BYTES} bytes.")
    try:
        reports = _reports(view, request, provider)
        _store(reports, now)
    except (DatabaseError, InterfaceError) as error:
        log.warning("hooks.not_stored provider=%s error=%s", provider, type(error).__name__)
        raise NotTaken(503, "It cannot be stored now.", Retry_After="60") from error
    log.info("hooks.taken provider=%s events=%d", provider, len(reports))
    return len(reports)


def _is_too_large(request: HttpRequest) -> bool:
    try:
        return len(request.body) > MAX_BYTES
    except RequestDataTooBig:
        return True


def _view(provider: str, request: HttpRequest) -> Any:
    """anymail's, with our secret; a new one each time, as for Django."""
    secret = settings.MAIL_HOOKS.get(provider)
    known = MAIL_PROVIDERS.get(provider)
    proof = known.proof(secret) if known and secret else None
    if known is None or proof is None:
        raise NotTaken(404, "No such service reports here.")
    module, _colon, name = known.view.partition(":")
    options = {proof.option: secret}
    if provider == "mandrill":
        options["webhook_url"] = f"{settings.SITE_URL}{request.path}"  # it signs the address, too
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what anymail itself cannot try any more, such as SendGrid
        return getattr(import_module(module), name)(**options)


def _reports(view: Any, request: HttpRequest, provider: str) -> tuple[MailReport, ...]:
    from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure

    try:
        if provider == "amazon_ses" and "Authorization" not in request.headers:
            # It does not send what stands in the address before it is asked to.
            raise NotTaken(401, "Say who you are.", WWW_Authenticate='Basic realm="hooks"')
        view.run_validators(request)
        return webhook_parser.parse_notices(provider, view.parse_events(request))
    except AnymailWebhookValidationFailure as error:
        log.warning("hooks.not_believed provider=%s", provider)
        raise NotTaken(403, "The secret or the signature is not the one of MAIL_HOOKS.") from error
    except (*_GARBLED, AnymailError, SuspiciousOperation) as error:
        log.warning("hooks.garbled provider=%s error=%s", provider, type(error).__name__)
        raise NotTaken(400, "It cannot be read as this service's events.") from error


def _store(reports: tuple[MailReport, ...], now: datetime) -> None:
    """All of them, or none: then the service tells them again. In one order, so that two at once do not block."""
    from mailings import tasks

    with transaction.atomic():
        for report in sorted(reports, key=attrgetter("event_id")):
            process.store_report(report, now)
        if reports:
            transaction.on_commit(lambda: dispatch.dispatch_now(tasks.process_mail_events))
