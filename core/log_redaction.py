"""Log lines without the addresses of pages that are one person's own: whoever reads such an address holds a key."""

from __future__ import annotations

import logging
import re
from typing import Final

# What stands behind `me/`, and behind a poll and a choice, as far as an address goes.
_KEYS: Final = re.compile(r"(/(?:me|polls)/)[^\s\"'<>,]+")


class RedactingFormatter(logging.Formatter):
    """Django names the path of each request that it refuses, and a traceback may name it, too."""

    def format(self, record: logging.LogRecord) -> str:
        return _KEYS.sub(r"\1…", super().format(record))
