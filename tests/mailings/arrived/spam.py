"""Debian's SpamAssassin with the rules of its package, offline, over messages as they lie in a mailbox."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

SPAMASSASSIN = shutil.which("spamassassin")
needs_spamassassin = pytest.mark.skipif(
    SPAMASSASSIN is None and "CI" not in os.environ,
    reason="spamassassin is missing: apt-get install -y --no-install-recommends spamassassin",
)
RULES = Path("/usr/share/spamassassin")  # those of the package, whatever this machine has fetched since
PLUGINS = Path("/etc/spamassassin")
OPTIONS = (
    "use_bayes 0",
    "report_safe 0",
    "fold_headers 0",
    "clear_headers",
    "add_header all Verdict score=_SCORE_ rules=_TESTSSCORES(,)_",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What it makes of one message: points, and the rules that gave or took them."""

    score: float
    rules: dict[str, float]

    @property
    def against(self) -> float:
        """The points that it got, without those that were taken off again."""
        return sum(points for points in self.rules.values() if points > 0)

    def __str__(self) -> str:
        counted = sorted(self.rules.items(), key=lambda rule: -abs(rule[1]))
        return f"{self.score} " + ", ".join(f"{name} {points}" for name, points in counted)


def judged(messages: Sequence[bytes], folder: Path) -> list[Verdict]:
    """One process for all messages, without network, memory or a home; `folder` is an empty one."""
    site, mailbox = folder / "site", folder / "mailbox"
    site.mkdir()
    mailbox.mkdir()
    for plugins in set(PLUGINS.glob("*.pre")) - {PLUGINS / "sa-compile.pre"}:  # rules compiled here may be old ones
        shutil.copy(plugins, site)
    (site / "local.cf").write_text("\n".join(OPTIONS))
    (folder / "prefs").touch()
    files = [mailbox / f"{number:03d}" for number, _ in enumerate(messages)]
    for file, message in zip(files, messages, strict=True):
        file.write_bytes(message)
    found = _verdicts(_run([f"--siteconfigpath={site}", f"--prefspath={folder}/prefs", *map(str, files)], folder))
    assert len(found) == len(files)
    return found


def _run(arguments: list[str], home: Path) -> str:
    command = [str(SPAMASSASSIN), "--local", f"--configpath={RULES}", *arguments]
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LANG": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, cwd=home, env=environment, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("ascii", "replace")


def _verdicts(output: str) -> list[Verdict]:
    lines = re.findall(r"(?m)^X-Spam-Verdict: score=(\S+) rules=(\S*)", output)
    return [Verdict(float(score), dict(_points(rules))) for score, rules in lines]


def _points(rules: str) -> Iterator[tuple[str, float]]:
    for rule in rules.split(","):
        name, _, points = rule.partition("=")
        if points:
            yield name, float(points)
