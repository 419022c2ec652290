"""Says whether two runs left the same bytes: every model file and metrics.jsonl of every stage.

Use: same_bytes.py RUN RUN NAME
"""
import sys
from pathlib import Path

from checks import Checks

KINDS = ('model.safetensors', 'metrics.jsonl', 'samples.jsonl')


def files(run):
    return sorted(p.relative_to(run) for p in run.rglob('*') if p.name in KINDS and 'checkpoints' not in p.parts)


first, second, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
checks = Checks()
checks.that(f'{name}: the same files', files(first) == files(second))
for stage in sorted({path.parts[0] for path in files(first)}):
    mine = [path for path in files(first) if path.parts[0] == stage]
    other = [path for path in mine if not (second / path).exists() or (first / path).read_bytes() != (second / path).read_bytes()]
    checks.that(f'{name}: {stage}', not other, f'differ: {", ".join(map(str, other))}' if other else f'{len(mine)} files equal to the byte')
checks.end()
