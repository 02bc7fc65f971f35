#!/usr/bin/env python3
"""Writes a pair of descriptions in which N operations share M components.

    family.py SCALE FOLDER

Every operation reaches every component: through a chain, which leads into a ring where every member holds two others
and a choice, and through the choices their branches. Whoever walks the components once for each operation does work of
the order of N x M. At scale 1 there are 100 operations and 150 components; at scale k there are k times as many of each,
none of them wider than at scale 1. The revision has a change at a fixed share of the places. Standard output says how
many there are of what, as JSON.
"""

import json
import os
import sys

PATHS, LINKS, RINGS, CHOICES, BRANCHES = 50, 50, 48, 2, 25


def reference(name):
    return {"$ref": f"#/components/schemas/{name}"}


def record(value, **properties):
    return {"type": "object", "required": ["value"], "properties": {"value": value, **properties}}


def schemas(scale, is_revision):
    links, rings, choices = LINKS * scale, RINGS * scale, CHOICES * scale
    # Prime to every number of rings here, so that the ring is no ladder.
    far = rings // 2 - 1
    found = {}
    for at in range(links):
        longest = 50 if is_revision and at % 10 == 0 else 100
        following = reference(f"Link{at + 1}" if at + 1 < links else "Ring0")
        found[f"Link{at}"] = record({"type": "string", "maxLength": longest}, next=following)
    for at in range(rings):
        kind = "string" if is_revision and at % 12 == 0 else "integer"
        found[f"Ring{at}"] = record(
            {"type": kind},
            left=reference(f"Ring{(at + 1) % rings}"),
            right=reference(f"Ring{(at + far) % rings}"),
            choice=reference(f"Choice{at % choices}"),
        )
    for at in range(choices):
        names = [f"Branch{at}x{branch}" for branch in range(BRANCHES)]
        found[f"Choice{at}"] = {"oneOf": [reference(name) for name in names]}
        for branch, name in enumerate(names):
            words = [name, "any"]
            if is_revision and branch == 0:
                words.pop()
            found[name] = record({"type": "string", "enum": words}, back=reference(f"Ring{at}"))
    return found


def operation(name, is_revision, number):
    body = {"application/json": {"schema": record({"type": "string"}, data=reference("Link0"))}}
    has_new = is_revision and number % 10 == 0
    query = {"name": "since", "in": "query", "required": True, "schema": {"type": "string"}}
    found = {"operationId": name, "parameters": [query] if has_new else []}
    if name.startswith("post"):
        found["requestBody"] = {"required": True, "content": body}
    found["responses"] = {"200": {"description": "What was asked for.", "content": body}}
    return found


def description(scale, is_revision):
    paths = {}
    for at in range(PATHS * scale):
        get = operation(f"get{at}", is_revision, at)
        post = operation(f"post{at}", False, at)
        paths[f"/records/{at}"] = {"get": get, "post": post}
    return {
        "openapi": "3.0.3",
        "info": {"title": "A family", "version": "2" if is_revision else "1"},
        "paths": paths,
        "components": {"schemas": schemas(scale, is_revision)},
    }


def main():
    scale, folder = int(sys.argv[1]), sys.argv[2]
    for side, is_revision in (("base", False), ("revision", True)):
        with open(os.path.join(folder, f"{side}.json"), "w", encoding="ascii") as file:
            for piece in json.JSONEncoder(indent=1).iterencode(description(scale, is_revision)):
                file.write(piece)
    print(
        json.dumps(
            {
                "operations": 2 * PATHS * scale,
                "components": (LINKS + RINGS + CHOICES * (1 + BRANCHES)) * scale,
                "changed_components": (LINKS // 10 + RINGS // 12 + CHOICES) * scale,
                "changed_operations": PATHS // 10 * scale,
            }
        )
    )


main()
