"""A simulated arXiv on loopback: query API, OAI-PMH and RSS over a corpus, with its own time, and faults on demand.

What it says beyond the corpus (versions, withdrawals, cross-lists, journal references, licences, hours) it makes up
from a seed, and says so in the text where a reader would see it.
"""
