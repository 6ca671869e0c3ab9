"""A look at an address: what counts as an answer, and where nobody may be sent."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest

from papers.enrichment.url_probe import LinkVerdict, ProbeOutcome, is_public, probe_url, verdict_on
from tests.servers.websites import Websites, serving


@pytest.fixture
def sites() -> Iterator[Websites]:
    with serving() as server:
        yield server


def look(sites: Websites, path: str = "/", host: str = "papers.example") -> LinkVerdict:
    return probe_url(sites.url(path, host), "llmwatch", sites.doors)


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 10.1.2.3 169.254.169.254 172.16.0.1 192.168.1.1 100.64.0.1 224.0.0.1 240.0.0.1 255.255.255.255 "
    "0.0.0.0 192.0.2.1 ::1 :: fe80::1 fc00::1 ff02::1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: "
    "2001:0:7f00:1::".split(),
)
def test_a_machine_of_our_own_network_is_not_public(address: str) -> None:
    assert not is_public(address, 443)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_a_public_machine_is_met_at_the_ports_of_the_web(address: str) -> None:
    assert is_public(address, 443)
    assert is_public(address, 80)
    assert not is_public(address, 6379)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "2130706433", "0", "[::ffff:127.0.0.1]"])
def test_nobody_is_sent_to_this_machine_in_whatever_spelling(host: str, sites: Websites) -> None:
    assert probe_url(f"http://{host}/", "llmwatch").outcome is ProbeOutcome.UNTOLD
    assert probe_url(sites.url("/", host), "llmwatch").outcome is ProbeOutcome.UNTOLD
    assert sites.asked == []


def test_a_redirect_to_a_private_address_is_not_followed(sites: Websites) -> None:
    sites.answers["/"] = (302, {"Location": sites.url("/secret", "private.example")})
    assert look(sites) == LinkVerdict(ProbeOutcome.UNTOLD, "its address is not a public one")
    assert sites.asked == ["HEAD /"]


def test_a_good_answer_to_head_is_enough(sites: Websites) -> None:
    assert look(sites).outcome is ProbeOutcome.ALIVE
    assert sites.asked == ["HEAD /"]


def test_whoever_stands_in_a_running_loop_may_ask_too(sites: Websites) -> None:
    async def within() -> LinkVerdict:
        return look(sites)

    with ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(asyncio.run, within()).result().outcome is ProbeOutcome.ALIVE


def test_the_server_is_told_the_name_that_was_looked_up(sites: Websites) -> None:
    look(sites, host="code.example")
    assert sites.hosts == [f"code.example:{sites.port}"]


@pytest.mark.parametrize("status", [403, 404, 405, 500, 501, 0])
def test_where_head_is_not_answered_well_the_first_byte_is_asked_for(status: int, sites: Websites) -> None:
    sites.answers["HEAD /"] = (status, {})
    assert look(sites).outcome is ProbeOutcome.ALIVE
    assert sites.asked == ["HEAD /", "GET /"]
    assert sites.ranges == ["", "bytes=0-0"]


def test_who_asks_for_fewer_questions_is_asked_no_more(sites: Websites) -> None:
    sites.answers["/"] = (429, {})
    assert look(sites).outcome is ProbeOutcome.UNTOLD
    assert sites.asked == ["HEAD /"]


def test_redirects_are_followed_five_times(sites: Websites) -> None:
    for step in range(6):
        sites.answers[f"/{step}"] = (301, {"Location": f"/{step + 1}"})
    assert look(sites, "/1").outcome is ProbeOutcome.ALIVE
    assert look(sites, "/0") == LinkVerdict(ProbeOutcome.BROKEN, "it redirects in a circle")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (204, ProbeOutcome.ALIVE),
        (206, ProbeOutcome.ALIVE),
        (304, ProbeOutcome.ALIVE),
        (416, ProbeOutcome.ALIVE),
        (404, ProbeOutcome.GONE),
        (410, ProbeOutcome.GONE),
        (500, ProbeOutcome.BROKEN),
        (503, ProbeOutcome.BROKEN),
        (401, ProbeOutcome.UNTOLD),
        (403, ProbeOutcome.UNTOLD),
        (429, ProbeOutcome.UNTOLD),
        (451, ProbeOutcome.UNTOLD),
        (999, ProbeOutcome.BROKEN),
    ],
)
def test_what_a_status_means(status: int, outcome: ProbeOutcome) -> None:
    assert verdict_on(status, {}).outcome is outcome


def test_a_wall_against_machines_says_nothing_of_the_link() -> None:
    assert verdict_on(503, {"cf-mitigated": "challenge"}).outcome is ProbeOutcome.UNTOLD


def test_a_host_that_nobody_knows_is_gone(sites: Websites) -> None:
    sites.unknown.add("papers.example")
    assert look(sites) == LinkVerdict(ProbeOutcome.GONE, "there is no host of this name", reached=False)


def test_a_port_where_nobody_listens_is_no_connection(sites: Websites) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    verdict = probe_url(f"http://papers.example:{port}/", "llmwatch", sites.doors)
    assert verdict == LinkVerdict(ProbeOutcome.BROKEN, "no connection", reached=False)


def test_a_broken_tls_is_a_fault(sites: Websites) -> None:
    verdict = probe_url(f"https://papers.example:{sites.port}/", "llmwatch", sites.doors)
    assert verdict.outcome is ProbeOutcome.BROKEN
    assert verdict.fault.startswith("no safe connection")


def test_tls_is_asked_for_by_name_though_the_connection_is_to_an_address(sites: Websites) -> None:
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda sock, name, _: names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=_shake_hands, args=(listening, context), daemon=True)
        thread.start()
        probe_url(f"https://papers.example:{listening.getsockname()[1]}/", "llmwatch", sites.doors)
        thread.join()
    assert names == ["papers.example"]


def _shake_hands(listening: socket.socket, context: ssl.SSLContext) -> None:
    """Without a certificate this ends in nothing, but the name is heard."""
    connection, _ = listening.accept()
    with connection:
        try:
            context.wrap_socket(connection, server_side=True)
        except OSError:
            return


@pytest.mark.parametrize("url", ["ftp://papers.example/", "http://", "papers", "javascript:1", "http://a:99999/"])
def test_what_is_no_web_address_cannot_be_told(url: str, sites: Websites) -> None:
    assert probe_url(url, "llmwatch", sites.doors) == LinkVerdict(ProbeOutcome.UNTOLD, "no web address")
