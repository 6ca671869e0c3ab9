"""Answers of the mail server, told apart by what they mean for whom; against a real server on loopback."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from core.mail.servers import MailServer
from core.mail.smtp import Connection, SmtpAnswer, Stage, Verdict, judge
from core.mail.verdicts import RecipientVerdict
from tests.servers.certificates import make_identity, needs_openssl
from tests.servers.smtp_server import DROP, NO_PIPELINING, SILENCE, Script, ScriptedServer, agreeable

MESSAGE = b"Subject: Hello\r\n\r\nOne line.\r\n..A line with a dot.\r\n"


def on(word: str, answer: str) -> Script:
    """Answers this word so, and all others as usual."""
    return lambda heard, recipient: answer if heard == word else None


def plain(script: Script) -> Script:
    """The same, of a server that wants each command to wait for the answer to the last."""
    return lambda heard, recipient: script(heard, recipient) or (NO_PIPELINING if heard == "EHLO" else None)


def at_once(script: Script) -> Script:
    """The same, of a server that takes several commands at once."""
    return script


either_way = pytest.mark.parametrize("speaking", [plain, at_once])


def connect(server: ScriptedServer, timeout: float = 30.0, **fields: Any) -> Connection:
    return Connection(MailServer("127.0.0.1", server.port, **fields), "news.example.org", timeout)


def send(server: ScriptedServer, recipient: str = "reader@example.org") -> SmtpAnswer:
    with connect(server) as relay:
        return relay.send("news@example.org", recipient, MESSAGE)


@pytest.mark.parametrize(
    ("stage", "code", "enhanced", "verdict"),
    [
        (Stage.BODY, 250, "", Verdict.ACCEPTED),
        (Stage.BODY, 451, "", Verdict.LATER),
        (Stage.BODY, 421, "", Verdict.LATER),
        (Stage.BODY, 554, "5.7.1", Verdict.REFUSED),
        (Stage.BODY, 0, "", Verdict.UNKNOWN),
        (Stage.BODY, 354, "", Verdict.UNKNOWN),
        (Stage.DATA, 451, "", Verdict.LATER),
        (Stage.DATA, 554, "", Verdict.REFUSED),
        (Stage.DATA, 421, "", Verdict.AGAIN),
        (Stage.DATA, 0, "", Verdict.AGAIN),
        (Stage.RCPT, 450, "4.2.1", Verdict.LATER),
        (Stage.RCPT, 550, "5.1.1", Verdict.REFUSED),
        (Stage.RCPT, 550, "5.1.8", Verdict.OUR_FAULT),
        (Stage.RCPT, 530, "", Verdict.OUR_FAULT),
        (Stage.RCPT, 421, "", Verdict.AGAIN),
        (Stage.RCPT, 0, "", Verdict.AGAIN),
        (Stage.MAIL, 451, "", Verdict.AGAIN),
        (Stage.MAIL, 550, "5.7.1", Verdict.OUR_FAULT),
        (Stage.MAIL, 530, "", Verdict.OUR_FAULT),
        (Stage.MAIL, 421, "", Verdict.AGAIN),
        (Stage.LOGIN, 535, "5.7.8", Verdict.OUR_FAULT),
        (Stage.LOGIN, 454, "", Verdict.AGAIN),
        (Stage.HELLO, 550, "", Verdict.OUR_FAULT),
        (Stage.CONNECT, 554, "", Verdict.OUR_FAULT),
        (Stage.CONNECT, 421, "", Verdict.AGAIN),
        (Stage.CONNECT, 0, "", Verdict.AGAIN),
    ],
)
def test_an_answer_means_what_its_code_and_its_stage_say(
    stage: Stage, code: int, enhanced: str, verdict: Verdict
) -> None:
    assert judge(stage, code, enhanced) is verdict


@pytest.mark.parametrize(
    ("text", "dead"),
    [("5.1.1 no such user", True), ("5.1.10 null MX", True), ("5.2.2 mailbox full", False), ("no such user", True)],
)
def test_only_a_refusal_that_names_the_address_makes_it_dead(text: str, dead: bool) -> None:
    assert (SmtpAnswer(Stage.RCPT, 550, text).recipient_verdict is RecipientVerdict.DEAD) is dead
    assert SmtpAnswer(Stage.RCPT, 450, text.removeprefix("5.")).recipient_verdict is not RecipientVerdict.DEAD


def test_a_message_arrives_as_it_was_before_its_dots_were_doubled() -> None:
    with ScriptedServer() as server:
        answer = send(server)
    assert (answer.verdict, str(answer)) == (Verdict.ACCEPTED, "250 fine")
    (message,) = server.messages
    assert (message.sender, message.recipient) == ("news@example.org", "reader@example.org")
    assert message.data == b"Subject: Hello\r\n\r\nOne line.\r\n.A line with a dot.\r\n"


def test_one_connection_serves_many_messages_and_takes_its_leave() -> None:
    with ScriptedServer() as server, connect(server) as relay:
        for number in range(3):
            relay.send("news@example.org", f"reader-{number}@example.org", MESSAGE)
        relay.close()
        assert (server.connections, len(server.messages), server.words[-1]) == (1, 3, "QUIT")


@either_way
@pytest.mark.parametrize("word", ["RCPT", "DATA", "BODY"])
def test_what_a_refusal_says_is_kept_without_whom_it_names(speaking: Callable[[Script], Script], word: str) -> None:
    with ScriptedServer(speaking(on(word, "550 5.1.1 <reader@example.org>: User unknown"))) as server:
        answer = send(server)
    assert (answer.text, answer.enhanced) == ("5.1.1 <…@example.org>: User unknown", "5.1.1")


@either_way
def test_after_a_refused_recipient_the_same_connection_serves_the_next(speaking: Callable[[Script], Script]) -> None:
    script: Script = lambda word, who: "550 5.1.1 no" if (word, who[:4]) == ("RCPT", "dead") else None  # noqa: E731
    with ScriptedServer(speaking(script)) as server:
        with connect(server) as relay:
            refused = relay.send("news@example.org", "dead@example.org", MESSAGE)
            accepted = relay.send("news@example.org", "reader@example.org", MESSAGE)
        assert (refused.verdict, accepted.verdict) == (Verdict.REFUSED, Verdict.ACCEPTED)
        assert server.connections == 1
        assert server.words[-5:] == ["RSET", "MAIL", "RCPT", "DATA", "QUIT"]


@contextmanager
def taciturn() -> Iterator[int]:
    """A server that answers the commands of a message only when it has heard all three; its port."""

    def talk(listener: socket.socket) -> None:
        with suppress(OSError), listener.accept()[0] as peer, peer.makefile("rwb") as spoken:
            for lines, answer in (
                (0, b"220 ready\r\n"),
                (1, b"250-loopback\r\n250 PIPELINING\r\n"),
                (3, b"250 fine\r\n250 fine\r\n354 go on\r\n"),
                (MESSAGE.count(b"\n") + 1, b"250 taken\r\n"),
                (1, b"221 bye\r\n"),
            ):
                [spoken.readline() for _ in range(lines)]
                spoken.write(answer)
                spoken.flush()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=talk, args=[listener], daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join()


def test_where_the_server_offers_it_the_commands_of_a_message_do_not_wait_for_each_other() -> None:
    with taciturn() as port, Connection(MailServer("127.0.0.1", port), "news.example.org", 30.0) as relay:
        answer = relay.send("news@example.org", "reader@example.org", MESSAGE)
    assert (answer.verdict, answer.text) == (Verdict.ACCEPTED, "taken")


def test_a_server_that_waits_for_a_message_without_recipients_gets_none() -> None:
    answers = {"RCPT": "450 later", "DATA": "354 go on"}
    with ScriptedServer(lambda word, who: answers.get(word)) as server:
        assert send(server).verdict is Verdict.LATER
    assert server.messages == []


def test_after_such_a_server_a_new_connection_serves_the_next() -> None:
    answers = iter(["450 later", "354 go on"])
    with ScriptedServer(lambda word, who: next(answers, None) if word in {"RCPT", "DATA"} else None) as server:
        with connect(server) as relay:
            later = relay.send("news@example.org", "reader@example.org", MESSAGE)
            accepted = relay.send("news@example.org", "reader@example.org", MESSAGE)
        assert (later.verdict, accepted.verdict, server.connections) == (Verdict.LATER, Verdict.ACCEPTED, 2)


@pytest.mark.parametrize(
    ("word", "answer", "stage", "verdict"),
    [
        ("CONNECT", "421 too many", Stage.CONNECT, Verdict.AGAIN),
        ("CONNECT", DROP, Stage.CONNECT, Verdict.AGAIN),
        ("EHLO", DROP, Stage.HELLO, Verdict.AGAIN),
        ("MAIL", "550 5.7.1 not you", Stage.MAIL, Verdict.OUR_FAULT),
        ("MAIL", "421 closing", Stage.MAIL, Verdict.AGAIN),
        ("RCPT", DROP, Stage.RCPT, Verdict.AGAIN),
        ("RCPT", "nonsense", Stage.RCPT, Verdict.AGAIN),
        ("DATA", "421 closing", Stage.DATA, Verdict.AGAIN),
        ("DATA", DROP, Stage.DATA, Verdict.AGAIN),
        ("BODY", "451 4.7.1 later", Stage.BODY, Verdict.LATER),
        ("BODY", DROP, Stage.BODY, Verdict.UNKNOWN),
        ("BODY", "nonsense", Stage.BODY, Verdict.UNKNOWN),
    ],
)
@either_way
def test_how_far_the_message_had_come_is_known_at_every_step(
    speaking: Callable[[Script], Script], word: str, answer: str, stage: Stage, verdict: Verdict
) -> None:
    with ScriptedServer(speaking(on(word, answer))) as server:
        said = send(server)
    assert (said.stage, said.verdict) == (stage, verdict)
    assert server.messages == []


@pytest.mark.parametrize(("word", "verdict"), [("RCPT", Verdict.AGAIN), ("BODY", Verdict.UNKNOWN)])
def test_a_server_that_falls_silent_is_given_up(word: str, verdict: Verdict) -> None:
    with ScriptedServer(on(word, SILENCE)) as server, connect(server, timeout=0.05) as relay:
        assert relay.send("news@example.org", "reader@example.org", MESSAGE).verdict is verdict


def test_a_connection_that_broke_is_replaced_by_the_next_message() -> None:
    answers = iter(["421 closing"])
    with ScriptedServer(lambda word, _who: next(answers, None) if word == "MAIL" else None) as server:
        with connect(server) as relay:
            broken = relay.send("news@example.org", "reader@example.org", MESSAGE)
            accepted = relay.send("news@example.org", "reader@example.org", MESSAGE)
        assert (broken.verdict, accepted.verdict, server.connections) == (Verdict.AGAIN, Verdict.ACCEPTED, 2)


def test_nobody_listening_is_no_recipients_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with Connection(MailServer("127.0.0.1", port), "news.example.org") as relay:
        answer = relay.refusal()
    assert answer is not None
    assert (answer.stage, answer.verdict, answer.code) == (Stage.CONNECT, Verdict.AGAIN, 0)


def test_a_wrong_password_is_our_fault() -> None:
    script = on("AUTH", "535 5.7.8 wrong")
    with ScriptedServer(script) as server, connect(server, user="news", password="wrong") as relay:
        answer = relay.refusal()
    assert answer is not None
    assert (answer.stage, answer.verdict) == (Stage.LOGIN, Verdict.OUR_FAULT)


def test_the_right_password_is_let_in() -> None:
    with ScriptedServer(agreeable) as server, connect(server, user="news", password="right") as relay:
        assert relay.refusal() is None
        assert "AUTH" in server.words


def test_a_server_without_tls_is_our_fault_where_tls_is_asked_for() -> None:
    with ScriptedServer() as server, connect(server, tls=True) as relay:
        answer = relay.refusal()
    assert answer is not None
    assert (answer.stage, answer.verdict) == (Stage.HELLO, Verdict.OUR_FAULT)


@contextmanager
def stranger(folder: Path) -> Iterator[int]:
    """A server that speaks TLS from the first byte and vouches for itself; its port."""
    context = make_identity(folder).context

    def greet(listener: socket.socket) -> None:
        with suppress(OSError), listener.accept()[0] as peer, context.wrap_socket(peer, server_side=True) as spoken:
            spoken.sendall(b"220 ready\r\n")
            spoken.recv(100)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=greet, args=[listener], daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join()


@needs_openssl
def test_a_certificate_that_nobody_vouches_for_is_not_believed(tmp_path: Path) -> None:
    with stranger(tmp_path) as port:
        answer = Connection(MailServer("127.0.0.1", port, ssl=True), "news.example.org", 30.0).refusal()
    assert answer is not None
    assert (answer.verdict, "certificate is not valid" in str(answer)) == (Verdict.OUR_FAULT, True)
