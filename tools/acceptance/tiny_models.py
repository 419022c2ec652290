"""Compares log-probs, loss and greedy ids of the random tiny models with transformers', by the commands `score` and `generate`.

Use: tiny_models.py prepare SHARED OUT      copies each family to OUT/<family> with a tokenizer whose words are t0, t1, ..., writes ids.jsonl and the file prompt
     tiny_models.py compare SHARED OUT KERNELS      reads OUT/<family>/scored-KERNELS.jsonl and generated-KERNELS.jsonl
"""
import json
import shutil
import sys
from pathlib import Path

from checks import Checks

LIMIT = 1e-5  # nats

task, shared, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])


def word_tokenizer(size):
    return {'version': '1.0', 'truncation': None, 'padding': None, 'added_tokens': [], 'normalizer': None, 'pre_tokenizer': {'type': 'WhitespaceSplit'},
            'post_processor': None, 'decoder': None, 'model': {'type': 'WordLevel', 'vocab': {f't{i}': i for i in range(size)}, 'unk_token': 't0'}}


checks = Checks()
for folder in sorted((shared / 'data/tiny-models').iterdir()):
    copy = out / folder.name
    expected = json.loads((folder / 'expected.json').read_text())
    ids, log_probs, greedy = expected['input_ids'], expected['token_log_probs'], expected['greedy_from_first_8']
    if task == 'prepare':
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        size = json.loads((folder / 'config.json').read_text())['vocab_size']
        (copy / 'tokenizer.json').write_text(json.dumps(word_tokenizer(size)))
        (copy / 'tokenizer_config.json').write_text(json.dumps({'tokenizer_class': 'PreTrainedTokenizerFast', 'eos_token': f't{size - 1}'}))
        (copy / 'ids.jsonl').write_text(''.join(json.dumps({'ids': row}) + '\n' for row in ids))
        (copy / 'prompt').write_text(' '.join(f't{i}' for i in greedy[:8]))
        continue
    kernels = sys.argv[4]
    scored = [json.loads(line)['log_probs'] for line in (copy / f'scored-{kernels}.jsonl').read_text().splitlines()]
    generated = json.loads((copy / f'generated-{kernels}.jsonl').read_text().splitlines()[0])['ids']
    name = f'{folder.name}, {kernels}'
    differences = [abs(a - b) for ours, theirs in zip(scored, log_probs, strict=True) for a, b in zip(ours, theirs, strict=True)]
    checks.at_most(f'{name}: {len(differences)} log-probs', max(differences), LIMIT)
    loss = -sum(map(sum, scored)) / sum(map(len, scored))
    checks.at_most(f'{name}: loss', abs(loss - expected['loss']), LIMIT)
    equal = next((i for i, (a, b) in enumerate(zip(generated, greedy[8:])) if a != b), len(generated))
    checks.that(f'{name}: greedy ids', generated == greedy[8:], f'{equal} of {len(greedy) - 8} equal')
if task == 'compare':
    checks.end()
