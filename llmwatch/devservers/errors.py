class EmbeddedError(Exception):
    """One clear sentence for the person at the terminal: what is missing or failed, and the mend."""
