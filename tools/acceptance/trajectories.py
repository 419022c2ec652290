"""Compares the metrics of stages with the logs of TRL's trainers, step by step: two lines a stage.

Use: trajectories.py RUN EXPECTED.json...      RUN: the folder of our run; a file with the log of one stage, named after it, or of many (tools/golden/trajectories.py)
"""
import json
import math
import sys
from pathlib import Path

from checks import Checks

LIMIT = 5e-5  # relative: loss and gradient norm
LIMIT_OF_METRICS = 5e-5  # of the larger of 1 and the value: log-probs, rewards and logits are sums in float32
LIMIT_OF_RATES = 1e-8  # relative
LIMIT_OF_TOKEN_ACCURACY = 5e-3  # a token of some hundred whose two best logits are equal to rounding
OTHERS = {'step', 'epoch', 'loss', 'grad_norm', 'learning_rate', 'mean_token_accuracy'}

run = Path(sys.argv[1])
checks = Checks()


def relative(ours, theirs):
    return 0 if ours == theirs else abs(ours - theirs) / abs(theirs) if theirs else math.inf


def scaled(ours, theirs):
    return abs(ours - theirs) / max(1, abs(theirs))


def check(name, ours, theirs, keys, difference, limit):
    """The largest difference (infinite where ours is no number) and where it is."""
    found = [(difference(a[key], b[key]), f'{key}, step {b["step"]:.0f}') for a, b in zip(ours, theirs) for key in keys if key in b]
    largest, where = max((value if value == value else math.inf, where) for value, where in found)
    checks.at_most(name, largest, limit, where)


def compare(stage, theirs):
    file = run / stage / 'metrics.jsonl'
    ours = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    if 'best_step' in theirs[-1]:
        best = theirs.pop()
        summary = json.loads((run / 'summary.json').read_text())['stages'].get(stage, {}).get('metrics', {})
        checks.that(f'{stage}: best model', summary.get('best_step') == best['best_step'],
                    f'of step {summary.get("best_step")}, stopped at {ours[-1]["step"] if ours else 0}; TRL: {best["best_step"]}, {theirs[-1]["step"]:.0f}')
    if all('loss' in line for line in theirs):
        ours = [line for line in ours if 'loss' in line]
    missing = {key for a, b in zip(ours, theirs) for key in b.keys() - a.keys()}
    if missing or [a['step'] for a in ours] != [b['step'] for b in theirs]:
        checks.that(stage, False, f'{len(ours)} of {len(theirs)} steps; not reported: {", ".join(sorted(missing)) or "nothing"}')
        return
    for line in theirs:  # where the policy is the reference all pairs are ties, and rounding decides who wins
        if line.get('rewards/margins') == 0:
            line.pop('rewards/accuracies', None)
    if 'frac_reward_zero_std' in theirs[0]:  # GRPO's loss is a sum of advantages near 0, of which rounding is left
        check(f'{stage}: loss', ours, theirs, ['loss'], scaled, LIMIT)
        check(f'{stage}: grad_norm', ours, theirs, ['grad_norm'], relative, LIMIT)
    else:
        check(f'{stage}: loss, grad_norm', ours, theirs, ['loss', 'grad_norm'], relative, LIMIT)
    if any('epoch' in line for line in theirs):
        check(f'{stage}: epoch', ours, theirs, ['epoch'], relative, LIMIT_OF_RATES)
    if len({line['learning_rate'] for line in theirs if 'learning_rate' in line}) > 1:
        check(f'{stage}: learning rate', ours, theirs, ['learning_rate'], relative, LIMIT_OF_RATES)
    if any('mean_token_accuracy' in line for line in theirs):
        check(f'{stage}: token accuracy', ours, theirs, ['mean_token_accuracy'], scaled, LIMIT_OF_TOKEN_ACCURACY)
    metrics = sorted({key for line in theirs for key in line} - OTHERS)
    if metrics:  # TRL's distillation logs none
        check(f'{stage}: {len(metrics)} metrics', ours, theirs, metrics, scaled, LIMIT_OF_METRICS)


for path in map(Path, sys.argv[2:]):
    content = json.loads(path.read_text())
    for stage, log in ({path.stem: content['log']} if 'log' in content else content).items():
        if stage != 'generator':
            compare(stage, log)
checks.end()
