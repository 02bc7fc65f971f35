#!/usr/bin/env python3
"""Writes the bill of materials of the image as SPDX 2.3 JSON.

    image/sbom.py BINARY OUTPUT

Crates come from Cargo.lock as cargo resolves it for this platform, without what only builds and tests use; libraries, busybox and certificates
from this system's packages. The same inputs give the same bytes; SOURCE_DATE_EPOCH is the time of creation.
"""

import datetime
import hashlib
import json
import os
import pathlib
import subprocess
import sys


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def crates():
    """Name, version and licence of every crate that is linked."""
    host = next(line.split()[1] for line in run("rustc", "-vV").splitlines() if line.startswith("host:"))
    built = ("--locked", "--features", "attestations")
    metadata = json.loads(run("cargo", "metadata", *built, "--format-version", "1", "--filter-platform", host))
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    reached, waiting = set(), [metadata["resolve"]["root"]]
    while waiting:
        package = waiting.pop()
        if package in reached:
            continue
        reached.add(package)
        for dependency in nodes[package]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                waiting.append(dependency["pkg"])
    for package in metadata["packages"]:
        if package["id"] in reached:
            yield package["name"], package["version"], package["license"] or "NOASSERTION"


def system_packages(binary):
    """Name and version of every Debian package that gives the image a file."""
    files = {"/usr/bin/busybox", "/bin/busybox"}
    for line in run("ldd", binary).splitlines():
        files |= {word for word in line.split() if word.startswith("/")}
    owners = {"ca-certificates"}
    for file in sorted(files):
        for path in {file, os.path.realpath(file), os.path.realpath(file).removeprefix("/usr")}:
            found = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True)
            owners |= {line.split(":")[0] for line in found.stdout.splitlines() if ": /" in line}
    for owner in sorted(owners):
        yield owner, run("dpkg-query", "-W", "-f", "${Version}\n", owner).splitlines()[0]


def entry(kind, name, version, licence):
    return {
        "SPDXID": "SPDXRef-" + "".join(c if c.isalnum() else "-" for c in f"{kind}-{name}-{version}"),
        "name": name,
        "versionInfo": version,
        "licenseDeclared": licence.replace("/", " OR "),
        "licenseConcluded": "NOASSERTION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": f"pkg:{kind}/{name}@{version}",
            }
        ],
    }


def main():
    binary, output = sys.argv[1:]
    packages = [entry("cargo", *crate) for crate in crates()]
    packages += [entry("deb/debian", name, version, "NOASSERTION") for name, version in system_packages(binary)]
    packages.sort(key=lambda package: package["SPDXID"])
    digest = hashlib.sha256(pathlib.Path(binary).read_bytes()).hexdigest()
    created = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.timezone.utc)
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "rollgate",
        "documentNamespace": f"https://spdx.org/spdxdocs/rollgate-{digest}",
        "creationInfo": {"created": created.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: image/sbom.py"]},
        "packages": packages,
        "relationships": [
            {
                "spdxElementId": "SPDXRef-DOCUMENT",
                "relationshipType": "DESCRIBES",
                "relatedSpdxElement": package["SPDXID"],
            }
            for package in packages
        ],
    }
    path = pathlib.Path(output)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n")


main()
