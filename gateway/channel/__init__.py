"""One file for each way to reach a partner: composes and parses for one wire, calls nobody."""
