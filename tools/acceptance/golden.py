"""Compares the metrics of three runs with TRL's trajectories: relative differences of loss and gradient norm.

Use: golden.py SHARED RUN      RUN: the folder of a run with stages sft, reward and dpo
"""
import json
import sys
from pathlib import Path

from checks import Checks

LIMIT = 1e-4  # relative; the first five steps
LIMIT_OF_ALL = 1e-4  # relative; all fifty

shared, run = map(Path, sys.argv[1:3])
checks = Checks()
for stage in ('sft', 'reward', 'dpo'):
    theirs = json.loads((shared / f'data/golden/{stage}.json').read_text())['log']
    ours = [json.loads(line) for line in (run / stage / 'metrics.jsonl').read_text().splitlines()]
    ours = [line for line in ours if 'loss' in line]
    checks.that(f'golden {stage}: steps', [a['step'] for a in ours] == [b['step'] for b in theirs], f'{len(ours)}')
    for key in ('loss', 'grad_norm'):
        differences = [abs(a[key] - b[key]) / abs(b[key]) for a, b in zip(ours, theirs)]
        checks.at_most(f'golden {stage}: {key}, first 5 steps', max(differences[:5]), LIMIT)
        checks.at_most(f'golden {stage}: {key}, all steps', max(differences), LIMIT_OF_ALL)
checks.end()
