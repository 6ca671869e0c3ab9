"""What is wrong with this installation, and the mend of each: `manage.py doctor`."""

from llmwatch.doctor.checks import ALL_CHECKS, run_checks
from llmwatch.doctor.finding import Finding, FindingLevel

__all__ = ["ALL_CHECKS", "Finding", "FindingLevel", "run_checks"]
