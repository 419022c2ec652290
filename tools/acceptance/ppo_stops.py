"""Compares ppo stages with the logs of TRL's PPOTrainer: how many iterations, where responses end, what they score. Two lines a stage.

Use: ppo_stops.py FOLDER      what tools/golden/ppo_stops.py has written, and our run of its stops.yaml
"""
import json
import sys
from pathlib import Path

from checks import Checks

LIMIT = 5e-5
folder = Path(sys.argv[1])
checks = Checks()
for stage, theirs in json.loads((folder / 'stops.json').read_text()).items():
    file = folder / 'runs/stops' / stage / 'metrics.jsonl'
    ours = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    keys = [key for key in ('episode', 'val/num_eos_tokens') if key in theirs[0]]
    found, wanted = ([[line[key] for key in keys] for line in lines] for lines in (ours, theirs))
    checks.that(f'{stage}: {", ".join(keys)}', found == wanted, str(found) + ('' if found == wanted else f', TRL {wanted}'))
    differences = [(abs(a[key] - b[key]), f'{key}, step {a["step"]}') for a, b in zip(ours, theirs) for key in ('objective/scores', 'objective/rlhf_reward')]
    largest, where = max(differences, default=(float('inf'), 'nothing logged'))
    checks.at_most(f'{stage}: scores', largest, LIMIT, where)
checks.end()
