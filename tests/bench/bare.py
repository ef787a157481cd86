"""The least that Flask can do: one route that returns bytes it already holds (the file named by BENCH_BODY)."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response

app = Flask(__name__)
_BODY = Path(os.environ["BENCH_BODY"]).read_bytes()


@app.get("/")
def body() -> Response:
    return Response(_BODY, mimetype="application/fhir+json")
