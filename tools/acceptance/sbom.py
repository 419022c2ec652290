"""tools/acceptance/sbom.py ARCHIVE: holds the CycloneDX list in an archive of the program (dist/target/rlhf4j-VERSION.tar.gz) against the jars beside it, a line a check.

With cyclonedx-python-lib[json-validation] (seen with 11.12.0) the list is held against CycloneDX's own schema too.
"""

import hashlib
import json
import re
import sys
import tarfile
from pathlib import Path

failed = 0


def check(name, wrong):
    global failed
    failed += bool(wrong)
    print(f"{'OUT' if wrong else 'ok'}: {name}" + (f": {wrong}" if wrong else ""))


def file_of(component):
    classifier = re.search("classifier=([^&]+)", component["purl"])
    return f"{component['name']}-{component['version']}{'-' + classifier.group(1) if classifier else ''}.jar"


jars, listed, table, text = {}, {}, set(), None
with tarfile.open(sys.argv[1]) as archive:
    for member in archive:
        path = member.name.split("/", 1)[-1]
        if path.startswith("lib/") and path.endswith(".jar"):
            jars[path[4:]] = hashlib.sha256(archive.extractfile(member).read()).hexdigest()
        elif path == "sbom.cdx.json":
            text = archive.extractfile(member).read().decode()
        elif path == "docs/third-party.md":
            table = set(re.findall(r"^\| ([\w.-]+:[\w.-]+) \|", archive.extractfile(member).read().decode(), re.M))
if text is None:
    sys.exit("OUT: the archive has no sbom.cdx.json; it was made with -o, which leaves it out")
components = json.loads(text)["components"]
for component in components:
    listed[file_of(component)] = {h["alg"]: h["content"] for h in component.get("hashes", [])}.get("SHA-256")
check(f"{len(jars)} jars, each listed", sorted(set(jars) - set(listed)))
check("nothing listed that is not there", sorted(set(listed) - set(jars)))
check("SHA-256 of each jar", [jar for jar in jars if jar in listed and listed[jar] != jars[jar]])
check("a licence of each", [c["name"] for c in components if not c.get("licenses")])
others = {f"{c['group']}:{c['name']}" for c in components if not c["name"].startswith("rlhf4j-")}
check("each is in docs/third-party.md", sorted(others - table))
try:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    version = SchemaVersion.from_version(json.loads(text)["specVersion"])
    check(f"CycloneDX {version.to_version()}, schema", JsonStrictValidator(version).validate_str(text))
except ImportError:
    print("left out: the schema, since cyclonedx-python-lib is not installed")
sys.exit(1 if failed else 0)
