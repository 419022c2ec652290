"""Reward models of tokenizers whose end token is also their begin, unknown or padding token: their scores in transformers, several texts of unequal length padded together, are ours.

Use: padding.py prepare OUT        writes OUT/VARIANT, tiny language models with such tokenizers, OUT/pairs.jsonl, OUT/texts.jsonl and OUT/run.yaml, a reward stage for each
     padding.py compare OUT        after `rlhf4j run OUT/run.yaml` and `rlhf4j score --model OUT/runs/padding/VARIANT/model --data OUT/texts.jsonl --out OUT/VARIANT-scored.jsonl` for each
     padding.py variants           their names
"""
import json
import os
import sys
from pathlib import Path

os.environ['HF_HUB_OFFLINE'] = '1'
END = '<|endoftext|>'
SMOLLM2 = [END, '<|im_start|>', '<|im_end|>', '<repo_name>', '<reponame>', '<file_sep>', '<filename>', '<gh_stars>', '<issue_start>', '<empty_output>']
# name -> (architecture, special tokens, those that the tokenizer names, rows beyond the vocabulary)
VARIANTS = {
    'gpt2': ('gpt2', [END], dict(bos_token=END, eos_token=END, unk_token=END), 0),
    'gpt2-padded-to-eos': ('gpt2', [END], dict(bos_token=END, eos_token=END, unk_token=END, pad_token=END), 0),
    'gpt2-with-rows': ('gpt2', [END], dict(bos_token=END, eos_token=END, unk_token=END), 40),
    'smollm2-base': ('llama', SMOLLM2, dict(bos_token=END, eos_token=END, unk_token=END), 0),
    'qwen2': ('llama', [END, '<|im_start|>', '<|im_end|>', '<|vision_pad|>'], dict(eos_token=END, pad_token=END), 24),
    'llama': ('llama', ['<unk>', '<s>', '</s>'], dict(bos_token='<s>', eos_token='</s>', unk_token='<unk>'), 0),
    'llama-padded-to-eos': ('llama', ['<s>', '</s>'], dict(bos_token='<s>', eos_token='</s>', pad_token='</s>'), 0),
}
LIMIT = 1e-5


def prepare(out):
    import torch
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    rows = [(f'Question {i}: what is {word}?\nAnswer:', f' It is {word}' + ' and so on' * (i % 4) + '.', ' No' + '!' * (i % 3)) for i, word in
            enumerate(['the sky', 'a river', 'Straße', 'an old house in the wood', 'tea', 'ĕ or ÿ', 'the north wind', '42'])]
    out.mkdir(parents=True, exist_ok=True)
    (out / 'pairs.jsonl').write_text(''.join(json.dumps(dict(prompt=p, chosen=c, rejected=r)) + '\n' for p, c, r in rows))
    (out / 'texts.jsonl').write_text(''.join(json.dumps(dict(prompt=p, completion=t)) + '\n' for p, c, r in rows for t in (c, r)))
    stages = ''
    for number, (name, (architecture, special, named, more)) in enumerate(VARIANTS.items()):
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.train_from_iterator([p + c + r for p, c, r in rows], trainers.BpeTrainer(
            vocab_size=320, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
        fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **named)
        fast.save_pretrained(out / name)
        torch.manual_seed(number)
        common = dict(vocab_size=len(fast) + more, eos_token_id=fast.eos_token_id, bos_token_id=fast.bos_token_id, pad_token_id=fast.pad_token_id, initializer_range=0.3)
        if architecture == 'gpt2':
            model = transformers.GPT2LMHeadModel(transformers.GPT2Config(n_embd=16, n_layer=2, n_head=2, n_positions=128, **common))
        else:
            model = transformers.LlamaForCausalLM(transformers.LlamaConfig(hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
                                                                           num_key_value_heads=1, max_position_embeddings=128, **common))
        model.save_pretrained(out / name)
        stages += (f'  {name}: {{type: reward, model: {out / name}, dataset: {out}/pairs.jsonl, batch_size: 4, max_steps: 3, learning_rate: 1e-2,'
                   ' lr_scheduler_type: constant}\n')
    (out / 'run.yaml').write_text(f'name: padding\nseed: 1\noutput_dir: {out}/runs\nstages:\n{stages}')


def compare(out):
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer
    from checks import Checks
    checks = Checks()
    for name in VARIANTS:
        folder = out / 'runs' / 'padding' / name / 'model'
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()
        rows = [json.loads(line) for line in open(out / 'texts.jsonl')]
        scored = [json.loads(line) for line in open(out / f'{name}-scored.jsonl')]
        texts = [row['prompt'] + row['completion'] + tokenizer.eos_token for row in rows]
        same = all(tokenizer(text)['input_ids'] == line['ids'][-len(tokenizer(text)['input_ids']):] for text, line in zip(texts, scored))
        checks.that(f'{name}: pads with {tokenizer.pad_token!r}, id {tokenizer.pad_token_id}; ids of {len(texts)} texts', same and
                    tokenizer.pad_token_id == model.config.pad_token_id and tokenizer.pad_token_id not in (None, tokenizer.eos_token_id))
        for side in ('right', 'left') if VARIANTS[name][0] != 'gpt2' else ('right',):  # transformers' gpt2 counts positions from the padding on
            with torch.no_grad():
                batch = tokenizer.pad({'input_ids': [line['ids'] for line in scored]}, padding_side=side, return_tensors='pt')
                scores = model(**batch).logits[:, 0]
            worst = (scores.double() - torch.tensor([line['score'] for line in scored], dtype=torch.float64)).abs().max().item()
            checks.at_most(f'{name}: {len(texts)} scores, padded on the {side}', worst, LIMIT)
    checks.end()


command = sys.argv[1]
if command == 'variants':
    print(*VARIANTS)
else:
    {'prepare': prepare, 'compare': compare}[command](Path(sys.argv[2]).absolute())
