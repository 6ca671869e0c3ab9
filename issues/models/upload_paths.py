import secrets
from pathlib import PurePath


def hidden_path(folder: str, name: str) -> str:
    """A folder of its own, with a name nobody can guess: the picture may belong to a locked part or to a draft."""
    return f"{folder}/{secrets.token_urlsafe(9)}/{PurePath(name).name}"
