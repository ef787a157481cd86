"""What R4 says: JSON, validation, the generated definitions."""
