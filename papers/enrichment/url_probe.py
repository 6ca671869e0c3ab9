"""One look at one web address: does it lead anywhere? It comes from outside, so only public hosts are met."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

import httpx

MAX_DURATION: Final = 30.0  # seconds for one link, redirects and all
PROBE_TIMEOUT: Final = httpx.Timeout(10.0)
MOST_REDIRECTS: Final = 5
MOST_ADDRESSES: Final = 3  # of one host, tried in turn
USUAL_PORTS: Final = frozenset({80, 443})
_NAT64: Final = IPv6Network("64:ff9b::/96")
_NO_SUCH_NAME: Final = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
# Answers to machines, by login, by wall, by law or by taste: what a person would get cannot be told.
_WELL: Final = 400
_TOO_MANY: Final = 429
_GONE: Final = frozenset({404, 410})


class ProbeOutcome(Enum):
    ALIVE = "alive"
    GONE = "gone"
    BROKEN = "broken"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class LinkVerdict:
    """`fault` says in a few words why it is not alive; `reached` is whether any server answered at all."""

    outcome: ProbeOutcome
    fault: str = ""
    reached: bool = True


async def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host as this machine knows them. Raises OSError, or UnicodeError where it is no name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[4][0]).partition("%")[0] for address in found]


def is_public(address: str, port: int) -> bool:
    """Whether anybody may be sent there: no machine of our own network, no port but those of the web."""
    return port in USUAL_PORTS and all(
        one.is_global and not one.is_multicast and not one.is_reserved for one in _meant(address)
    )


def _meant(address: str) -> Iterator[IPv4Address | IPv6Address]:
    """The address, and the IPv4 address that it stands for or carries."""
    parsed = ip_address(address)
    if isinstance(parsed, IPv4Address):
        yield parsed
    elif parsed.ipv4_mapped:
        yield parsed.ipv4_mapped
    elif parsed in _NAT64:
        yield IPv4Address(int(parsed) & 0xFFFFFFFF)
    else:
        yield parsed
        yield from filter(None, (parsed.sixtofour, *(parsed.teredo or ())))


@dataclass(frozen=True, slots=True)
class AllowedPorts:
    """How names become addresses, and which addresses (and ports) may be connected to."""

    look_up: Callable[[str, int], Awaitable[Sequence[str]]] = look_up
    is_open: Callable[[str, int], bool] = is_public


PUBLIC_PORTS: Final = AllowedPorts()


class _Verdict(Exception):
    def __init__(self, outcome: ProbeOutcome, fault: str, *, reached: bool = False) -> None:
        super().__init__(fault)
        self.verdict = LinkVerdict(outcome, fault, reached)


def probe_url(url: str, agent: str, doors: AllowedPorts = PUBLIC_PORTS) -> LinkVerdict:
    """Asks once, in at most half a minute; `agent` is the User-Agent. Never raises for what it finds."""
    # In a thread of its own: whoever asks may stand in a running loop already.
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(asyncio.run, _probe(url, agent, doors)).result()


async def _probe(url: str, agent: str, doors: AllowedPorts) -> LinkVerdict:
    client = httpx.AsyncClient(
        headers={"User-Agent": agent, "Accept": "*/*"}, verify=_tls(), trust_env=False, timeout=PROBE_TIMEOUT
    )
    try:
        async with asyncio.timeout(MAX_DURATION), client:
            return await _follow(client, httpx.URL(url), doors)
    except _Verdict as told:
        return told.verdict
    except (TimeoutError, httpx.TimeoutException):
        return LinkVerdict(ProbeOutcome.BROKEN, "no answer in time", reached=False)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        return LinkVerdict(ProbeOutcome.UNTOLD, "no web address")
    except httpx.TransportError as fault:
        return _verdict_on_fault(fault)


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _verdict_on_fault(fault: httpx.TransportError) -> LinkVerdict:
    cause: BaseException | None = fault
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return LinkVerdict(ProbeOutcome.BROKEN, f"no safe connection: {cause.reason or 'TLS'}")
        cause = cause.__cause__ or cause.__context__
    reached = not isinstance(fault, httpx.ConnectError)
    return LinkVerdict(ProbeOutcome.BROKEN, "the connection broke" if reached else "no connection", reached)


async def _follow(client: httpx.AsyncClient, url: httpx.URL, doors: AllowedPorts) -> LinkVerdict:
    for _ in range(MOST_REDIRECTS + 1):
        status, headers = await _ask(client, url, doors)
        if not (300 <= status < 400 and headers.get("location")):
            return verdict_on(status, headers)
        url = url.join(headers["location"])
    return LinkVerdict(ProbeOutcome.BROKEN, "it redirects in a circle")


def verdict_on(status: int, headers: Mapping[str, str]) -> LinkVerdict:
    """What a last answer means; `headers` in lower case."""
    if status < _WELL or status == 416:
        return LinkVerdict(ProbeOutcome.ALIVE)
    if status in _GONE:
        return LinkVerdict(ProbeOutcome.GONE, f"HTTP {status}")
    walled = "cf-mitigated" in headers
    return LinkVerdict(ProbeOutcome.BROKEN if status >= 500 and not walled else ProbeOutcome.UNTOLD, f"HTTP {status}")


async def _ask(client: httpx.AsyncClient, url: httpx.URL, doors: AllowedPorts) -> tuple[int, Mapping[str, str]]:
    """HEAD, and where that is not answered well, as many sites do, the first byte by GET."""
    addresses = await _addresses(url, doors)
    try:
        status, headers = await _send(client, "HEAD", url, addresses)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.ReadTimeout):
        status, headers = _WELL, {}
    if status < _WELL or status == _TOO_MANY:
        return status, headers
    return await _send(client, "GET", url, addresses)


async def _addresses(url: httpx.URL, doors: AllowedPorts) -> list[str]:
    """Where this host may be met: those of IPv4 first, as many machines have no other. Raises _Verdict."""
    port = url.port if url.port is not None else (443 if url.scheme == "https" else 80)
    if url.scheme not in {"http", "https"} or not url.host or not 0 < port < 65_536:
        raise _Verdict(ProbeOutcome.UNTOLD, "no web address", reached=True)
    try:
        found = await doors.look_up(url.raw_host.decode("ascii"), port)
    except (OSError, UnicodeError) as fault:
        if isinstance(fault, UnicodeError) or fault.errno in _NO_SUCH_NAME:
            raise _Verdict(ProbeOutcome.GONE, "there is no host of this name") from None
        raise _Verdict(ProbeOutcome.UNTOLD, "its name could not be looked up") from None
    usable = [address for address in dict.fromkeys(found) if doors.is_open(address, port)]
    if not usable:
        raise _Verdict(ProbeOutcome.UNTOLD, "its address is not a public one", reached=True)
    return sorted(usable, key=lambda address: ":" in address)[:MOST_ADDRESSES]


async def _send(
    client: httpx.AsyncClient, method: str, url: httpx.URL, addresses: Sequence[str]
) -> tuple[int, Mapping[str, str]]:
    """Only the head of the answer is read. The name was looked up once: whoever moves it in between gains nothing."""
    host = url.raw_host.decode("ascii")
    headers = {"Host": url.netloc.decode("ascii")} | ({"Range": "bytes=0-0"} if method == "GET" else {})
    for address in addresses:
        request = client.build_request(
            method, url.copy_with(host=address), headers=headers, extensions={"sni_hostname": host}
        )
        try:
            response = await client.send(request, stream=True, follow_redirects=False)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            if address == addresses[-1]:
                raise
            continue
        await response.aclose()
        return response.status_code, {name.lower(): value for name, value in response.headers.items()}
    raise ValueError("at least one address is needed")
