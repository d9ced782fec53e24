"""Schedules of product rules: tables, and the UK tariff service's rule sets."""
