"""A FHIR R4 gateway between a therapy practice and everyone who shares its clients' care."""
