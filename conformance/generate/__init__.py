"""Generators: from HL7's published R4 definitions to the tables that the gateway loads.

Run `python -m conformance.generate` with HANDOFF_REFERENCE_DATA set; the results are committed, and a test regenerates them.
"""
