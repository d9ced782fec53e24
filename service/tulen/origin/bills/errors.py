"""What can be wrong with a bill of materials of many levels, each with a code of its own."""

from typing import ClassVar

from tulen.errors import InvalidInputError


class CyclicBillError(InvalidInputError):
    """A part is made of itself."""

    code: ClassVar[str] = "bill-cycle"


class TooDeepBillError(InvalidInputError):
    """There are more levels than a bill may have."""

    code: ClassVar[str] = "bill-too-deep"


class TooManyMaterialsError(InvalidInputError):
    """There are more materials than one part, or all of them, may have."""

    code: ClassVar[str] = "bill-too-many-materials"


class UnknownPartError(InvalidInputError):
    """A line names a part that the document does not describe."""

    code: ClassVar[str] = "bill-unknown-part"


class MissingValueError(InvalidInputError):
    """A part has no value."""

    code: ClassVar[str] = "bill-missing-value"


class ImpossibleValueError(InvalidInputError):
    """A value or quantity is negative, or nothing where it must be more."""

    code: ClassVar[str] = "bill-impossible-value"


class MissingRateError(InvalidInputError):
    """A value is in a currency for which there is no rate."""

    code: ClassVar[str] = "bill-missing-rate"


class UnknownUnitError(InvalidInputError):
    """A unit is not known, or measures something else than the part is measured by."""

    code: ClassVar[str] = "bill-unknown-unit"
