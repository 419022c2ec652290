"""Compares the metrics of stages with the logs of TRL's trainers, step by step: two lines a stage.

Use: trajectories.py EXPECTED RUN STAGE...      EXPECTED/<stage>.json: {"log": [{"step": 1, "loss": ...}, ...]}; RUN: the folder of our run
"""
import json
import math
import sys
from pathlib import Path

from checks import Checks

LIMIT = 5e-5  # relative: loss and gradient norm
LIMIT_OF_METRICS = 5e-5  # of the larger of 1 and the value: log-probs, rewards and logits are sums in float32
ELSEWHERE = ('step', 'epoch', 'learning_rate')  # ours has no epoch


def relative(ours, theirs):
    return abs(ours - theirs) / abs(theirs)


def scaled(ours, theirs):
    return abs(ours - theirs) / max(1, abs(theirs))


def largest(ours, theirs, keys, difference):
    """The largest difference (infinite where ours is no number) and where it is."""
    found = [(difference(a[key], b[key]), f'{key}, step {b["step"]}') for a, b in zip(ours, theirs) for key in keys if key in b]
    return max((value if value == value else math.inf, where) for value, where in found)


def check(name, found, limit):
    checks.at_most(name, found[0], limit, found[1])


expected, run = Path(sys.argv[1]), Path(sys.argv[2])
checks = Checks()
for stage in sys.argv[3:]:
    theirs = json.loads((expected / f'{stage}.json').read_text())['log']
    for line in theirs:  # where the policy is the reference all pairs are ties, and rounding decides who wins
        if line.get('rewards/margins') == 0:
            del line['rewards/accuracies']
    file = run / stage / 'metrics.jsonl'
    ours = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    ours = [line for line in ours if 'loss' in line]
    missing = {key for a, b in zip(ours, theirs) for key in b if key != 'epoch' and key not in a}
    if missing or [a['step'] for a in ours] != [b['step'] for b in theirs]:
        checks.that(stage, False, f'{len(ours)} of {len(theirs)} steps; not reported: {", ".join(sorted(missing)) or "nothing"}')
        continue
    rates = largest(ours, theirs, ['learning_rate'], relative)[0] if theirs[-1]['learning_rate'] else 0
    if rates > 1e-9:
        checks.that(stage, False, f'learning rates differ by {rates:.1e}')
    check(f'{stage}: loss, grad_norm', largest(ours, theirs, ['loss', 'grad_norm'], relative), LIMIT)
    metrics = sorted({key for b in theirs for key in b} - {'loss', 'grad_norm', *ELSEWHERE})
    check(f'{stage}: {len(metrics)} metrics', largest(ours, theirs, metrics, scaled), LIMIT_OF_METRICS)
checks.end()
