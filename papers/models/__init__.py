from papers.models.body import Body
from papers.models.correction import Correction, FormerTitle
from papers.models.following import FollowedCategory, IncompletePaper
from papers.models.history import PaperEvent, PaperVersion
from papers.models.hugging_face import HuggingFacePage, PaperSignal
from papers.models.link import PaperLink
from papers.models.paper import Paper
from papers.models.pull import Pull
from papers.models.watch import Watch, WatchMatch

__all__ = [
    "Body",
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
