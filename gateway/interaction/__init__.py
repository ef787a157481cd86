"""One file for each FHIR interaction: a short body under the spec page it keeps."""
