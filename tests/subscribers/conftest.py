"""Who looks at the admin's pages of subscribers."""

import pytest
from django.test import Client

from tests.builders import make_editor


@pytest.fixture
def editor() -> Client:
    client = Client()
    client.force_login(make_editor())
    return client
