"""Forms as dated data, and certificates seen through them, box by box."""

from tulen.certificate.forms.check import BoxFinding, check_boxes
from tulen.certificate.forms.form import Box, Edition, Form, Mark, TickBox, UnknownFormError, Words
from tulen.certificate.forms.form_file import form_from, form_of, load_forms

__all__ = [
    "Box",
    "BoxFinding",
    "Edition",
    "Form",
    "Mark",
    "TickBox",
    "UnknownFormError",
    "Words",
    "check_boxes",
    "form_from",
    "form_of",
    "load_forms",
]
