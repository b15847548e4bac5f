"""The JSON Schema of a report. It is committed, so that a reader of reports can be written against it."""

from __future__ import annotations

import json
from importlib.resources import files

from mockint.reports.shapes import Report


def generated_schema() -> str:
    """From the shapes, as they serialise. Committed as report.schema.json; a test keeps the two equal."""
    schema = Report.model_json_schema(mode="serialization")
    about = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:mockint:report:1"}
    return json.dumps(about | schema, ensure_ascii=False, indent=2) + "\n"


def published_schema() -> str:
    """The schema as it is committed, as text."""
    return (files("mockint.reports") / "report.schema.json").read_text(encoding="utf-8")
