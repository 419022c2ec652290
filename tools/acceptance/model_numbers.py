"""Compares what ModelNumbers.java computed of random tiny models with transformers: log-probs, last logits, loss, every gradient's norm, and the models it wrote.

Use: model_numbers.py prepare OUT               makes every variant of tools/golden/tiny_models.py in OUT/tiny-<variant>, with a classifier of transformers' beside it
     model_numbers.py compare KERNELS FOLDER... reads FOLDER/numbers-KERNELS.json and expected.json
     model_numbers.py load FOLDER...            loads FOLDER/ours and FOLDER/ours-classifier in transformers
"""
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

from checks import Checks

LIMIT = 1e-5  # nats, logits, scores
LIMIT_OF_NORMS = 1e-4  # relative


def prepare(out):
    sys.path.insert(0, str(Path(__file__).parent.parent / 'golden'))
    import tiny_models as golden
    import torch
    golden.transformers.logging.set_verbosity_error()
    golden.transformers.logging.disable_progress_bar()
    for variant in golden.VARIANTS:
        folder = out / f'tiny-{variant}'
        golden.make(variant, folder)
        classifier = golden.AutoModelForSequenceClassification.from_pretrained(folder, num_labels=1)
        classifier.score.weight.data = torch.tensor([json.loads((folder / 'expected.json').read_text())['score_weight']])
        classifier.save_pretrained(folder / 'classifier')


def in_memory(name):
    """What transformers calls a tensor that it stores under `name`."""
    name = re.sub(r'experts\.\d+\.w[13]\.weight', 'experts.gate_up_proj', name.replace('.block_sparse_moe.', '.mlp.'))
    return re.sub(r'experts\.\d+\.w2\.weight', 'experts.down_proj', name)


def norms(gradients):
    squares = defaultdict(float)
    for name, norm in gradients.items():
        squares[in_memory(name)] += norm ** 2
    return {name: square ** 0.5 for name, square in squares.items()}


def flat(value):
    return [number for part in value for number in flat(part)] if isinstance(value, list) else [value]


def largest(ours, theirs):
    return max(abs(a - b) for a, b in zip(flat(ours), flat(theirs), strict=True))


def compare(checks, kernels, folder):
    ours, theirs = (json.loads((folder / file).read_text()) for file in (f'numbers-{kernels}.json', 'expected.json'))
    name = f'{folder.name}, {kernels}'
    checks.at_most(f'{name}: {len(ours["log_probs"])} log-probs, loss',
                   max(largest(ours['log_probs'], theirs['token_log_probs']), abs(ours['loss'] - theirs['loss'])), LIMIT)
    checks.at_most(f'{name}: last logits', largest(ours['last_logits'], theirs['last_logits']), LIMIT)
    ours_norms, their_norms = norms(ours['grad_l2']), norms(theirs['grad_l2'])
    if ours_norms.keys() != their_norms.keys():
        checks.that(f'{name}: gradients', False, f'not on both sides: {sorted(ours_norms.keys() ^ their_norms.keys())}')
    else:
        difference, where = max((abs(ours_norms[key] - norm) / norm if norm else ours_norms[key], key) for key, norm in their_norms.items())
        checks.at_most(f'{name}: norms of {len(their_norms)} gradients', difference, LIMIT_OF_NORMS, where)
    if 'scores' in ours:
        checks.at_most(f'{name}: scores of their classifier', largest(ours['scores'], theirs['scores']), LIMIT)


def load(checks, folder):
    import torch
    import transformers
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    expected = json.loads((folder / 'expected.json').read_text())
    for part, kind, wanted in (('ours', transformers.AutoModelForCausalLM, 'last_logits'),
                               ('ours-classifier', transformers.AutoModelForSequenceClassification, 'scores')):
        model, info = kind.from_pretrained(folder / part, dtype=torch.float32, output_loading_info=True)
        lost = {key: value for key, value in info.items() if value}
        if lost:
            checks.that(f'{folder.name}, in transformers: {part}', False, str(lost))
            continue
        model.eval()
        found = []
        with torch.no_grad():
            for ids in expected['sequences']:
                model(torch.tensor([[3, 4]]))  # dynamic rotary embeddings remember the longest sequence until they see a short one
                logits = model(torch.tensor([ids])).logits
                found.append(logits[0, -1].tolist() if part == 'ours' else logits.item())
        checks.at_most(f'{folder.name}, in transformers: {wanted.replace("_", " ")}', largest(found, expected[wanted]), LIMIT)


task, *rest = sys.argv[1:]
if task == 'prepare':
    prepare(Path(rest[0]))
else:
    checks = Checks()
    kernels = rest.pop(0) if task == 'compare' else None
    for folder in map(Path, rest):
        compare(checks, kernels, folder) if task == 'compare' else load(checks, folder)
    checks.end()
