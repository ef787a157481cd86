"""How a psychotherapy (process) note is known, whatever the source calls it (45 CFR 164.501).

The signs are wide on purpose: a progress note taken for a process note is missed and asked for, the other way round
cannot be undone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAME = r"psycho[\W_]*therapy[\W_]*(?:process[\W_]*)?notes?(?![a-z])|process[\W_]*notes?(?![a-z])"
_WITHHELD = r"(?:do|must|may)[\W_]*not[\W_]*(?:be[\W_]*)?(?:releas|disclos|shar)|not[\W_]+for[\W_]+(?:release|disclosure)|(?:private|personal)[\W_]*notes?(?![a-z])|164\.501"

_LABEL = re.compile(f"{_NAME}|{_WITHHELD}", re.IGNORECASE)
_NAMED_EARLY = re.compile(_NAME, re.IGNORECASE)
_OPENS_WITHHELD = re.compile(rf"\W*(?:<[^>]*>\W*)*(?:(?:confidential|private)\W+)?(?:{_WITHHELD}|my own notes)", re.IGNORECASE)
_OPENING = 80
"""How far into a text its own name is looked for."""


def is_label_of_process_note(label: str) -> bool:
    """Whether a type, code, title or category says that the note beside it is a process note."""
    return bool(_LABEL.search(label))


def opens_as_process_note(text: str) -> bool:
    """Whether a text calls itself a process note in its first words."""
    opening = text[: _OPENING * 4].lstrip()
    return bool(_NAMED_EARLY.search(opening[:_OPENING]) or _OPENS_WITHHELD.match(opening))


def is_process_note(labels: Iterable[str], text: str) -> bool:
    return any(is_label_of_process_note(label) for label in labels) or opens_as_process_note(text)
