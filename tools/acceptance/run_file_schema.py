"""Checks the JSON schema of run files: valid by draft 2020-12, every key described, right for the shipped run files, and against some that are wrong.

Use: run_file_schema.py RLHF4J        needs jsonschema and PyYAML
"""
import json
import re
import subprocess
import sys
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from checks import Checks


class Loader(yaml.SafeLoader):
    """Numbers as YAML 1.2 and the program read them: 1e-3 is one."""


Loader.yaml_implicit_resolvers = {key: [pair for pair in pairs if pair[0] not in ('tag:yaml.org,2002:float', 'tag:yaml.org,2002:bool')]
                                  for key, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver('tag:yaml.org,2002:float', re.compile(r'[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$'), list('-+.0123456789'))
Loader.add_implicit_resolver('tag:yaml.org,2002:bool', re.compile('true|false$'), list('tf'))


def output(*arguments):
    return subprocess.run([rlhf4j, *arguments], check=True, capture_output=True, text=True).stdout


rlhf4j = sys.argv[1]
checks = Checks()
schema = json.loads(output('schema'))
Draft202012Validator.check_schema(schema)
checks.that('schema: valid by draft 2020-12', True)
validator = Draft202012Validator(schema)
bare = [f'{name}.{key}' for name, stage in schema['$defs'].items() for key, value in stage.get('properties', {}).items()
        if name.startswith('stage-') and not value.get('description')]
checks.that('schema: every key of every stage is described', not bare, ', '.join(bare))
configs = sorted((Path(__file__).parents[2] / 'configs').glob('*.yaml'))
files = {config.name: config.read_text() for config in configs}
files |= {f'init {kind}': output('init', kind) for kind in ('pretrain', 'sft', 'reward', 'dpo', 'kto', 'ppo', 'evaluate', 'rlhf')}
for name, text in files.items():
    errors = [f'{"/".join(map(str, error.path))}: {error.message[:80]}' for error in validator.iter_errors(yaml.load(text, Loader))]
    checks.that(f'schema: {name}', not errors, '; '.join(errors[:3]))
for wrong in ('{}', 'stages: {}', 'stages: {cache: {type: sft}}', 'stages: {a: {type: sfft}}', 'stages: {a: {type: sft, model: m, dataset: d, betta: 1}}',
              'stages: {a: {type: sft, dataset: d}}', 'stages: {a: {type: sft, model: m, dataset: d, learning_rate: fast}}',
              'stages: {a: {type: dpo, model: m, dataset: {path: d, limt: 3}}}', 'sede: 3\nstages: {a: {type: evaluate}}'):
    checks.that(f'schema: refuses {wrong!r}', not validator.is_valid(yaml.load(wrong, Loader)))
checks.end()
