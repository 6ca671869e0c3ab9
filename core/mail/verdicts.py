"""What a mail server's answer says of a recipient: one judgement, whichever way the answer came. Pure.

The same answer is heard at RCPT or after DATA, read in a delivery report (RFC 3464), or told by a mail service:

| verdict  | the mail server's answer         | a report or a service          |
| -------- | -------------------------------- | ------------------------------ |
| dead     | failed; a hard bounce            | a hard bounce: suppressed      |
| soft     | failed; a soft bounce            | a soft bounce                  |
| about us | every recipient: mailing pauses  | not sent; counts for nobody    |
| wait     | tried again; soft, when given up | delayed; soft, when given up   |

A hard bounce suppresses the address, and so do several soft ones among a person's last messages.
"""

from __future__ import annotations

import enum
import re
from typing import Final

# RFC 3463: class.subject.detail, e.g. 5.1.1.
_ENHANCED: Final = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
# RFC 3463 and its registry: no such mailbox, host or relay, or a mailbox that was closed. Anything else (full, too
# large, a filter, a policy) says nothing for good about the address.
_DEAD: Final = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"})
# What speaks of the sender or of the right to send, not of this recipient.
_ABOUT_US: Final = frozenset({"5.1.7", "5.1.8", "5.7.8", "5.7.9", "5.7.57"})
_ABOUT_US_REPLIES: Final = frozenset({530, 535})
# Full for now, a filter, a policy, the message itself: not for good, whatever a mail service makes of it.
_NOT_FOR_GOOD: Final = re.compile(r"5\.7\.|5\.2\.[23]|5\.3\.|5\.6\.")
_UNTELLING: Final = frozenset({"", "5.0.0"})
_NOBODY: Final = re.compile(
    r"user unknown|unknown (?:user|recipient|address)|no such (?:user|mailbox|recipient|person|address)|"
    r"does(?:n't| not) exist|unrouteable address|invalid (?:recipient|mailbox)|mailbox (?:not found|unavailable)",
    re.IGNORECASE,
)


class RecipientVerdict(enum.Enum):
    DEAD = "dead"  # nobody is reached there, now or later
    SOFT = "soft"  # this message was refused; the address may be good
    ABOUT_US = "about us"  # whoever the recipient is, we would be refused
    WAIT = "wait"  # another time


def judge_recipient(code: str, said: str, *, reply: int = 0, is_permanent: bool | None = None) -> RecipientVerdict:
    """By the enhanced code, else by the reply code of SMTP (0: unknown), by a service's own word, by the words.

    `is_permanent`: what a mail service makes of it; None where it does not say.
    """
    if code in _ABOUT_US or reply in _ABOUT_US_REPLIES:
        return RecipientVerdict.ABOUT_US
    if code.startswith("4.") or reply // 100 == 4:
        return RecipientVerdict.WAIT
    if code in _DEAD:
        return RecipientVerdict.DEAD
    if _NOT_FOR_GOOD.match(code):
        return RecipientVerdict.SOFT
    if is_permanent is not None:
        return RecipientVerdict.DEAD if is_permanent else RecipientVerdict.SOFT
    says_nobody = code in _UNTELLING and _NOBODY.search(said) is not None
    return RecipientVerdict.DEAD if says_nobody else RecipientVerdict.SOFT


def find_code(text: str) -> str:
    """The most telling enhanced code: many servers write 5.0.0 and quote the other one's better code."""
    codes = _ENHANCED.findall(text)
    return next((code for code in codes if not code.endswith(".0.0")), codes[0] if codes else "")
