"""Writes packs.json: what TRL's pack_dataset makes of 1,037 sequences, as the number of packs and the SHA-256 of their text for each strategy.

Needs trl 1.16.0: `python tools/golden/packs.py > datasets/src/test/resources/io/github/rlhf4j/datasets/tokens/packs.json`.
Sequence i has 1 + (7 i i + 13 i) mod 41 tokens, its j-th is 3 + (31 i + 17 j) mod 97. A pack is a line: ids, and for bfd and bfd_split a bar and the lengths of its sequences.
"""
import hashlib, json, os

os.environ['HF_DATASETS_DISABLE_PROGRESS_BARS'] = '1'
import trl
from datasets import Dataset, disable_caching

disable_caching()
rows = [[3 + (31 * i + 17 * j) % 97 for j in range(1 + (7 * i * i + 13 * i) % 41)] for i in range(1037)]
print(f'{{"generator": "tools/golden/packs.py with trl {trl.__version__}", "max_length": 16', end='')
for strategy in ('bfd', 'bfd_split', 'wrapped'):
    packs = trl.pack_dataset(Dataset.from_dict({'input_ids': rows}), 16, strategy)
    lengths = ['|' + ' '.join(map(str, of)) for of in packs['seq_lengths']] if strategy != 'wrapped' else [''] * len(packs)
    text = ''.join(' '.join(map(str, ids)) + of + '\n' for ids, of in zip(packs['input_ids'], lengths))
    print(f',\n "{strategy}": ' + json.dumps({'packs': len(packs), 'sha256': hashlib.sha256(text.encode()).hexdigest()}), end='')
print('}')
