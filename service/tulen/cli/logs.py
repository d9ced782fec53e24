"""What a process that goes on for long says on standard error, and how often."""

import logging

QUIET_SECONDS = 60.0


class Unrepeated(logging.Filter):
    """Lets the same words through once a minute: an outage is news once, not twice a second."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether ``record`` says something that was not said within the last minute."""
        words = record.getMessage()
        recent = {
            said: at for said, at in self._said.items() if record.created - at < QUIET_SECONDS
        }
        new = words not in recent
        self._said = {**recent, words: record.created} if new else recent
        return new


def log_to_standard_error() -> None:
    """Send warnings and errors to standard error, with their time."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(Unrepeated())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
