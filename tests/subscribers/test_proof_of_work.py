"""The proof of work: bound to the address and the hour, whoever found it."""

import hashlib
from datetime import datetime, timedelta
from itertools import count

import pytest

from subscribers.proof_of_work import is_proven
from tests.builders import NOON


def make_proof(address: str, now: datetime) -> str:
    """As a browser looks for it, about 65,000 tries."""
    hour = int(now.timestamp()) // 3600
    stamps = (f"{hour}:{address}:{number}" for number in count())
    found = next(stamp for stamp in stamps if hashlib.sha256(stamp.encode()).digest()[:2] == bytes(2))
    return f"{hour}:{found.rpartition(':')[2]}"


PROOF = make_proof("reader@example.org", NOON)


def test_it_serves_for_the_address_as_it_was_typed() -> None:
    assert is_proven(PROOF, " Reader@Example.org ", NOON)
    assert not is_proven(PROOF, "other@example.org", NOON)


@pytest.mark.parametrize(("hours", "serves"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_it_serves_for_an_hour_and_its_neighbours(hours: int, serves: bool) -> None:
    assert is_proven(PROOF, "reader@example.org", NOON + timedelta(hours=hours)) is serves


@pytest.mark.parametrize("proof", ["", ":", "x:1", "²:1", "-1:1", "9" * 50 + ":1", PROOF.partition(":")[0] + ":x"])
def test_what_is_none_is_none(proof: str) -> None:
    assert not is_proven(proof, "reader@example.org", NOON)
