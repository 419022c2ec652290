"""GGUF files against llama.cpp. gguf.sh calls it in this order:

     gguf_files.py models PEERS SHARED OUT [MODEL ...]   writes OUT/models: SmolLM2, stories260k, and small random models of every family with SmolLM2's tokenizer
     gguf_files.py names OUT                    a line a model: its name, the types it is exported as
     gguf_files.py converted LLAMA OUT          convert_hf_to_gguf.py's files of the same models: tensors byte for byte, metadata
     gguf_files.py quantised LLAMA OUT RLHF4J   llama-quantize's files of our F32 files: types and bytes of tensors, log-probs of its files read here beside those of ours
     gguf_files.py computed LLAMA OUT RLHF4J    ids, log-probs and greedy ids of llama.cpp (LLAMA/gguf_llama) beside ours
"""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from checks import Checks

os.environ.update(HF_HUB_OFFLINE='1', TRANSFORMERS_VERBOSITY='error', CUDA_VISIBLE_DEVICES='')
CONTEXT = 256
ALL = ['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_K']
SMALL = dict(hidden_size=64, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512, bos_token_id=1, eos_token_id=2,
             initializer_range=0.1)
WIDE = dict(SMALL, hidden_size=256, intermediate_size=512)
LLAMA3 = dict(rope_type='llama3', rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=128)
# name -> (class, config)
RANDOM = {
    'llama': ('Llama', WIDE),
    'llama-biases': ('Llama', dict(SMALL, attention_bias=True, mlp_bias=True, head_dim=24)),
    'llama-llama3': ('Llama', dict(SMALL, rope_parameters=LLAMA3)),
    'llama-linear': ('Llama', dict(SMALL, rope_parameters=dict(rope_type='linear', rope_theta=10000.0, factor=2.0))),
    'mistral': ('Mistral', dict(SMALL, sliding_window=None)),
    'qwen2': ('Qwen2', dict(SMALL, tie_word_embeddings=True)),
    'qwen3': ('Qwen3', dict(SMALL, head_dim=32)),
    'mixtral': ('Mixtral', dict(SMALL, num_local_experts=4, num_experts_per_tok=2)),
    'gpt2': ('GPT2', dict(n_embd=64, n_layer=3, n_head=4, n_positions=512, initializer_range=0.1, bos_token_id=1, eos_token_id=2)),
}
TYPES = {'smollm2': ALL, 'stories260k': ALL, 'llama': ALL}
# nats; with all but F32 llama.cpp rounds the activations too, which we do not
LIMITS = {'F32': 1e-4, 'F16': 0.05, 'BF16': 0.3, 'Q8_0': 0.6, 'Q4_0': 1.2, 'Q4_K': 1.2}
TEXT = Path(__file__).parent.parent.parent / 'docs/papers.md'
PROMPTS = ['Once upon a time', 'The capital of France is', 'def square(x):']


def models(peers, shared, out, *wanted):
    import torch
    import transformers
    folder = Path(out) / 'models'
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Path(peers) / 'smollm2-hf'
    for name, source in (('smollm2', tokenizer), ('stories260k', Path(shared) / 'data/stories260k-hf')):
        if not wanted or name in wanted:
            shutil.copytree(source, folder / name, dirs_exist_ok=True)
    for name, (kind, config) in RANDOM.items():
        if wanted and name not in wanted:
            continue
        torch.manual_seed(7)
        made = getattr(transformers, kind + 'Config')(vocab_size=49152, **config)
        model = getattr(transformers, {'GPT2': 'GPT2LMHeadModel'}.get(kind, kind + 'ForCausalLM'))(made)
        for parameter in model.parameters():  # biases and norms of a fresh model are 0 and 1, which would hide where they go
            if parameter.dim() == 1:
                parameter.data.add_(torch.randn_like(parameter) * 0.1)
        model.save_pretrained(folder / name)
        for file in ('tokenizer.json', 'tokenizer_config.json'):
            shutil.copy(tokenizer / file, folder / name / file)


def names(out):
    for folder in sorted((Path(out) / 'models').iterdir()):
        yield folder.name, TYPES.get(folder.name, ['F32', 'Q8_0'])


