"""The units that parts of a bill are measured by, and how they compare."""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from tulen.origin.bills.errors import UnknownUnitError
from tulen.values import UnitCode

_UNITS: Mapping[str, tuple[str, Fraction]] = MappingProxyType(
    {
        code: (measure, Fraction(size))
        for measure, sizes in {
            "number": {"C62": "1", "H87": "1", "PR": "2", "DZN": "12"},
            "mass": {
                "MGM": "0.000001",
                "GRM": "0.001",
                "KGM": "1",
                "TNE": "1000",
                "LBR": "0.45359237",
                "ONZ": "0.028349523125",
            },
            "volume": {"MLT": "0.001", "LTR": "1", "HLT": "100", "MTQ": "1000"},
            "length": {"MMT": "0.001", "CMT": "0.01", "MTR": "1", "KMT": "1000"},
            "area": {"CMK": "0.0001", "MTK": "1"},
            "energy": {"KWH": "1", "MWH": "1000"},
        }.items()
        for code, size in sizes.items()
    }
)
"""Units of UN/ECE Recommendation 20: what each measures, and its size within that measure."""

UNITS = tuple(_UNITS)
ONE_PIECE = "C62"


def known_unit(value: object, field: str) -> str:
    """Return ``value`` if it is a unit that parts can be measured by.

    Raises:
        InvalidInputError: it is no code of a unit.
        UnknownUnitError: it is none of these.
    """
    code = UnitCode(value, field)
    if code not in _UNITS:
        raise UnknownUnitError(
            field, code, f"is not a known unit; convert to one of {', '.join(UNITS)}"
        )
    return code


def size_in(own: str, value: object, field: str, part: str) -> Fraction:
    """Return how many of the unit ``own`` of ``part`` one of the unit ``value`` is.

    Raises:
        UnknownUnitError: ``value`` is not known, or measures something else.
    """
    unit = known_unit(value, field)
    (measure, size), (its_own, one) = _UNITS[unit], _UNITS[own]
    if measure != its_own:
        raise UnknownUnitError(
            field,
            unit,
            f"does not measure {its_own}, as {own} does, the unit of {part}; state both in "
            "units of one measure",
        )
    return size / one
