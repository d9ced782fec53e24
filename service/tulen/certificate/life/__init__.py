"""What may become of an application, a certificate and a verification request: one table.

    step = life_of(Subject.CERTIFICATE).step("valid", "suspend")
    article = step.article(procedure_of(agreement), day)

Whatever changes the state of one of them asks this table first; nothing else says what is allowed.
"""

from tulen.certificate.life.table import (
    IllegalStepError,
    Life,
    Step,
    Subject,
    life_of,
    lives_from,
)

__all__ = ["IllegalStepError", "Life", "Step", "Subject", "life_of", "lives_from"]
