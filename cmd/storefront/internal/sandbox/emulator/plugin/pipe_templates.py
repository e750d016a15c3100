"""What a pipe sends: an input template and the parameters of its target, with the JSON paths of a record."""

import json
import re
import time

# A text in quotes, or a variable in angle brackets.
PART = re.compile(r'"(?:\\.|[^"\\])*"|<[^<>]*>')
VARIABLE = re.compile(r"<([^<>]*)>")
STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")

MISSING = object()


def at(record, path):
    """The value at a JSON path, such as $.dynamodb.Keys.id.S or $.list[0], or MISSING."""
    for name, index in STEP.findall(path.removeprefix("$")):
        if index:
            if not isinstance(record, list) or int(index) >= len(record):
                return MISSING
            record = record[int(index)]
        elif isinstance(record, dict) and name in record:
            record = record[name]
        else:
            return MISSING
    return record


def parameter(value, record, default=""):
    """The value of a parameter of the target, which may be a JSON path."""
    if not value or not value.startswith("$."):
        return value or default
    found = at(record, value)
    return found if isinstance(found, str) else "" if found is MISSING else json.dumps(found)


def reserved(pipe, record):
    return {
        "aws.pipes.pipe-arn": pipe["Arn"],
        "aws.pipes.pipe-name": pipe["Name"],
        "aws.pipes.source-arn": pipe["Source"],
        "aws.pipes.target-arn": pipe["Target"],
        "aws.pipes.event.ingestion-time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "aws.pipes.event": record,
        "aws.pipes.event.json": record,
    }


def render(template, pipe, record):
    """The text of a record. A pipe puts a text in quotes where JSON needs them, and does not escape the quotes that it has.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html"""
    if not template:
        return json.dumps(record)
    known = reserved(pipe, record)

    def value(name):
        return at(record, name) if name.startswith("$") else known.get(name, MISSING)

    def inside(match):
        found = value(match[1])
        return "" if found is MISSING else found if isinstance(found, str) else json.dumps(found).replace('"', "")

    def part(match):
        if match[0].startswith('"'):
            return VARIABLE.sub(inside, match[0])
        found = value(match[0][1:-1])
        return "" if found is MISSING else f'"{found}"' if isinstance(found, str) else json.dumps(found)

    return PART.sub(part, template)
