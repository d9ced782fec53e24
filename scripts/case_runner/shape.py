"""What kind of value each member of a case has; a value of another kind is not understood."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from case_runner.reading import NotUnderstoodError

Kind = Callable[[Any], bool]


def _text(value: object) -> bool:
    return isinstance(value, str)


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _yes(value: object) -> bool:
    return value is True


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _rows(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _members(value: object) -> bool:
    return isinstance(value, dict)


def _numbers(value: object) -> bool:
    return isinstance(value, dict) and all(map(_number, value.values()))


def _one_of(*kinds: Kind) -> Kind:
    return lambda value: any(kind(value) for kind in kinds)


def _all_are(kind: Kind, names: str) -> dict[str, Kind]:
    return dict.fromkeys(names.split(), kind)


_KINDS: dict[str, Kind] = {
    **_all_are(
        _text,
        # The goods, where they go, and what is said of a material.
        "desc hs country status exporter importer currency rvc_method role proof value_basis "
        "fungible_lot final_process_in last_process_in "
        # The rule's words.
        "ctc basis in allow_also process_text assembled_from_list textile_list gir "
        # Proofs, and what is asked of them.
        "form form_d issue shipment_date departure_date issue_date co_date presented "
        "goods_imported original_issue copy_issue b2b_issue request_received rejected_on "
        "notification_received consent_received today exhibition_in consigned discrepancy "
        "exporter_hs importer_hs invoice_issuer_country action first_exporter intermediate "
        "original_proof criterion through_bl_issued_in justified_by option "
        # What is expected.
        "verdict reason tolerance_name de_minimis_basis rcep_country_of_origin",
    ),
    **_all_are(
        _flag,
        "minimal_ops_only profit_stated attested_process separately_invoiced customary "
        "elastomeric wholly_obtained within_group each final_process_in_party "
        "final_process_in_exporting_party textile_tolerance_note each_item_by_own_rule "
        "valid_cause force_majeure split_to_evade part_of_series under_customs_control "
        "customs_control same_state exhibition_name_stated origin_in_doubt corresponds_to_goods "
        "ok roo_met_under_both ce_in_database approved_exporter product_in_database "
        "co_states_third_country_invoice good_originating through_bl customs_certificate "
        "entered_trade by_exporter non_member_transit accumulation cumulation de_minimis psr "
        "region on_appendix_of_importer beyond_minimal_operations",
    ),
    **_all_are(
        _number,
        "value weight_kg embedded_nom traced_nom partial_cumulation_rvc fob exw adjusted_value "
        "net_cost transaction_value cif international_freight insurance net_weight_kg "
        "basic_textile_weight_kg component_weight_kg embroidery_area_pct set_value raised_years "
        "rvc max_nom max_weight max_value max_nonorig_items max_nonorig qty original_qty "
        "already_reexported this_qty consignment_fob_usd consignment_customs_value_usd no "
        "certificate_uses good_rvc_pct rvc_pct pct exporter_domestic_value_pct",
    ),
    **_all_are(_yes, "wo pe any_heading psr_only"),
    **_all_are(
        _texts,
        "processes operations operations_in_intermediate except allow allow_from ctc_from "
        "wo_materials process_any process_all from_any box13 route documents contributors "
        "mark",
    ),
    **_all_are(_rows, "materials set_items originals any all"),
    **_all_are(_members, "product rule facts set product_attributes"),
    **_all_are(_numbers, "costs deduct contributions rates min rvc_by_method"),
    **_all_are(
        _one_of(_text, _texts),
        "of method on_list not_merely materials_from satisfied code",
    ),
    "items": _one_of(_rows, _members),
    "tolerance": _one_of(_members, _text),
    "undetermined": _one_of(_text, _yes),
}
"""By name; a name that is not here has no kind of its own, or is not understood elsewhere."""

_SHARES = (
    "rvc_pct",
    "declared_pct",
    "rvc_pct_without_partial",
    "rvc_pct_without_tracing",
    "max_nom_pct",
    "nonorig_pct",
    "weight_pct",
    "de_minimis_pct",
    "tolerance_pct",
)
_ANSWERS = ("verdict", "rvc_by_method", "de_minimis_used", "cumulation_used", *_SHARES)
_OPEN = {"note", "notes", "product_attributes"}
"""Members that explain, or describe the good in words of their own."""


def shaped(case: object) -> dict[str, Any]:
    """Return ``case`` if its members are of the kinds that they have in the format.

    In an input null is what is not stated; an answer that is compared is never null.
    """
    if not isinstance(case, dict):
        raise NotUnderstoodError(f"a case is an object, not {case!r}")
    for part in ("input", "expected"):
        if not isinstance(case.get(part), dict):
            raise NotUnderstoodError(f"{part} is not an object")
        _look(case[part], part)
    expected = case["expected"]
    if not set(expected) - _OPEN:
        raise NotUnderstoodError("expected states nothing")
    for name in _ANSWERS:
        kind = _flag if name.endswith("_used") else _number if name in _SHARES else None
        if name not in expected:
            continue
        if expected[name] in (None, {}) or (kind and not kind(expected[name])):
            raise NotUnderstoodError(f"expected: {name} is not {expected[name]!r}")
    return case


def _look(members: dict[str, Any], where: str) -> None:
    for name, value in members.items():
        if name in _OPEN or value is None:
            if value is None and where.startswith("input/rule"):
                raise NotUnderstoodError(f"{where}: {name} is empty")
            continue
        kind = _KINDS.get(name)
        if kind is not None and not kind(value):
            raise NotUnderstoodError(f"{where}: {name} is not {value!r}")
        inner = value if isinstance(value, list) else [value]
        for item in inner:
            if isinstance(item, dict):
                _look(item, f"{where}/{name}")
