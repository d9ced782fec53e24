"""The pages that people see: they translate and decide nothing."""

from tulen.portal.page import router, static

__all__ = ["router", "static"]
