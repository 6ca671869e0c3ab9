from papers.models.history import PaperEvent, PaperLink, PaperVersion
from papers.models.paper import Paper
from papers.models.pull import Pull

__all__ = ["Paper", "PaperEvent", "PaperLink", "PaperVersion", "Pull"]
