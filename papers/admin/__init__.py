"""The admin of papers, by what is edited; importing a module registers it."""

from papers.admin.papers import PaperAdmin, ask_arxiv, ids_in

__all__ = ["PaperAdmin", "ask_arxiv", "ids_in"]
