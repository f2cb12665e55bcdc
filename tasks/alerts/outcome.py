"""How sending a message fails."""


class NotSent(Exception):
    """A message was not accepted; the reason names no address or secret."""
