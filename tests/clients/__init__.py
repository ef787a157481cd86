"""Clients written by others, against a gateway that is served: npm packages in Node and in Chromium, and fhirclient of PyPI."""
