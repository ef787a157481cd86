"""The export is imported once for all the stories."""

from __future__ import annotations

from tests.story.imported import heard, imported

__all__ = ["heard", "imported"]
