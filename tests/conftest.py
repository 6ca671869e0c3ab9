"""How long properties are tried (in `make test` briefly, in `make soak` at length; no deadline: machines here are
noisy), and static files as they lie in the sources."""

import os
from collections.abc import Generator
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.test import Client, override_settings
from hypothesis import HealthCheck, settings
from pytest_django.fixtures import Settings

settings.register_profile("test", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", settings.get_profile("test"), max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))

# A password is hashed for many of the tests, and the strength of Django's own hash costs each a quarter of a second.
QUICK_HASH = ["django.contrib.auth.hashers.MD5PasswordHasher"]
PLAIN = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


@pytest.fixture(autouse=True, scope="session")
def settings_of_the_tests() -> Generator[None]:
    """No `collectstatic` before the tests: whitenoise looks where the files are."""
    storages = {**django_settings.STORAGES, "staticfiles": PLAIN}
    with override_settings(
        STORAGES=storages, WHITENOISE_USE_FINDERS=True, WHITENOISE_AUTOREFRESH=True, PASSWORD_HASHERS=QUICK_HASH
    ):
        yield


@pytest.fixture
def queue() -> Generator[Any]:
    """The broker's queue, empty before and after."""
    broker = redis.Redis.from_url(django_settings.REDIS_URL)
    broker.delete("celery")
    yield broker
    broker.delete("celery")


@pytest.fixture
def outbox(settings: Settings) -> Generator[Any]:
    """A mail server on loopback that takes every single mail, and what it took."""
    from core.mail.servers import MailServer  # of the product, which is not set up when this file is read
    from tests.servers.outbox import open_outbox

    with open_outbox() as outbox:
        settings.MAIL_SERVER = MailServer("127.0.0.1", outbox.server.port)
        yield outbox


@pytest.fixture
def editor() -> Client:
    """Who looks at the admin's pages."""
    client = Client()
    client.force_login(_editor())
    return client


def _editor() -> Any:
    from tests.builders import make_editor  # reads the models, which are not loaded when this file is

    return make_editor()