def read(llama, file):
    sys.path.insert(0, str(Path(llama) / 'src/gguf-py'))
    from gguf import GGUFReader
    reader = GGUFReader(file)
    return {f.name: f.contents() for f in reader.fields.values()}, {t.name: t for t in reader.tensors}


def equal_bytes(one, other):
    return one.tensor_type == other.tensor_type and list(one.shape) == list(other.shape) and np.array_equal(one.data.view(np.uint8).ravel(), other.data.view(np.uint8).ravel())


def converted(llama, out):
    checks = Checks()
    script = Path(llama) / 'src/convert_hf_to_gguf.py'
    # scores: ours are those of the merges, where the script has one for all; names and sizes are for people
    free = {'general.name', 'general.size_label', 'tokenizer.ggml.scores', 'tokenizer.ggml.add_space_prefix', 'tokenizer.ggml.add_sep_token', 'tokenizer.ggml.token_type',
            'tokenizer.ggml.add_bos_token', 'tokenizer.ggml.add_eos_token', 'tokenizer.ggml.pre', 'tokenizer.ggml.eot_token_id'}
    for name, types in names(out):
        config = Path(out) / 'models' / name / 'config.json'
        keys = json.loads(config.read_text())
        if 'n_positions' in keys:  # the script reads n_ctx, which transformers 5 does not write any more
            config.write_text(json.dumps({'n_ctx': keys['n_positions'], **keys}))
        for kind in [each for each in types if each in ('F32', 'F16', 'BF16', 'Q8_0')][:2 if name == 'smollm2' else 4]:
            theirs = Path(out) / f'{name}-{kind}-theirs.gguf'
            # the name of the tokenizer is known to the script by a hash of its ids alone
            code = f'import sys, runpy; sys.argv = {[str(script), str(Path(out) / "models" / name), "--outtype", kind.lower(), "--outfile", str(theirs)]!r}; sys.path.insert(0, {str(script.parent)!r});' \
                   'from conversion.base import TextModel; known = TextModel.get_vocab_base_pre\n' \
                   'def pre(self, tokenizer):\n try: return known(self, tokenizer)\n except NotImplementedError: return "gpt-2"\n' \
                   f'TextModel.get_vocab_base_pre = pre; runpy.run_path({str(script)!r}, run_name="__main__")'
            done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, env={**os.environ, 'PYTHONPATH': str(Path(llama) / 'src/gguf-py')})
            if done.returncode:
                checks.that(f'{name} {kind}: convert_hf_to_gguf.py', False, done.stderr.strip().splitlines()[-1][:160])
                continue
            ours_keys, ours = read(llama, Path(out) / f'{name}-{kind}.gguf')
            their_keys, tensors = read(llama, theirs)
            # the script computes Llama 3's factors in float32: the last bit may differ
            same = sum(equal_bytes(ours[tensor], tensors[tensor]) or tensor == 'rope_freqs.weight' and np.allclose(ours[tensor].data, tensors[tensor].data, rtol=3e-7, atol=0)
                       for tensor in tensors if tensor in ours)
            checks.that(f'{name} {kind}: tensors of convert_hf_to_gguf.py', same == len(tensors) == len(ours), f'{same} of {len(tensors)} byte for byte')
            different = sorted(key for key in their_keys if key not in free and not key.startswith(('GGUF.', 'general.')) and their_keys[key] != ours_keys.get(key))
            checks.that(f'{name} {kind}: its metadata', not different, ', '.join(different) or f'{len(their_keys)} keys')
            os.remove(theirs) if kind not in ('F32', 'Q8_0') else None
    checks.end()


def llama_rows(llama, *arguments, rows=(), text=None):
    """The numbers that gguf_llama prints, a list a line."""
    given = text if text is not None else ''.join(' '.join(map(str, row)) + '\n' for row in rows)
    done = subprocess.run([Path(llama) / 'gguf_llama', *map(str, arguments)], input=given.encode(), capture_output=True)
    if done.returncode:
        raise RuntimeError((done.stderr.decode().strip().splitlines() or ['no message'])[-1])
    return [[float(each) for each in line.split()] for line in done.stdout.decode().splitlines()]


def ids_of(rlhf4j, out, model, text):
    data = Path(out) / 'text.jsonl'
    data.write_text(json.dumps({'text': text}) + '\n')
    result = Path(out) / 'ids.jsonl'
    subprocess.run([rlhf4j, 'tokenize', '--model', model, '--data', data, '--out', result], check=True, capture_output=True)
    return json.loads(result.read_text())['ids']


