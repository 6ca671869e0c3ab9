from papers.models.history import PaperEvent, PaperLink, PaperVersion
from papers.models.paper import Paper

__all__ = ["Paper", "PaperEvent", "PaperLink", "PaperVersion"]
