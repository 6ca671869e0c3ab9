from papers.models.correction import Correction, FormerTitle
from papers.models.followed_category import FollowedCategory, IncompletePaper
from papers.models.hugging_face import HuggingFacePage, PaperSignal
from papers.models.link import PaperLink
from papers.models.paper import Paper
from papers.models.pull import Pull
from papers.models.response import ArxivResponse
from papers.models.version import PaperEvent, PaperVersion
from papers.models.watch import Watch, WatchMatch

__all__ = [
    "ArxivResponse",
    "Correction",
    "FollowedCategory",
    "FormerTitle",
    "HuggingFacePage",
    "IncompletePaper",
    "Paper",
    "PaperEvent",
    "PaperLink",
    "PaperSignal",
    "PaperVersion",
    "Pull",
    "Watch",
    "WatchMatch",
]
