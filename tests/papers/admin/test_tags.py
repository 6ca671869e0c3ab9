"""Tags in the admin: by those who may change them, and by nobody else."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import NoReverseMatch, reverse
from taggit.models import Tag

from tests.builders import make_editor

pytestmark = pytest.mark.django_db


def test_staff_without_the_right_make_no_tag(client: Client) -> None:
    client.force_login(User.objects.create_user("visitor", is_staff=True))
    assert client.post(reverse("admin:taggit_tag_add"), {"name": "agents", "slug": "agents"}).status_code == 403
    assert not Tag.objects.exists()


def test_an_editor_makes_a_tag(client: Client) -> None:
    client.force_login(make_editor())
    client.post(reverse("admin:taggit_tag_add"), {"name": "agents", "slug": "agents"})
    assert Tag.objects.get().name == "agents"


def test_the_page_that_merges_for_anybody_is_gone() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("admin:taggit_tag_merge_tags")
