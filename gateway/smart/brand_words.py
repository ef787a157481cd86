"""What a practice says of itself beyond its record, for its brand: read once from a JSON file, by the practice's id.

{"larkmoor": {"website": "https://www.larkmoor.example", "aliases": ["Ropewalk Therapy"],
              "logo": "https://www.larkmoor.example/logo.svg", "portal": {"name": "Larkmoor online", "url": "https://portal.larkmoor.example"}}}
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, TypeAdapter, ValidationError

from gateway.record.types import Identifier
from gateway.record.types.base import Line
from gateway.settings import BadSetting

_LONGEST_FILE = 1_048_576
Category = Literal["clinical", "lab", "pharmacy", "insurer", "network", "aggregator"]


class BadBrandFile(BadSetting):
    """The brand file cannot be used; the text says where."""


def _web(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or not text.isprintable() or " " in text or len(text) > 1000:
        raise ValueError("must be an https address")
    return text


def _picture(text: str) -> str:
    """https, or the picture itself (`data:image/...`)."""
    return text if text.startswith(("data:image/svg+xml;", "data:image/png;")) and text.isprintable() and len(text) <= 200_000 else _web(text)


Web = Annotated[str, AfterValidator(_web)]
Picture = Annotated[str, AfterValidator(_picture)]


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Portal(_Words):
    """Where clients of the practice sign in."""

    name: Line
    url: Web
    description: str | None = None
    logo: Picture | None = None
    logo_license: Web | None = None


class Words(_Words):
    """Every element is the practice's own to say; none is required."""

    website: Web | None = None
    logo: Picture | None = None
    logo_license: Web | None = None
    aliases: tuple[Line, ...] = ()
    categories: tuple[Category, ...] = ("clinical",)
    identifiers: tuple[Identifier, ...] = ()
    portal: Portal | None = None
    developers: Web | None = None
    """Where a developer may ask for access; the start page of this gateway where nothing is said."""
    changed_at: int = 0
    """When the file was changed; set by who reads it."""

    @property
    def presence(self) -> str | None:
        """The website as an identifier: without path, and without `www.` (SMART 2.2.0 brands)."""
        host = urlsplit(self.website).netloc.lower().removeprefix("www.") if self.website else None
        return f"https://{host}" if host else None


_FILE = TypeAdapter(dict[str, Words])


def read_words(path: Path | None) -> dict[str, Words]:
    """Raises BadBrandFile, naming the element that is wrong."""
    if path is None:
        return {}
    try:
        if path.stat().st_size > _LONGEST_FILE:
            raise BadBrandFile(f"{path} is larger than 1 MB.")
        found = _FILE.validate_json(path.read_bytes())
        changed_at = int(path.stat().st_mtime * 1000)
    except OSError as fault:
        raise BadBrandFile(f"{path}: {fault.strerror}.") from None
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        raise BadBrandFile(f"{path}, {'.'.join(map(str, first['loc'])) or 'line 1'}: {first['msg']}.") from None
    return {practice: words.model_copy(update={"changed_at": changed_at}) for practice, words in found.items()}
