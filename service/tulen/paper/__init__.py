"""Certificates on paper: one PDF/A file that is printed, read back and proves itself (ADR 0031)."""

from tulen.paper.code import code_of, digest_start, verify_url
from tulen.paper.printing import (
    PaperNeedsAllError,
    Stamp,
    UnprintableTextError,
    print_paper,
)
from tulen.paper.reading import (
    Paper,
    PaperAlteredError,
    PaperForeignError,
    PaperRefusedError,
    PaperSignerError,
    PaperUnreadableError,
    is_pdf,
    read_paper,
)
from tulen.paper.signing import PaperSigner, Root, roots_in, sign_paper

__all__ = [
    "Paper",
    "PaperAlteredError",
    "PaperForeignError",
    "PaperNeedsAllError",
    "PaperRefusedError",
    "PaperSigner",
    "PaperSignerError",
    "PaperUnreadableError",
    "Root",
    "Stamp",
    "UnprintableTextError",
    "code_of",
    "digest_start",
    "is_pdf",
    "print_paper",
    "read_paper",
    "roots_in",
    "sign_paper",
    "verify_url",
]
