"""What readers see at a moment: which state of the store, and since when."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReaderState:
    """The newest state that readers see."""

    key: str  # differs between any two states of a store
    at: datetime  # when it was published, or committed
