"""A reconciled medication list comes in (List of mode `changes`): each entry that says what was done is one change.

https://hl7.org/fhir/R4/list.html; entries without flag or `deleted` say nothing of a change.
"""

from __future__ import annotations

from typing import Any

from gateway.context import Context
from gateway.fhir.medication import Drug, dose_of, dose_texts, drug_of
from gateway.incoming.ground import found_at, keep
from gateway.medication.change import ENDED, line, sentence
from gateway.medication.heard import heard
from gateway.medication.unheld import unheld_of
from gateway.record.types import MedicationChange
from gateway.store import record as records
from gateway.store.engine import Connection
from gateway.store.resource import Stored
from mappings.from_fhir import reading

_MEDICATIONS = ("MedicationRequest", "MedicationStatement", "MedicationDispense", "Medication")
_FLAG = "urn:oid:1.2.36.1.2001.1001.101.104.16592"
_BY_FLAG = {"01": "unchanged", "02": "dose-changed", "03": "stopped", "04": "started", "05": "stopped", "06": "held"}
"""R4's list-item-flag: unchanged, changed, cancelled, prescribed, ceased, suspended (https://hl7.org/fhir/R4/valueset-list-item-flag.html)."""
_IN_WORDS = {"unchanged": "unchanged", "changed": "dose-changed", "cancelled": "stopped", "prescribed": "started", "ceased": "stopped", "suspended": "held"}
_CHANGED = "{drug} was changed; it is now: {new}."


def receive_list(context: Context, connection: Connection, stored: Stored, resource: dict[str, Any]) -> None:
    """Write one change for each entry that tells one; what the entry's own resource has told already in that version is told once."""
    if stored.patient is None or resource.get("mode") != "changes" or resource.get("status") != "current":
        return
    for at, entry in enumerate(resource.get("entry", ())):
        item = _item(context, connection, stored, entry)
        change = _change(entry, item)
        record_id = f"{stored.type}-{stored.id}-{stored.version}-{at}"
        if change is None or _told_already(context, connection, item, change) or records.exists(connection, context.principal.practice, MedicationChange.kind, record_id):
            continue
        record = _record(context, connection, stored, resource, at, item, change)
        keep(context, connection, record, topic="medication-changed", told={"patient": stored.patient, "change": change})


def _item(context: Context, connection: Connection, stored: Stored, entry: dict[str, Any]) -> tuple[Stored, dict[str, Any]] | None:
    """The medication that an entry names, where it is stored and this patient's; None also for what is no medication."""
    found = found_at(connection, context.principal.practice, str(entry.get("item", {}).get("reference", "")))
    return found if found and found[0].patient == stored.patient and found[0].type in _MEDICATIONS else None


def _change(entry: dict[str, Any], item: tuple[Stored, dict[str, Any]] | None) -> Any:
    """None where nothing says that something was done, or where the entry is about no medication."""
    reference = str(entry.get("item", {}).get("reference", ""))
    if "/" in reference and reference.split("/")[-2] not in _MEDICATIONS:
        return None
    if entry.get("deleted"):
        return "stopped"
    flag = entry.get("flag")
    if flag is None:
        return None
    by_code = next((_BY_FLAG[code] for code in reading.coded({"flag": flag}, "flag", _FLAG) if code in _BY_FLAG), None)
    return by_code or _IN_WORDS.get((reading.title_of(flag) or "").casefold()) or ENDED.get(str((item[1] if item else {}).get("status")), "dose-changed")


def _told_already(context: Context, connection: Connection, item: tuple[Stored, dict[str, Any]] | None, change: str) -> bool:
    if item is None:
        return False
    kept = records.read(connection, context.principal.practice, MedicationChange.kind, f"{item[0].type}-{item[0].id}-{item[0].version}")
    told = MedicationChange.model_validate_json(kept.body).change if kept else None
    return told == change or (told is not None and change == "dose-changed") or (told, change) == ("switched", "started")


def _record(
    context: Context, connection: Connection, stored: Stored, resource: dict[str, Any], at: int, item: tuple[Stored, dict[str, Any]] | None, change: Any
) -> MedicationChange:
    entry = resource["entry"][at]
    drug = drug_of(item[1]) if item else _as_named(entry)
    new = dose_texts(None, dose_of(item[1]))[1] if item else "dose not stated"
    record = MedicationChange(
        **heard(context, connection, stored, drug, resource.get("source", {}), f"#entry[{at}]"),
        id=f"{stored.type}-{stored.id}-{stored.version}-{at}",
        change=change,
        new_dose=line(new) if change not in ("stopped", "entered-in-error") else None,
        effective=entry.get("date", resource.get("date")),
        reason=reading.title_of(entry.get("flag")),
        note=reading.joined(reading.every(resource, "note.text")),
        sentence=sentence(change, drug, None, line(new), form=_CHANGED if change == "dose-changed" else ""),
    )
    others = tuple(f"List.entry[{other}]" for other in range(len(resource["entry"])) if other != at)
    unheld = unheld_of(record, resource, "entry.flag.coding.code", "entry.flag.coding.system")
    return record.model_copy(update={"unheld": tuple(path for path in unheld if not _within(path, others))})


def _within(path: str, others: tuple[str, ...]) -> bool:
    return any(path == other or path.startswith(f"{other}.") for other in others)


def _as_named(entry: dict[str, Any]) -> Drug:
    return drug_of({"medicationCodeableConcept": {"text": str(entry.get("item", {}).get("display", ""))}})
