"""A store that is away, as a loop tells of it: once when it goes and once when it is back, not every second."""

import structlog

log = structlog.get_logger("mailbot.daemon.outage")


class Outage:
    """Whether the store is away just now."""

    def __init__(self) -> None:
        """The store is believed to be there."""
        self._lasts = False

    def begun(self, reason: object) -> None:
        """Tell that the store is away, unless that is told already."""
        if not self._lasts:
            alarm = "the store cannot be reached; nothing is lost, and all goes on when it is back"
            log.error("store-away", reason=str(reason), alarm=alarm)
        self._lasts = True

    def over(self) -> None:
        """Tell that the store is back, if it was away."""
        if self._lasts:
            log.info("store-back")
        self._lasts = False
