"""The demo's own mail server: `python -m llmwatch.demo.mail_catcher PORT FOLDER` takes every message on loopback, and
keeps it as a file instead of delivering it. Its library is a development requirement."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from functools import partial
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

_HOST = "127.0.0.1"


class _Keeper:
    """Writes each message below the folder, under names in the order of arrival; none is ever seen half written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd)
        content = envelope.content or b""
        name = f"{time.time_ns()}-{next(self._numbers):06d}.eml"
        unfinished = self.folder / f".{name}.part"
        unfinished.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.replace(unfinished, self.folder / name)
        return "250 Caught"


async def catch_mail(port: int, folder: Path) -> None:
    """Serves until the process ends. Raises OSError where the port cannot be had."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(partial(SMTP, _Keeper(folder), hostname="catcher"), _HOST, port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(catch_mail(int(sys.argv[1]), Path(sys.argv[2])))
