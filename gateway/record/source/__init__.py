"""Reading a practice's export into typed records: pure, without store or network.

A source table (TOML) says what the export's files and columns mean; `read` gives records, faults, and what was left out.
"""

from __future__ import annotations

from gateway.record.source.fault import LeftOut, RowFault, SourceRefused, TableRefused
from gateway.record.source.load import load_table
from gateway.record.source.native import read_records
from gateway.record.source.reading import Made, Reading, read
from gateway.record.source.table import SourceTable

__all__ = ["LeftOut", "Made", "Reading", "RowFault", "SourceRefused", "SourceTable", "TableRefused", "load_table", "read", "read_records"]
