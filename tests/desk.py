"""An editor at the admin, for tests: what a form would send as it stands, and how many queries an answer takes."""

import base64
import json
from collections.abc import Callable
from typing import Any

import lxml.html
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.builders import make_editor

Posted = dict[str, Any]


def sign_in(client: Client) -> Client:
    client.force_login(make_editor())
    return client


def queries_of(ask: Callable[[], Any]) -> int:
    """How many queries an answer takes, beside what a process remembers from its first one (content types)."""
    ask()
    with CaptureQueriesContext(connection) as captured:
        assert ask().status_code == 200
    return len(captured)


def posted(response: Any, form: str = "_form") -> Posted:
    """What a browser would send if the form whose id ends so were submitted unchanged; each name has a list."""
    page = lxml.html.fromstring(response.content.decode())
    found = next(each for each in page.forms if str(each.get("id", "")).endswith(form))
    data: Posted = {}
    for name, value in found.form_values():
        # As a browser reads a textarea and sends it.
        data.setdefault(name, []).append(value.removeprefix("\n").replace("\n", "\r\n"))
    return data


def asked_of_arxiv(queue: Any) -> list[list[str]]:
    return [_ids(json.loads(message)) for message in queue.lrange("celery", 0, -1)]


def _ids(message: dict[str, Any]) -> list[str]:
    assert message["headers"]["task"] == "papers.tasks.pull_ids"
    ids: list[str] = json.loads(base64.b64decode(message["body"]))[0][0]
    return ids
