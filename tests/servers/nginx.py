"""Debian's nginx with the site's nginx.conf, as an ordinary user in a folder of its own, before an app of the test."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tests.data import ROOT

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
SECRET = "the-secret-that-nginx-and-the-site-share"
needs_nginx = pytest.mark.skipif(
    NGINX is None and "CI" not in os.environ, reason="nginx is missing: apt-get install -y nginx-light"
)

MAIN = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    default_type application/octet-stream;
    types {{ text/plain txt; image/svg+xml svg; }}
    access_log {folder}/access.log;
    client_body_temp_path {folder}/temp/body;
    proxy_temp_path {folder}/temp/proxy;
    fastcgi_temp_path {folder}/temp/fastcgi;
    uwsgi_temp_path {folder}/temp/uwsgi;
    scgi_temp_path {folder}/temp/scgi;
    include {folder}/site.conf;
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_configuration(folder: Path, app: str, port: int, secret: str = SECRET) -> Path:
    """The files as the container makes them from the template; the main one is returned."""
    site = (ROOT / "nginx.conf").read_text()
    values = {
        "NGINX_APP": app,
        "NGINX_LISTEN": f"127.0.0.1:{port}",
        "NGINX_CACHE": f"{folder}/cache",
        "MEDIA_ROOT": f"{folder}/media",
        "REFRESH_KEY": secret,
    }
    for name, value in values.items():
        site = site.replace(f"${{{name}}}", value)
    for below in ("cache", "media", "temp"):
        (folder / below).mkdir()
    (folder / "site.conf").write_text(site)
    main = folder / "main.conf"
    main.write_text(MAIN.format(folder=folder))
    return main


@contextmanager
def private_folder() -> Iterator[Path]:
    """One that an ordinary user can reach, unlike root's own."""
    folder = Path(tempfile.mkdtemp(prefix="llmwatch-nginx-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def command(folder: Path, *options: str) -> list[str]:
    return [str(NGINX), "-p", str(folder), "-e", f"{folder}/error.log", "-c", str(folder / "main.conf"), *options]


def own(folder: Path) -> str | None:
    """Gives the folder to whom nginx is run as: root's tests have it run as nobody."""
    if os.geteuid() != 0:
        return None
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, "nobody")
    return "nobody"


@contextmanager
def serving(app: str) -> Iterator[tuple[httpx.Client, Path]]:
    """A client of nginx before the app at `host:port`, and the folder of the pictures, beside which the logs lie."""
    port = free_port()
    with private_folder() as folder:
        write_configuration(folder, app, port)
        user = own(folder)
        with subprocess.Popen(command(folder), user=user, extra_groups=[] if user else None) as nginx:
            try:
                wait_for(port)
                with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                    yield client, folder / "media"
            finally:
                nginx.terminate()


def wait_for(port: int) -> None:
    """Until something listens there."""
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.05)
    raise AssertionError(f"nothing listens at port {port}")


@dataclass
class App:
    """An app that answers as the test wants, by how often a path was asked for, and remembers what it was asked."""

    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    body: Callable[[int], str] = "answer {}".format
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # paths and headers

    def times(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.asked)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        path = handler.path.partition("?")[0]
        self.asked.append((path, dict(handler.headers.items())))
        body = self.body(self.times(path)).encode()
        handler.send_response(self.status)
        for name, value in {"Content-Type": "text/plain", **self.headers, "Content-Length": str(len(body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


@contextmanager
def listening(app: App) -> Iterator[str]:
    """The app's `host:port`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            app.answer(self)

        def do_POST(self) -> None:
            app.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
