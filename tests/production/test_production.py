"""Production by what its files say: compose, image, nginx.conf. test_nginx.py and test_edge.py run them."""

import json
import re
import shlex
from typing import Any

import pytest
import yaml

from subscribers.rate_limits import is_trusted
from tests.data import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
APP = ("web", "worker", "beat", "migrate")
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_compose_has_every_part() -> None:
    assert set(SERVICES) == {"nginx", "web", "worker", "beat", "migrate", "db", "redis"}


def test_only_nginx_is_published_and_to_this_machine_alone() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"nginx": ["127.0.0.1:8000:8080"]}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_is_checked_and_started_again(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_the_app_waits_for_the_migrations(name: str) -> None:
    assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", APP)
def test_secrets_of_the_app_come_from_the_file_of_the_environment(name: str) -> None:
    assert SERVICES[name]["env_file"] == ".env"
    assert not {"SECRET_KEY", "ADDRESS_KEY", "EMAIL_URL", "REFRESH_KEY"} & set(SERVICES[name]["environment"])


def test_no_secret_stands_in_compose_and_a_missing_one_stops_it() -> None:
    secrets = [
        str(value)
        for service in SERVICES.values()
        for name, value in service.get("environment", {}).items()
        if re.search("PASSWORD|KEY|DATABASE_URL", name)
    ]
    assert len(secrets) >= 3
    assert all(re.search(r"\$\{\w+:\?", value) for value in secrets)


@pytest.mark.parametrize("name", ["nginx", *APP])
def test_nothing_of_ours_may_become_more_than_it_is(name: str) -> None:
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("address", ["172.18.0.5", "192.168.96.3", "10.1.0.2"])
def test_nginx_is_believed_when_it_says_who_the_reader_is(address: str) -> None:
    assert is_trusted(address, SERVICES["web"]["environment"]["TRUSTED_PROXIES"].split(","))


def test_data_are_kept_in_volumes() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert set(COMPOSE["volumes"]) == {"database", "media", "pages"} == used - {"./nginx.conf"}


def test_compose_fills_in_every_name_of_the_template() -> None:
    names = set(re.findall(r"\$\{([A-Z_]+)\}", "\n".join(nginx_lines())))
    assert names == set(SERVICES["nginx"]["environment"])


def nginx_lines() -> list[str]:
    return [line for line in (ROOT / "nginx.conf").read_text().splitlines() if not line.lstrip().startswith("#")]


def test_nginx_redirects_nothing() -> None:
    assert not [line for line in nginx_lines() if re.search(r"\breturn 30\d|\brewrite\b|\berror_page\b", line)]


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_commands_of_celery_are_those_that_celery_knows(name: str) -> None:
    from celery.bin.celery import celery

    _, app_option, app, command, *options = shlex.split(SERVICES[name]["command"])
    assert (app_option, app) == ("-A", "llmwatch.celery")
    known = {form for parameter in celery.commands[command].params for form in parameter.opts}
    assert {option for option in options if option.startswith("--")} <= known


def test_image_runs_as_an_ordinary_user() -> None:
    steps = [line.split()[0] for line in DOCKERFILE.splitlines() if re.match("[A-Z]+ ", line)]
    assert re.search(r"^USER llmwatch$", DOCKERFILE, re.MULTILINE)
    assert steps.index("USER") > max(index for index, step in enumerate(steps) if step in {"COPY", "RUN"})


def test_image_installs_only_what_is_locked() -> None:
    assert "pip install --no-cache-dir --require-hashes --only-binary :all: --no-binary dkimpy" in DOCKERFILE


def test_image_holds_no_secret() -> None:
    kept = [line for line in DOCKERFILE.splitlines() if re.match("ENV|ARG", line)]
    assert not [line for line in kept if re.search("KEY|PASSWORD|TOKEN", line)]
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", ".git", "var", "media"} <= set(ignored)


def web_command() -> list[str]:
    """What the container runs."""
    command = re.search(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE)
    assert command
    return [str(word) for word in json.loads(command[1])]


def test_image_starts_the_site_with_gunicorn() -> None:
    assert web_command()[:2] == ["gunicorn", "llmwatch.wsgi"]
