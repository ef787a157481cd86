"""FHIR's interactions and search, asked over HTTP on both engines."""
