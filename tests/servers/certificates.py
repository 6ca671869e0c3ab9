"""Certificates for servers of tests on 127.0.0.1, made by openssl."""

import os
import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None and "CI" not in os.environ, reason="openssl is missing: apt-get install -y openssl"
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a server shows; whoever trusts the file believes it."""

    context: ssl.SSLContext
    certificate: Path

    def trust(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on, as if an authority that this machine knows had signed it."""
        monkeypatch.setenv("SSL_CERT_FILE", str(self.certificate))


def make_identity(folder: Path, days: int = 90) -> Identity:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    name = ["-subj", "/CN=mail.example.org", "-addext", "subjectAltName=IP:127.0.0.1", "-days", str(days)]
    subprocess.run([*make, *name, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return Identity(context, certificate)
