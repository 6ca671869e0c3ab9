"""One verdict for what an answer says of a recipient."""

import pytest

from core.mail.smtp import SmtpAnswer, Stage
from core.mail.verdicts import RecipientVerdict, find_code, judge_recipient

DEAD, SOFT, ABOUT_US, WAIT = RecipientVerdict


@pytest.mark.parametrize(
    ("code", "said", "reply", "is_permanent", "verdict"),
    [
        ("5.1.1", "", 550, None, DEAD),
        ("5.1.1", "", 550, False, DEAD),
        ("", "User unknown", 550, None, DEAD),
        ("5.0.0", "User unknown", 550, None, DEAD),
        ("", "User unknown", 450, None, WAIT),
        ("5.7.1", "User unknown", 550, None, SOFT),
        ("", "User unknown", 550, False, SOFT),
        ("", "over quota", 552, True, DEAD),
        ("5.2.2", "over quota", 552, True, SOFT),
        ("4.2.2", "over quota", 0, True, WAIT),
        ("5.7.8", "", 535, None, ABOUT_US),
        ("", "", 530, None, ABOUT_US),
        ("5.1.8", "bad sender", 0, True, ABOUT_US),
        ("", "", 0, None, SOFT),
    ],
)
def test_the_enhanced_code_counts_first_then_the_reply_then_the_service_then_the_words(
    code: str, said: str, reply: int, is_permanent: bool | None, verdict: RecipientVerdict
) -> None:
    assert judge_recipient(code, said, reply=reply, is_permanent=is_permanent) is verdict


@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DATA, Stage.BODY])
@pytest.mark.parametrize(
    ("text", "code", "verdict"),
    [
        ("5.1.1 no", 550, DEAD),
        ("no such user", 550, DEAD),
        ("5.2.2 full", 552, SOFT),
        ("4.2.1 later", 450, WAIT),
        ("5.7.9 weak", 534, ABOUT_US),
    ],
)
def test_an_answer_says_the_same_of_the_recipient_wherever_it_is_given(
    stage: Stage, text: str, code: int, verdict: RecipientVerdict
) -> None:
    assert SmtpAnswer(stage, code, text).recipient_verdict is verdict


def test_an_answer_that_was_written_down_is_read_again() -> None:
    answer = SmtpAnswer(Stage.RCPT, 550, "5.1.1 User unknown")
    assert SmtpAnswer.parse(str(answer)) == answer
    assert SmtpAnswer.parse("the connection broke").code == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [("5.0.0 smtp; 550 5.1.1 no", "5.1.1"), ("5.0.0", "5.0.0"), ("550 no", ""), ("mx 10.5.1.1 said", "5.1.1")],
)
def test_the_most_telling_code_is_found(text: str, code: str) -> None:
    assert find_code(text) == code
