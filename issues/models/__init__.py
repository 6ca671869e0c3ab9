from issues.models.blocks import (
    BLOCK_MODELS,
    Block,
    Figure,
    Glossary,
    Highlight,
    Paywall,
    PollBlock,
    PollResults,
    Sponsor,
    Teasers,
    Text,
    Themes,
)
from issues.models.decision import Decision
from issues.models.edition import Edition, Erratum
from issues.models.follow_up import FollowUp
from issues.models.issue import Issue
from issues.models.poll import Choice, Poll, Vote
from issues.models.series import Series
from issues.models.topic import Topic

__all__ = [
    "BLOCK_MODELS",
    "Block",
    "Choice",
    "Decision",
    "Edition",
    "Erratum",
    "Figure",
    "FollowUp",
    "Glossary",
    "Highlight",
    "Issue",
    "Paywall",
    "Poll",
    "PollBlock",
    "PollResults",
    "Series",
    "Sponsor",
    "Teasers",
    "Text",
    "Themes",
    "Topic",
    "Vote",
]
