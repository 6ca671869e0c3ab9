"""A real SMTP server on loopback that answers by script and keeps what it took."""

from __future__ import annotations

import asyncio
import re
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

DROP = "drop"  # closes the connection without a word
SILENCE = "silence"  # says nothing more on this connection, and keeps it open
USUAL = {
    "CONNECT": "220 ready",
    "EHLO": "250-loopback\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 AUTH PLAIN",
    "AUTH": "235 welcome",
    "DATA": "354 go on",
    "QUIT": "221 bye",
}
NO_PIPELINING = "250-loopback\r\n250 AUTH PLAIN"
PATIENCE = 60.0  # seconds that a test waits for messages before it fails
# Given the word (CONNECT, EHLO, AUTH, MAIL, RCPT, DATA, BODY, RSET) and the recipient: an answer, DROP, SILENCE or None
# for the usual one. BODY-BEGINS is told only, before the first line of a message is read.
Script = Callable[[str, str], str | None]


def agreeable(word: str, recipient: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Received:
    """A message that was accepted, as it was before its dots were doubled."""

    sender: str
    recipient: str
    data: bytes
    connection: int


@dataclass
class ScriptedServer:
    """`with ScriptedServer(script) as server`: listens on `server.port` until the block ends."""

    script: Script = agreeable
    messages: list[Received] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  # every word of every client, in order
    connections: int = 0
    port: int = 0
    tls: ssl.SSLContext | None = None  # spoken from the first byte
    starttls: ssl.SSLContext | None = None  # spoken after STARTTLS, which the script has to offer

    def __enter__(self) -> Self:
        self._arrived = threading.Condition()
        self.silence_ends = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        # A loop of its own thread: a browser's may run in this one.
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        starting = asyncio.start_server(self._talk, "127.0.0.1", 0, limit=2**24, ssl=self.tls)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(PATIENCE)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    @property
    def recipients(self) -> list[str]:
        return sorted(message.recipient for message in self.messages)

    def wait_for(self, *, messages: int = 0, word: str = "", times: int = 0) -> None:
        """Until so many messages have been accepted, and this word was heard so often."""
        with self._arrived:
            assert self._arrived.wait_for(
                lambda: len(self.messages) >= messages and self.words.count(word) >= times, PATIENCE
            ), (len(self.messages), self.words.count(word))

    def end_silence(self) -> None:
        """Connections that fell silent are closed, as if the client's patience had ended."""
        self._loop.call_soon_threadsafe(self._close_the_silent)

    def _close_the_silent(self) -> None:
        self.silence_ends.set()
        self.silence_ends = asyncio.Event()

    def wait_a_moment(self) -> None:
        """Until something is heard, or a little while has gone."""
        with self._arrived:
            self._arrived.wait(0.2)

    def hear(self, word: str) -> None:
        with self._arrived:
            self.words.append(word)
            self._arrived.notify_all()

    def keep(self, message: Received) -> None:
        with self._arrived:
            self.messages.append(message)
            self._arrived.notify_all()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        dialogue = Dialogue(self, reader, writer, self.connections)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await dialogue.run()
        writer.close()

    async def _end(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class Dialogue:
    """One connection."""

    server: ScriptedServer
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int
    sender: str = ""
    recipient: str = ""
    has_recipient: bool = False
    dropped: bool = False

    async def run(self) -> None:
        await self._say("CONNECT")
        while not self.dropped:
            word = self._heard((await self.reader.readuntil(b"\r\n")).decode())
            answer = await self._say(word)
            if word == "DATA" and answer.startswith("354"):
                self.server.script("BODY-BEGINS", self.recipient)
                data = await self.reader.readuntil(b"\r\n.\r\n")
                await self._say("BODY", data.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n."))
            if word == "STARTTLS" and self.server.starttls and answer.startswith("2"):
                await self.writer.start_tls(self.server.starttls)
            if word == "QUIT":
                return

    def _heard(self, line: str) -> str:
        word = line.split()[0].upper()
        self.server.hear(word)
        address = re.search(r"<(.*)>", line)
        if word == "MAIL":
            self.sender, self.recipient = address.group(1) if address else "", ""
            self.has_recipient = False
        elif word == "RCPT":
            self.recipient = address.group(1) if address else ""
        return word

    def _usual(self, word: str) -> str:
        if word == "DATA" and not self.has_recipient:
            return "503 no valid recipients"
        return USUAL.get(word, "250 fine")

    async def _say(self, word: str, data: bytes = b"") -> str:
        answer = self.server.script(word, self.recipient) or self._usual(word)
        if answer == SILENCE:
            gone = asyncio.ensure_future(self.reader.read())  # until the client goes
            await asyncio.wait(
                [gone, asyncio.ensure_future(self.server.silence_ends.wait())], return_when="FIRST_COMPLETED"
            )
        if word == "BODY" and answer.startswith("2"):
            # From here on the message is ours, whether or not our answer is read.
            self.server.keep(Received(self.sender, self.recipient, data, self.number))
        self.has_recipient = (self.has_recipient or word == "RCPT") and answer.startswith(("2", "354"))
        self.dropped = answer in {DROP, SILENCE} or answer.startswith("421")
        if answer not in {DROP, SILENCE}:
            self.writer.write(f"{answer}\r\n".encode())
            await self.writer.drain()
        return answer
