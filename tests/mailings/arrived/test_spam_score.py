"""What a spam filter makes of each message: less than one point, where five are spam."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.data import needs_data
from tests.mailings.arrived import arrivals
from tests.mailings.arrived.arrivals import Arrival, relayed
from tests.mailings.arrived.spam import judged, needs_spamassassin
from tests.mailings.cast import needs_commits

pytestmark = [needs_spamassassin, needs_commits]
MOST = 1.0
ADVERTISEMENT = (
    b"From: WINNER <a@b.example>\nTo: undisclosed-recipients:;\nSubject: You WON $$$ million dollars!!!\n"
    b"Content-Type: text/html\n\n<html>You have won the lottery. Dear friend, claim your inheritance of "
    b"$1,000,000 now, no questions asked: http://192.0.2.1/claim. Cheap Viagra, too!</html>\n"
)


def of_the_house() -> tuple[Arrival, ...]:
    return arrivals.of_counted() + arrivals.of_letters()


@pytest.mark.parametrize(
    "arrived",
    [
        pytest.param(arrivals.of_seed, marks=needs_data),
        arrivals.of_letters,
        pytest.param(of_the_house, marks=pytest.mark.soak),
    ],
)
def test_no_message_looks_like_spam(arrived: Callable[[], tuple[Arrival, ...]], tmp_path: Path) -> None:
    """What takes points off, as headers of a mailing list do, is not counted."""
    messages = {one.name: relayed(one.data) for one in arrived()}
    verdicts = dict(zip(messages, judged(list(messages.values()), tmp_path), strict=True))
    assert [f"{name}: {verdict}" for name, verdict in verdicts.items() if verdict.against >= MOST] == []


def test_an_advertisement_does(tmp_path: Path) -> None:
    [verdict] = judged([ADVERTISEMENT], tmp_path)
    assert verdict.score >= 5, verdict
