"""What an editor is told before an issue is mailed."""

import pytest

from issues.editorial.preflight import before_mailing
from issues.models import Poll, PollBlock
from tests.builders import make_issue, make_poll

pytestmark = pytest.mark.django_db


def test_a_closed_poll_is_named_and_an_open_one_is_not() -> None:
    issue, poll = make_issue(), make_poll("Long", "Short", question="Which form?")
    PollBlock.objects.create(parent=issue, poll=poll)
    assert "Which form?" not in " ".join(before_mailing(issue, ""))
    Poll.objects.update(is_open=False)
    assert "The poll “Which form?” is closed" in " ".join(before_mailing(issue, ""))
