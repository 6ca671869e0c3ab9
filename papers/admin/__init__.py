"""The admin of papers, by what is edited; importing a module registers it."""

from papers.admin.corrections import CorrectionAdmin
from papers.admin.papers import PaperAdmin, ask_arxiv, ids_in
from papers.admin.pulls import PullAdmin
from papers.admin.tags import TagAdmin
from papers.admin.watches import WatchAdmin

__all__ = ["CorrectionAdmin", "PaperAdmin", "PullAdmin", "TagAdmin", "WatchAdmin", "ask_arxiv", "ids_in"]
