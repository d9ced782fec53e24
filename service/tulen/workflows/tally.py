"""What was derived again from stored bytes, and where that differs from what is stored."""

from dataclasses import dataclass, field

from tulen.workflows.doctor import FAIL, PASS, Finding

MOST_NAMED = 100


@dataclass(slots=True)
class Tally:
    """The rows of one kind, compared.

    Attributes:
        subject: Which kind.
        compared: How many values were.
        differing: A line for each that differs: the row, and both values. The first hundred.
        more: How many more there are.
    """

    subject: str
    compared: int = 0
    differing: list[str] = field(default_factory=list)
    more: int = 0

    def compare(self, row: str, stored: object, derived: object) -> None:
        """Count a value, and name its row if it is not what it should be."""
        self.compared += 1
        if stored != derived:
            self.differ(f"{row}: stored {_text(stored)}, derived {_text(derived)}")

    def differ(self, difference: str) -> None:
        """Name a difference."""
        if len(self.differing) < MOST_NAMED:
            self.differing.append(difference)
        else:
            self.more += 1

    def findings(self) -> list[Finding]:
        """Return one finding for each difference, or one that there is none."""
        if not self.differing:
            return [Finding(self.subject, PASS, f"{self.compared} values derived again, all equal")]
        named = [*self.differing, *([f"and {self.more} more"] if self.more else [])]
        return [Finding(self.subject, FAIL, difference) for difference in named]


def _text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
