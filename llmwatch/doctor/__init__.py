"""What is wrong with this installation, and the mend of each: `manage.py doctor`."""

from llmwatch.doctor.checks import CHECKS, examine
from llmwatch.doctor.finding import Finding, Level

__all__ = ["CHECKS", "Finding", "Level", "examine"]
