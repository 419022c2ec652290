"""Compares generated texts and scores with those that transformers made of stories260k-hf.

Use: generation.py requests SHARED OUT      writes OUT/prompt-<i>, OUT/expected-<i> (the continuation) and OUT/score.jsonl
     generation.py compare SHARED OUT       reads OUT/text-<i> (what `generate` printed) and OUT/scored.jsonl
"""
import json
import sys
from pathlib import Path

from checks import Checks

LIMIT = 1e-4  # nats a token

task, shared, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
expected = json.loads((shared / 'data/stories260k-hf/expected.json').read_text())
if task == 'requests':
    for i, entry in enumerate(expected['greedy']):
        (out / f'prompt-{i}').write_text(entry['prompt'])
        (out / f'tokens-{i}').write_text(str(entry['max_new_tokens']))
    with open(out / 'score.jsonl', 'w') as file:
        for entry in expected['log_probs']:
            file.write(json.dumps({'ids': entry['ids']}) + '\n')
    sys.exit()

checks = Checks()
for i, entry in enumerate(expected['greedy']):
    text = (out / f'text-{i}').read_text()
    wanted = entry['text'][len(entry['prompt']):] + '\n'
    first = next((k for k in range(len(wanted)) if text[k:k + 1] != wanted[k]), len(wanted))
    checks.that(f'greedy text of {entry["prompt"]!r}', text == wanted, f'{first} of {len(wanted)} characters equal')
scored = [json.loads(line) for line in (out / 'scored.jsonl').read_text().splitlines()]
checks.that('score: a line for each line', [s['ids'] for s in scored] == [e['ids'] for e in expected['log_probs']])
differences = [abs(a - b) for s, e in zip(scored, expected['log_probs']) for a, b in zip(s['log_probs'], e['log_probs'])]
checks.at_most(f'score of {len(scored)} texts, {len(differences)} tokens', max(differences), LIMIT)
checks.end()
