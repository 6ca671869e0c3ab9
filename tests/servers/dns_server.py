"""A small real DNS server on loopback, over UDP and TCP: it answers from a zone, fails or is silent as told."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from core.nameserver import NameServer

# By name: lines such as `TXT "v=spf1 -all"` or `MX 10 mail.example.org.`; in FAILING ones the server fails.
Zone = Mapping[str, Iterable[str]]
PATIENCE = 60.0  # seconds, that no busy machine makes a test fail
LARGEST = 512  # bytes that UDP carries; who is told so asks over TCP


@contextmanager
def serving(zone: Zone, *, failing: Collection[str] = ()) -> Iterator[NameServer]:
    """Where it listens, while the block lasts."""

    def answered(wire: bytes, most: int) -> bytes:
        return _answer(dns.message.from_wire(wire), zone, failing, most)

    class Datagram(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, sock = self.request
            sock.sendto(answered(wire, LARGEST), self.client_address)

    class Stream(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            (length,) = struct.unpack("!H", self.rfile.read(2))
            wire = answered(self.rfile.read(length), 65_535)
            self.wfile.write(struct.pack("!H", len(wire)) + wire)

    stream, datagram = _listening(Stream, Datagram)
    with stream, datagram, _running(stream), _running(datagram):
        yield NameServer("127.0.0.1", stream.server_address[1], PATIENCE)


def _listening(
    stream: type[socketserver.StreamRequestHandler], datagram: type[socketserver.BaseRequestHandler]
) -> tuple[socketserver.TCPServer, socketserver.UDPServer]:
    """Both on one port, which may be taken for the second when it is free for the first."""
    for _attempt in range(20):
        first = socketserver.ThreadingTCPServer(("127.0.0.1", 0), stream)
        try:
            return first, socketserver.ThreadingUDPServer(("127.0.0.1", first.server_address[1]), datagram)
        except OSError:
            first.server_close()
    raise OSError("no port is free for TCP and UDP")


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def _answer(query: dns.message.Message, zone: Zone, failing: Collection[str], most: int) -> bytes:
    question, reply = query.question[0], dns.message.make_response(query, recursion_available=True)
    name = question.name.to_text(omit_final_dot=True).lower()
    kind = dns.rdatatype.to_text(question.rdtype)
    lines = [line.partition(" ")[2] for line in zone.get(name, ()) if line.partition(" ")[0] == kind]
    if name in failing:
        reply.set_rcode(dns.rcode.SERVFAIL)
    elif lines:
        reply.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, *lines))
    elif name not in zone:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    wire = reply.to_wire(max_size=65_535)
    if len(wire) <= most:
        return wire
    cut = dns.message.make_response(query, recursion_available=True)
    cut.flags |= dns.flags.TC
    return cut.to_wire()


def in_pieces(text: str) -> str:
    """A TXT record longer than 255 letters, as zone files write it."""
    return "TXT " + " ".join(f'"{text[start : start + 200]}"' for start in range(0, len(text), 200))
