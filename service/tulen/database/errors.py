"""What the database refuses, beyond what a workflow has refused before it."""

from typing import ClassVar

from tulen.errors import NotPermittedError, RuleViolationError, UnavailableError


class StateChangedError(RuleViolationError):
    """A record is no longer in the state that the change was meant for; somebody was faster."""

    code: ClassVar[str] = "state-changed"

    def __init__(self, what: str, *, expected: str, actual: str | None) -> None:
        super().__init__(
            f"{what} is {actual or 'unknown'}, not {expected}; read it again before going on"
        )


class OtherContentError(RuleViolationError):
    """A key that may be used once has been used, with other content."""

    code: ClassVar[str] = "other-content"

    def __init__(self, what: str, difference: str) -> None:
        super().__init__(f"{what} is recorded already with other content: {difference}")


class SameOfficerError(NotPermittedError):
    """The officer who recommended an application may not also approve it."""

    code: ClassVar[str] = "same-officer"

    def __init__(self, officer: str) -> None:
        super().__init__(f"{officer} recommended this application; another officer must approve it")


class LogRewriteError(RuleViolationError):
    """A change would rewrite or fork what the log holds. Never retried: somebody must look."""

    code: ClassVar[str] = "log-rewrite"


class FinalityViolationError(RuleViolationError):
    """A block that was final is said to be orphaned. Never retried: somebody must look."""

    code: ClassVar[str] = "finality-violation"


class StaleFenceError(RuleViolationError):
    """A writer whose lease has passed to another tried to write."""

    code: ClassVar[str] = "stale-fence"


class ForeignNonceError(RuleViolationError):
    """The chain has seen transactions of our account that we did not make."""

    code: ClassVar[str] = "foreign-nonce"


class PurposeTakenError(RuleViolationError):
    """A live transaction serves this purpose already."""

    code: ClassVar[str] = "purpose-taken"


class ConstraintError(RuleViolationError):
    """The last wall: a constraint of the database refused what no rule above had refused."""

    code: ClassVar[str] = "constraint"

    def __init__(self, constraint: str) -> None:
        self.constraint = constraint
        super().__init__(f"the database's rule {constraint} forbids this change")


class WrongSchemaError(UnavailableError):
    """The database has another schema than this version's queries are written for."""

    code: ClassVar[str] = "wrong-schema"

    def __init__(self, *, found: str | None, wanted: str | None) -> None:
        super().__init__(
            f"the database has {f'schema {found}' if found else 'no schema'}, and this version "
            f"needs {wanted}; migrate it (docs/operations/running.md) before it is used"
        )
