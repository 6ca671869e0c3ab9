#!/usr/bin/env python
"""Django's command line, with the embedded servers where DEBUG is set and no others are named."""

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from llmwatch import devservers


def _main() -> int:
    """Run one command; 2 where a setting or the embedded servers forbid it, 130 after Ctrl-C, as a shell says it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "llmwatch.settings")
    try:
        devservers.provide_servers(os.environ, Path(__file__).resolve().parent)
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except (devservers.EmbeddedError, ImproperlyConfigured) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(_main())
