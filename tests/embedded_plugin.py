"""A PostgreSQL and a Valkey for the tests alone, thrown away at the end; DATABASE_URL names others to use."""

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from llmwatch import devservers

DEFAULTS = {
    "SECRET_KEY": "the-tests-sign-with-this-key-and-nobody-else-does-0123456789",
    "ADDRESS_KEY": "the-tests-hash-addresses-with-this-key-and-nobody-else-does",
    "SITE_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "DEBUG": "0",
    "PAGE_CACHE": "0",  # a test sees what it has just changed
}
# `pytest --help` reads the settings and touches no database.
NOWHERE = devservers.ServerAddresses(
    "postgres://llmwatch@%2Fnonexistent/llmwatch", "unix:///nonexistent/valkey.sock?db=0"
)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """A wrapper runs before all plain hooks: pytest-django reads the settings in its own."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if os.environ.get("DATABASE_URL", NOWHERE.database_url) == NOWHERE.database_url:
        addresses = _addresses(early_config)
        os.environ["DATABASE_URL"] = addresses.database_url
        if os.environ.get("REDIS_URL", NOWHERE.redis_url) == NOWHERE.redis_url:
            os.environ["REDIS_URL"] = addresses.redis_url
    elif worker:
        os.environ["REDIS_URL"] = _database_of(worker, os.environ.get("REDIS_URL", ""))
    return (yield)


def _addresses(config: pytest.Config) -> devservers.ServerAddresses:
    """Servers of this process's own; of parallel workers each starts some, and who only leads them starts none."""
    asked = config.known_args_namespace
    leads_workers = getattr(asked, "numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ
    if asked.help or asked.version or leads_workers:
        return NOWHERE
    folder = Path(tempfile.mkdtemp(prefix="llmwatch-tests-"))
    try:
        servers = devservers.start_servers(folder, durable=False)
    except devservers.EmbeddedError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise pytest.UsageError(str(error)) from error
    config.add_cleanup(servers.close)
    return servers.addresses


def _database_of(worker: str, redis_url: str) -> str:
    """Of a Valkey that was given, each worker takes a database of its own; pytest-django does so with PostgreSQL."""
    address, number = redis_url.partition("?")[0], int(worker.removeprefix("gw"))
    return f"{address}?db={number}" if address.startswith("unix:") else f"{address.rstrip('/')}/{number}"
