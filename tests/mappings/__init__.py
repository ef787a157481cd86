"""The mappings: record by record, code by code, and all of them against R4 and US Core."""
