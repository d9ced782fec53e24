"""Units of measure that a bill of materials may count in, and what each is in another."""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from tulen.origin.bills.errors import UnknownUnitError
from tulen.values import UnitCode

ONE_PIECE = "C62"

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
"""Their codes."""


def unit_from(value: object, field: str) -> str:
    """Return the unit that ``value`` names.

    Raises:
        InvalidInputError: it is no unit code.
        UnknownUnitError: it is none of those that are known.
    """
    code = UnitCode(value, field)
    if code not in _UNITS:
        known = ", ".join(_UNITS)
        raise UnknownUnitError(field, code, f"is not a known unit; convert to one of {known}")
    return code


def size_in(unit: str, own: str, of: str, field: str) -> Fraction:
    """Return what one ``unit`` is in ``own``, the unit that the part ``of`` is counted in.

    Raises:
        UnknownUnitError: they do not measure the same.
    """
    if _UNITS[unit][0] != _UNITS[own][0]:
        raise UnknownUnitError(
            field,
            unit,
            f"does not measure {_UNITS[own][0]}, as {own} does, the unit of {of}; state both in "
            "units of one measure",
        )
    return _UNITS[unit][1] / _UNITS[own][1]
