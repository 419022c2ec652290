"""Whether transformers' generate stops where ours stops, with the same greedy text, on what our stages write: every family, three tokenizers, every kind of stage.

Use: generate_in_transformers.py prepare SMOLLM2 OUT     writes OUT/<family>-<tokenizer>, small random models whose config.json names no begin, end or pad token, and OUT/run.yaml, which trains them
     generate_in_transformers.py compare OUT             compares OUT/<model>.jsonl and OUT/<model>-stop.jsonl, which `generate` wrote, with transformers' generate; a line a model
     generate_in_transformers.py models OUT              prints the folders of the trained models
"""
import json
import os
import shutil
import sys
from pathlib import Path

os.environ['HF_HUB_OFFLINE'] = '1'

NEW_TOKENS = 16
STOP = 'an'
ROWS = [('What is red?', ' A brick.'), ('What is blue?', ' The sky and the sea.'), ('Who are you?', ' A bot.'), ('Name two foods.', ' Bread, banana.'),
        ('Name two jobs.', ' Baker, mason.'), ('Say nothing.', ' '), ('Count.', ' One two three four five six seven eight nine ten eleven twelve.')]
BASE = dict(hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=128, tie_word_embeddings=True)
FAMILIES = {'llama': BASE, 'mistral': BASE, 'qwen2': BASE, 'qwen3': {**BASE, 'head_dim': 8}, 'mixtral': {**BASE, 'num_local_experts': 2, 'num_experts_per_tok': 1},
            'gpt2': dict(n_embd=32, n_layer=2, n_head=4, n_positions=128)}
IDS = ('bos_token_id', 'eos_token_id', 'pad_token_id')


def gpt2_like(folder):
    """Byte-level BPE with one special token, which is begin, end and unknown."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator([p + c for p, c in ROWS], trainers.BpeTrainer(
        vocab_size=320, special_tokens=['<|endoftext|>'], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    end = '<|endoftext|>'
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=end, eos_token=end, unk_token=end).save_pretrained(folder)


def prepare(smollm2, out):
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
    gpt2_like(out / 'tokenizer-gpt2like')
    sources = {f'{family}-gpt2like': (family, out / 'tokenizer-gpt2like') for family in FAMILIES}
    sources['llama-smollm2'] = ('llama', smollm2)
    sources['gpt2-smollm2'] = ('gpt2', smollm2)
    for name, (family, tokenizer) in sources.items():
        torch.manual_seed(len(name))
        sizes = dict(FAMILIES[family], vocab_size=len(AutoTokenizer.from_pretrained(tokenizer)))
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(family, **sizes))
        folder = out / name
        model.save_pretrained(folder)
        for file in ('tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'):
            if (Path(tokenizer) / file).exists():
                shutil.copy(Path(tokenizer) / file, folder / file)
        config = json.loads((folder / 'config.json').read_text())
        (folder / 'config.json').write_text(json.dumps({key: value for key, value in config.items() if key not in IDS}))
        (folder / 'generation_config.json').unlink(missing_ok=True)
    kept = out / 'llama-kept'  # with a generation_config.json of its own
    shutil.copytree(out / 'llama-gpt2like', kept)
    (kept / 'generation_config.json').write_text(json.dumps({'eos_token_id': [0, 65], 'do_sample': True, 'temperature': 0.7, 'top_p': 0.9}))
    (out / 'rows.jsonl').write_text(''.join(json.dumps({'prompt': p, 'completion': c}) + '\n' for p, c in ROWS))
    (out / 'prompts.jsonl').write_text(''.join(json.dumps({'prompt': p}) + '\n' for p, _ in ROWS))
    (out / 'pairs.jsonl').write_text(''.join(json.dumps({'prompt': p, 'chosen': c, 'rejected': ' No.'}) + '\n' for p, c in ROWS))
    (out / 'texts.jsonl').write_text(''.join(json.dumps({'text': p + c}) + '\n' for p, c in ROWS))
    sft = f'dataset: {out}/rows.jsonl, max_steps: 60, batch_size: 7, learning_rate: 1e-2, apply_chat_template: false'
    few = 'max_steps: 2, batch_size: 4, learning_rate: 1e-6'
    lines = ['name: ends', 'seed: 3', f'output_dir: {out}/runs', 'stages:']
    lines += [f'  {name}: {{type: sft, model: {out}/{name}, {sft}}}' for name in [*sources, 'llama-kept']]
    lines += [
        f'  pretrain: {{type: pretrain, dataset: {out}/texts.jsonl, max_steps: 20, batch_size: 4, max_length: 64, learning_rate: 3e-3, tokenizer: {{vocab_size: 300}},',
        '    architecture: {hidden_size: 32, intermediate_size: 48, num_hidden_layers: 2, num_attention_heads: 4, max_position_embeddings: 128}}',
        f'  own: {{type: sft, model: pretrain, {sft}}}',
        f'  dpo: {{type: dpo, model: own, dataset: {out}/pairs.jsonl, {few}}}',
        f'  kto: {{type: kto, model: llama-gpt2like, dataset: {out}/pairs.jsonl, {few}}}',
        f'  reward: {{type: reward, model: own, dataset: {out}/pairs.jsonl, {few}}}',
        f'  ppo: {{type: ppo, model: own, reward_model: reward, dataset: {out}/prompts.jsonl, {few}, response_length: 12, ema_decay: 0.9}}']
    (out / 'run.yaml').write_text('\n'.join(lines) + '\n')


def models(out):
    run = out / 'runs/ends'
    return sorted(p.parent for p in run.glob('*/model/config.json') if p.parent.parent.name != 'reward') + [run / 'ppo/ema']


def name(folder):
    return folder.parent.name + ('' if folder.name == 'model' else '-' + folder.name)


def compare(out):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from checks import Checks
    checks = Checks()
    for folder in models(out):
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder)
        for ending, more in (('', {}), ('-stop', dict(stop_strings=[STOP], tokenizer=tokenizer))):
            ours = [json.loads(line) for line in (out / f'{name(folder)}{ending}.jsonl').read_text().splitlines()]
            same = stopped = 0
            for line in ours:
                inputs = tokenizer(line['prompt'], return_tensors='pt')
                theirs = model.generate(**inputs, max_new_tokens=NEW_TOKENS, do_sample=False, **more)[0][inputs['input_ids'].shape[1]:].tolist()
                same += theirs == line['ids']
                stopped += line['finish_reason'] == 'stop'
            checks.that(f'{name(folder)}{", stop string" if ending else ""}: generate', same == len(ours) and (stopped > 0 or folder.parent.name == 'pretrain'),
                        f'{same} of {len(ours)} texts equal, {stopped} stopped')
    kept = json.loads((out / 'runs/ends/llama-kept/model/generation_config.json').read_text())
    checks.that('generation_config.json of the source is kept', (kept['eos_token_id'], kept['temperature'], kept['top_p'], kept['do_sample']) == ([0, 65], 0.7, 0.9, True))
    checks.end()


task, *arguments = sys.argv[1:]
if task == 'prepare':
    prepare(Path(arguments[0]), Path(arguments[1]))
elif task == 'models':
    print('\n'.join(f'{name(folder)} {folder}' for folder in models(Path(arguments[0]))))
else:
    compare(Path(arguments[0]))
