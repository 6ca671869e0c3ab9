"""What is wrong with this installation, and the mend of each: `manage.py doctor`."""

from llmwatch.doctor.checks import CHECKS, run_checks
from llmwatch.doctor.finding import Finding, Level

__all__ = ["CHECKS", "Finding", "Level", "run_checks"]
