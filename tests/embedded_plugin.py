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
    if not os.environ.get("DATABASE_URL"):
        addresses = _addresses(early_config)
        os.environ["DATABASE_URL"] = addresses.database_url
        os.environ.setdefault("REDIS_URL", addresses.redis_url)
    return (yield)


def _addresses(config: pytest.Config) -> devservers.ServerAddresses:
    asked = config.known_args_namespace
    if asked.help or asked.version:
        return NOWHERE
    folder = Path(tempfile.mkdtemp(prefix="llmwatch-tests-"))
    try:
        servers = devservers.start_servers(folder, durable=False)
    except devservers.EmbeddedError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise pytest.UsageError(str(error)) from error
    config.add_cleanup(servers.close)
    return servers.addresses
