"""A small real IMAP server on loopback: one mailbox, the commands that reading it takes, and an answer by script."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

DROP = "drop"
# Given a command (LOGIN, SELECT, SEARCH, FETCH, STORE, EXPUNGE, LOGOUT): an answer, DROP, or None for the usual one.
Script = Callable[[str], str | None]


@dataclass
class Message:
    raw: bytes
    flags: set[str] = field(default_factory=set)


class ImapServer:
    """`with ImapServer(mail, mail) as server`: listens on `server.port` until the block ends."""

    def __init__(self, *mails: bytes, script: Script = lambda word: None) -> None:
        self.messages = {number: Message(raw) for number, raw in enumerate(mails, 1)}
        self.script = script
        self.words: list[str] = []

    def __enter__(self) -> Self:
        box = self

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                converse(box, self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()  # waits for the conversations
        self._thread.join()

    @property
    def flags(self) -> list[list[str]]:
        return [sorted(message.flags) for message in self.messages.values()]

    def answer(self, word: str, text: str) -> list[bytes]:
        """The lines before the one that ends the answer."""
        match word:
            case "CAPABILITY":
                return [b"* CAPABILITY IMAP4rev1"]
            case "SELECT" | "EXAMINE":
                return [f"* {len(self.messages)} EXISTS".encode()]
            case "SEARCH":
                found = [str(uid) for uid, message in self.messages.items() if not message.flags]
                return [" ".join(["* SEARCH", *found]).encode()]
            case "FETCH":
                uid, size = map(int, re.findall(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", text)[0])
                raw = self.messages[uid].raw[:size]
                return [b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n%b)" % (uid, uid, len(raw), raw)]
            case "STORE":
                uid = int(re.findall(r"UID STORE (\d+)", text)[0])
                self.messages[uid].flags.update(re.findall(r"\\\w+", text))
            case "EXPUNGE":
                kept = {uid: one for uid, one in self.messages.items() if "\\Deleted" not in one.flags}
                self.messages = kept
            case "LOGOUT":
                return [b"* BYE"]
        return []


def converse(box: ImapServer, talk: socketserver.StreamRequestHandler) -> None:
    talk.wfile.write(b"* OK ready\r\n")
    for line in talk.rfile:
        tag, _space, text = line.decode().strip().partition(" ")
        word = text.removeprefix("UID ").partition(" ")[0].upper()
        box.words.append(word)
        said = box.script(word)
        if said == DROP:
            return
        lines = [] if said else box.answer(word, text)
        talk.wfile.write(b"".join(line + b"\r\n" for line in [*lines, f"{tag} {said or 'OK done'}".encode()]))
        if word == "LOGOUT":
            return
