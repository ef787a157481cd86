"""The office of the medication tests, and what it finds in its records."""

from __future__ import annotations

from tests.medication.conftest import office, shared

__all__ = ["office", "shared"]
