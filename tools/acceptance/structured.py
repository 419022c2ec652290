"""What StructuredSuite wrote, under jsonschema: every text is JSON and valid, and no instance that the suite calls invalid is in a grammar.

Use: python tools/acceptance/structured.py TEXTS.jsonl [DRAFT]     needs jsonschema with its formats: pip install 'jsonschema[format]'
"""
import collections
import json
import re
import sys
from decimal import Decimal

import jsonschema

DRAFTS = {"4": jsonschema.Draft4Validator, "7": jsonschema.Draft7Validator, "2020-12": jsonschema.Draft202012Validator}


def multiple_of(validator, of, instance, schema):
    """In decimals: 0.1891 is a multiple of 0.0001, though not of the nearest doubles."""
    if validator.is_type(instance, "number") and Decimal(str(instance)) % Decimal(str(of)) != 0:
        yield jsonschema.ValidationError(f"{instance!r} is not a multiple of {of}")


validator = jsonschema.validators.extend(DRAFTS[sys.argv[2] if len(sys.argv) > 2 else "2020-12"], {"multipleOf": multiple_of})
refused, schemas, texts, bad, wrong, accepted, valid, unread = collections.Counter(), 0, 0, [], [], 0, 0, 0
for line in map(json.loads, open(sys.argv[1], encoding="utf-8")):
    if "refused" in line:
        refused[re.sub(r".*#\S* ", "", line["refused"])[:70]] += 1
        continue
    schemas += 1
    check = validator(line["schema"], format_checker=validator.FORMAT_CHECKER)
    for text in line["texts"]:
        texts += 1
        if line["file"] == "ecmascript-regex.json":  # \\w and \\s are others in Python
            unread += 1
            continue
        try:
            value = json.loads(text)
            if not check.is_valid(value):
                bad.append((line["file"], line["schema"], text))
        except re.error:
            unread += 1  # a pattern that Python does not read
        except (json.JSONDecodeError, RecursionError) as e:
            bad.append((line["file"], line["schema"], text, str(e)))
    for test in line["tests"]:
        valid += test["valid"]
        accepted += test["valid"] and test["accepted"]
        if test["accepted"] and not test["valid"]:
            wrong.append((line["file"], line["schema"], test["data"]))
for problem in bad[:20]:
    print("INVALID", *problem)
for problem in wrong[:20]:
    print("ACCEPTED", *problem)
print(f"{'OUT' if bad or wrong else 'ok'}  {schemas} schemas: {texts - len(bad)} of {texts} texts are valid ({unread} have a pattern that Python does not read); {len(wrong)} invalid instances are accepted, and {accepted} of {valid} valid ones; {sum(refused.values())} schemas are refused")
for message, count in refused.most_common(40):
    print(f"    {count} {message}")
sys.exit(bool(bad or wrong))