def scored(rlhf4j, out, model, rows):
    data, result = Path(out) / 'rows.jsonl', Path(out) / 'scored.jsonl'
    data.write_text(''.join(json.dumps({'ids': row}) + '\n' for row in rows))
    subprocess.run([rlhf4j, 'score', '--model', model, '--data', data, '--out', result], check=True, capture_output=True)
    return [json.loads(line)['log_probs'] for line in result.read_text().splitlines()]


def quantised(llama, out, rlhf4j):
    checks = Checks()
    for name, types in names(out):
        rows = None
        for kind, file_type in (('Q8_0', 7), ('Q4_0', 2), ('Q4_K', 15)):
            if kind not in types or 'Q4_K' not in types or name == 'stories260k':  # llama-quantize refuses rows that are no multiples of 32
                continue
            ours_file, theirs_file = Path(out) / f'{name}-{kind}.gguf', Path(out) / f'{name}-{kind}-quantised.gguf'
            llama_rows(llama, 'quantize', Path(out) / f'{name}-F32.gguf', theirs_file, file_type)
            _, ours = read(llama, ours_file)
            _, theirs = read(llama, theirs_file)
            kinds = sum(ours[tensor].tensor_type == theirs[tensor].tensor_type for tensor in theirs)
            same = sum(equal_bytes(ours[tensor], theirs[tensor]) for tensor in theirs)
            checks.that(f'{name} {kind}: types of llama-quantize', kinds == len(theirs) == len(ours), f'{kinds} of {len(theirs)}; {same} tensors byte for byte')
            rows = rows or [ids_of(rlhf4j, out, ours_file, TEXT.read_text()[:1500])[:CONTEXT]]
            one, other = (np.array(scored(rlhf4j, out, file, rows)[0]) for file in (ours_file, theirs_file))
            checks.at_most(f'{name} {kind}: its file read here', float(np.abs(one - other).max()), 0.1)
    checks.end()


def computed(llama, out, rlhf4j):
    checks = Checks()
    text = TEXT.read_text()[:1500]
    for name, types in names(out):
        for kind in types:
            file = Path(out) / f'{name}-{kind}.gguf'
            ids = ids_of(rlhf4j, out, file, text)
            theirs = [int(each) for each in llama_rows(llama, 'tokens', file, text=text)[0]]
            checks.that(f'{name} {kind}: {len(ids)} ids', ids == theirs, '')
            rows = [ids[:CONTEXT]]
            ours, theirs = np.array(scored(rlhf4j, out, file, rows)[0]), np.array(llama_rows(llama, 'logprobs', file, rows=rows)[0])
            limit = max(LIMITS[kind], 5e-3 if name == 'gpt2' else 0)  # ggml reads GELU from a table of halves
            checks.at_most(f'{name} {kind}: {len(ours)} log-probs', float(np.abs(ours - theirs).max()), limit)
        file, prompts = Path(out) / f'{name}-F32.gguf', Path(out) / 'prompts.jsonl'
        prompts.write_text(''.join(json.dumps({'prompt': prompt}) + '\n' for prompt in PROMPTS))
        subprocess.run([rlhf4j, 'generate', '--model', file, '--data', prompts, '--max-new-tokens', '32', '--greedy', '--out', Path(out) / 'greedy.jsonl'], capture_output=True, check=True)
        ours = [json.loads(line)['ids'] for line in (Path(out) / 'greedy.jsonl').read_text().splitlines()]
        theirs = llama_rows(llama, 'greedy', file, 32, rows=[ids_of(rlhf4j, out, file, prompt) for prompt in PROMPTS])
        same = sum(one == [int(each) for each in other] for one, other in zip(ours, theirs, strict=True))
        checks.that(f'{name}: greedy ids of {len(PROMPTS)} prompts', same == len(PROMPTS), f'{same} equal')
    checks.end()


if __name__ == '__main__':
    task, arguments = sys.argv[1], sys.argv[2:]
    if task == 'names':
        for name, types in names(*arguments):
            print(name, *types)
    else:
        {'models': models, 'converted': converted, 'quantised': quantised, 'computed': computed}[task](*arguments)
