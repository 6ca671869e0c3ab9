"""The admin site: the editorial desk comes first, and the apps stand in the order of the work."""

import pytest
from django.test import Client

from tests.desk import sign_in

pytestmark = pytest.mark.django_db


def test_the_apps_stand_in_the_order_of_the_work(client: Client) -> None:
    labels = [app["app_label"] for app in sign_in(client).get("/admin/").context["available_apps"]]
    assert labels[:4] == ["issues", "papers", "glossary", "subscribers"]
    assert "auth" in labels[4:]
