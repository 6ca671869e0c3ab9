import os
from pathlib import Path

from llmwatch import devservers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "llmwatch.settings")
devservers.provide_servers(os.environ, Path(__file__).resolve().parent.parent)

from django.core.wsgi import get_wsgi_application  # noqa: E402 (the servers must be there before the settings are read)

application = get_wsgi_application()
