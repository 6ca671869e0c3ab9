"""What a watch asks for in words."""

from typing import Final

LONGEST: Final = 1_000  # characters
