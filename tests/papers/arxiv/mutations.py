"""Real bodies, spoilt: cut, with bytes changed, doubled or taken away, as a bad line or a bad server does it."""

from collections.abc import Callable
from random import Random

_TOKENS = (
    b"<",
    b">",
    b"&",
    b"\x00",
    b"\xff",
    b"</record>",
    b"<!DOCTYPE x>",
    b'"',
    b"]]>",
    b"<html>",
    b"9999999999",
    b"v",
)


def mutated(body: bytes, rng: Random) -> bytes:
    for _ in range(rng.randint(1, 4)):
        body = rng.choice(_MUTATIONS)(body, rng)
    return body


def _cut(body: bytes, rng: Random) -> bytes:
    return body[: rng.randrange(len(body) + 1)]


def _flipped(body: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(body) + 1)
    return body[:at] + bytes([rng.randrange(256)]) + body[at + 1 :]


def _planted(body: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(body) + 1)
    return body[:at] + rng.choice(_TOKENS) + body[at:]


def _swapped(body: bytes, rng: Random) -> bytes:
    """The text of one element in the place of another's: well-formed, and wrong."""
    pieces = body.split(b">")
    one, other = rng.randrange(len(pieces)), rng.randrange(len(pieces))
    tag = pieces[one].partition(b"<")[2]
    return b">".join([*pieces[:one], pieces[other].partition(b"<")[0] + b"<" + tag, *pieces[one + 1 :]])


def _without_a_stretch(body: bytes, rng: Random) -> bytes:
    start = rng.randrange(len(body) + 1)
    return body[:start] + body[start + rng.randrange(200) :]


def _without_an_element(body: bytes, rng: Random) -> bytes:
    lines = body.split(b"\n")
    del lines[rng.randrange(len(lines))]
    return b"\n".join(lines)


_MUTATIONS: tuple[Callable[[bytes, Random], bytes], ...] = (
    _cut,
    _flipped,
    _planted,
    _swapped,
    _swapped,
    _without_a_stretch,
    _without_an_element,
    _without_an_element,
)
