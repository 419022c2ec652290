"""Adapters against peft: what TRL's trainers make of an adapter that a stage of ours began with, and adapters of either side loaded by the other.

Use: adapters.py prepare FOLDER    after tools/golden/trajectories.py FOLDER; writes FOLDER/begin.yaml and FOLDER/train.yaml, a stage a case in each; those of begin.yaml hardly move their fresh adapter
     adapters.py train FOLDER      after `rlhf4j run FOLDER/begin.yaml` and train.yaml: trains those adapters with TRL and peft into FOLDER/peft/CASE, and writes FOLDER/adapters.json
     adapters.py compare FOLDER    after that, `rlhf4j export` of FOLDER/peft/CASE into FOLDER/merged/CASE, and `rlhf4j score --model M --data FOLDER/ids.jsonl
                                   --out FOLDER/scored/CASE-ours.jsonl` with M = FOLDER/runs/train/CASE/model, and CASE-theirs.jsonl with M = FOLDER/merged/CASE
     adapters.py cases             their names and models
"""
import json
import os
import sys
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE='1', TRANSFORMERS_VERBOSITY='error', HF_DATASETS_DISABLE_PROGRESS_BARS='1', CUDA_VISIBLE_DEVICES='', TRL_EXPERIMENTAL_SILENCE='1')
STEPS, BATCH, LIMIT = 20, 8, 1e-4
# name -> (stage, model, data, adapter, learning rate)
CASES = {
    'sft': ('sft', 'llama', 'demonstrations', dict(r=4, alpha=8), 1e-2),
    'sft_all': ('sft', 'llama', 'demonstrations', dict(r=3, alpha=8, target_modules='all-linear'), 1e-2),
    'sft_rslora': ('sft', 'llama', 'demonstrations', dict(r=8, alpha=4, use_rslora=True, target_modules=['k_proj', 'o_proj', 'down_proj']), 1e-2),
    'sft_gpt2': ('sft', 'gpt2', 'demonstrations', dict(r=4, alpha=8), 1e-2),
    'sft_gpt2_all': ('sft', 'gpt2', 'demonstrations', dict(r=4, alpha=8, target_modules='all-linear'), 1e-2),
    'sft_mixtral': ('sft', 'mixtral', 'demonstrations', dict(r=4, alpha=8, target_modules=['q_proj', 'k_proj', 'v_proj', 'o_proj']), 1e-2),
    'sft_experts': ('sft', 'mixtral', 'demonstrations', dict(r=4, alpha=8, target_modules=['q_proj', 'w1', 'w2', 'w3', 'gate']), 1e-2),
    'sft_router_down': ('sft', 'mixtral', 'demonstrations', dict(r=4, alpha=8, target_modules=['gate', 'w2']), 1e-2),
    'sft_dora': ('sft', 'llama', 'demonstrations', dict(r=4, alpha=8, use_dora=True, target_modules='all-linear'), 1e-2),
    'sft_dora_gpt2': ('sft', 'gpt2', 'demonstrations', dict(r=4, alpha=8, use_dora=True, target_modules='all-linear'), 1e-2),
    'sft_pissa': ('sft', 'llama', 'demonstrations', dict(r=4, alpha=8, init='pissa', target_modules='all-linear'), 1e-2),
    'sft_pissa_gpt2': ('sft', 'gpt2', 'demonstrations', dict(r=4, alpha=8, init='pissa', target_modules='all-linear'), 1e-2),
    'sft_pissa_dora': ('sft', 'llama', 'demonstrations', dict(r=4, alpha=2, init='pissa', use_dora=True, use_rslora=True), 1e-2),
    'sft_olora': ('sft', 'llama', 'demonstrations', dict(r=4, alpha=4, init='olora', target_modules='all-linear'), 1e-3),
    'sft_head': ('sft', 'llama', 'demonstrations', dict(r=4, alpha=8, target_modules=['q_proj', 'down_proj', 'lm_head']), 1e-2),
    'sft_head_dora': ('sft', 'gpt2', 'demonstrations', dict(r=4, alpha=8, use_dora=True, target_modules=['c_attn', 'lm_head']), 1e-2),
    'sft_head_untied': ('sft', 'mixtral', 'demonstrations', dict(r=4, alpha=8, target_modules=['q_proj', 'lm_head']), 1e-2),
    'sft_saved': ('sft', 'mixtral', 'demonstrations', dict(r=4, alpha=8, modules_to_save=['lm_head', 'embed_tokens', 'model.norm']), 1e-2),
    'sft_saved_tied': ('sft', 'llama', 'demonstrations', dict(r=4, alpha=8, modules_to_save=['embed_tokens'], ensure_weight_tying=True), 1e-2),
    'reward': ('reward', 'llama', 'pairs', dict(r=4, alpha=8), 1e-3),
    'reward_all': ('reward', 'llama', 'pairs', dict(r=4, alpha=8, target_modules='all-linear'), 1e-3),
    'dpo': ('dpo', 'llama', 'pairs', dict(r=4, alpha=8), 1e-3),
    'dpo_in_step': ('dpo', 'llama', 'pairs', dict(r=4, alpha=8, target_modules='all-linear'), 1e-3),
    'sft_on': ('sft', 'llama', 'demonstrations', None, 1e-2),
    'dpo_on': ('dpo', 'llama', 'pairs', None, 1e-3),
    'dpo_on_in_step': ('dpo', 'llama', 'pairs', None, 1e-3),
}
# peft gives gate and up of all experts one A of twice the rank, and trains the blocks of B that are zero here: files alone are held against it
FILES_ALONE = {'sft_experts'}
if os.environ.get('CASES'):  # some of them alone
    CASES = {case: CASES[case] for case in os.environ['CASES'].split(',')}
GOES_ON = 'sft'  # the case whose trained adapter those without one of their own train further


def stage(folder, case, **more):
    kind, model, data, adapter, rate = CASES[case]
    own = dict(type=kind, model=f'{folder}/{model}' if adapter else dict(base=f'{folder}/{model}', adapter=GOES_ON), dataset=f'{folder}/{data}.jsonl', batch_size=BATCH, shuffle=False, logging_steps=1,
               max_steps=STEPS, learning_rate=rate, lr_scheduler_type='constant', warmup_steps=0)
    if adapter:
        own['adapter'] = adapter
    if case == 'sft_head_untied':
        own['router_aux_loss_coef'] = 0  # which the loop below leaves out
    if kind == 'dpo':
        own['precompute_ref_log_probs'] = not case.endswith('in_step')
    return {**own, **more}


def prepare(folder):
    for name, more in (('begin', dict(max_steps=1, learning_rate=1e-30)), ('train', {})):
        lines = ''.join(f'  {case}: {json.dumps(stage(folder, case, **more))}\n' for case in CASES if name == 'train' or CASES[case][3])
        (folder / f'{name}.yaml').write_text(f'name: {name}\nseed: 1\noutput_dir: {folder}/runs\nstages:\n{lines}')


def base(folder, case):
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification
    if CASES[case][0] == 'reward':
        return AutoModelForSequenceClassification.from_pretrained(folder / CASES[case][1], dtype=torch.float32, num_labels=1)
    return AutoModelForCausalLM.from_pretrained(folder / CASES[case][1], dtype=torch.float32)


def fresh(folder, case):
    """Where A and B begin as parts of the weights, peft begins them itself: the files of ours are of the converted adapter."""
    import peft
    of = dict(CASES[case][3])
    config = peft.LoraConfig(r=of.pop('r'), lora_alpha=of.pop('alpha'), init_lora_weights=of.pop('init'), task_type='CAUSAL_LM', **of)
    return peft.get_peft_model(base(folder, case), config)


def train(folder):
    import tempfile
    import peft
    import torch
    import trl
    from datasets import Dataset, disable_caching
    from transformers import AutoTokenizer
    disable_caching()
    torch.set_num_threads(1)
    expected = {}
    for case, (kind, model, data, adapter, rate) in CASES.items():
        with tempfile.TemporaryDirectory() as scratch:
            arguments = dict(output_dir=scratch, per_device_train_batch_size=BATCH, use_cpu=True, bf16=False, report_to=[], save_strategy='no', logging_steps=1,
                             disable_tqdm=True, seed=0, optim='adamw_torch', gradient_checkpointing=False, dataloader_pin_memory=False,
                             train_sampling_strategy='sequential', max_steps=STEPS, learning_rate=rate, lr_scheduler_type='constant', weight_decay=0.0)
            rows = [json.loads(line) for line in (folder / f'{data}.jsonl').read_text().splitlines()]
            common = dict(train_dataset=Dataset.from_list(rows), processing_class=AutoTokenizer.from_pretrained(folder / model))
            wrapped = fresh(folder, case) if adapter and 'init' in adapter else \
                peft.PeftModel.from_pretrained(base(folder, case), folder / 'runs' / (f'begin/{case}' if adapter else f'train/{GOES_ON}') / 'adapter', is_trainable=True)
            if adapter and 'lm_head' in adapter.get('target_modules', []):  # which TRL's trainers refuse
                lines = plain(wrapped, common['processing_class'], rows, rate)
                expected[case] = lines
                wrapped.save_pretrained(folder / 'peft' / case)
                continue
            if kind == 'sft':
                trainer = trl.SFTTrainer(wrapped, args=trl.SFTConfig(**arguments), **common)
            elif kind == 'reward':
                trainer = trl.RewardTrainer(wrapped, args=trl.RewardConfig(**arguments), **common)
            else:
                arguments['precompute_ref_log_probs'] = not case.endswith('in_step')
                trainer = trl.DPOTrainer(wrapped, args=trl.DPOConfig(**arguments), **common)
            trainer.train()
            lines = [{key: float(f'{value:.9g}') for key, value in line.items()} for line in trainer.state.log_history if 'loss' in line]
            if case not in FILES_ALONE:
                expected[case] = lines
            wrapped.save_pretrained(folder / 'peft' / case)
            print(f'{case}: loss {lines[0]["loss"]:.4f} to {lines[-1]["loss"]:.4f}', file=sys.stderr)
    (folder / 'adapters.json').write_text(json.dumps(expected))
    tokenizer = AutoTokenizer.from_pretrained(folder / 'llama')
    texts = [json.loads(line) for line in (folder / 'demonstrations.jsonl').read_text().splitlines()]
    (folder / 'ids.jsonl').write_text(''.join(json.dumps({'ids': tokenizer(row['prompt'] + row['completion'])['input_ids']}) + '\n' for row in texts))


def plain(model, tokenizer, rows, rate):
    """What TRL's SFTTrainer computes, in a loop of its own."""
    import torch
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=rate, weight_decay=0.0)
    lines = []
    model.train()
    batches = [rows[first:first + BATCH] for first in range(0, len(rows), BATCH)]  # of each epoch; the last is shorter
    for step in range(STEPS):
        optimizer.zero_grad()
        losses = []
        for row in batches[step % len(batches)]:
            prompt = tokenizer(row['prompt'])['input_ids']
            ids = tokenizer(row['prompt'] + row['completion'] + tokenizer.eos_token)['input_ids']
            logits = model(torch.tensor([ids])).logits[0]
            losses.append(torch.nn.functional.cross_entropy(logits[len(prompt) - 1:-1], torch.tensor(ids[len(prompt):]), reduction='none'))
        loss = torch.cat(losses).mean()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        lines.append({'step': step + 1, 'loss': loss.item(), 'grad_norm': norm.item()})
    return lines


def compare(folder):
    import peft
    import torch
    from checks import Checks
    checks = Checks()
    rows = [json.loads(line)['ids'] for line in (folder / 'ids.jsonl').read_text().splitlines()]
    for case in CASES:
        for side, adapter in (('ours', folder / 'runs' / 'train' / case / 'adapter'), ('theirs', folder / 'peft' / case)):
            model = peft.PeftModel.from_pretrained(base(folder, case), adapter).eval()
            moved = worst = 0
            for ids, line in zip(rows, (folder / 'scored' / f'{case}-{side}.jsonl').read_text().splitlines(), strict=True):
                ids, ours = torch.tensor([ids]), json.loads(line)
                if CASES[case][0] == 'reward':
                    with torch.no_grad():
                        score = model(ids).logits[0, 0].item()
                        with model.disable_adapter():
                            moved = max(moved, abs(score - model(ids).logits[0, 0].item()))
                    worst = max(worst, abs(score - ours['score']))
                    continue
                ours = torch.tensor(ours['log_probs'], dtype=torch.float64)
                with torch.no_grad():
                    adapted = model(ids).logits[0, :-1].double().log_softmax(-1).gather(1, ids[0, 1:, None])[:, 0]
                    with model.disable_adapter():
                        plain = model(ids).logits[0, :-1].double().log_softmax(-1).gather(1, ids[0, 1:, None])[:, 0]
                worst, moved = max(worst, float((adapted - ours).abs().max())), max(moved, float((adapted - plain).abs().max()))
            checks.at_most(f'{case}: {"scores" if CASES[case][0] == "reward" else "log-probs"}, adapter of {side}', worst, LIMIT, f'(it moves them by up to {moved:.2f})')
    merged(folder, checks, rows)
    checks.end()


def merged(folder, checks, rows):
    """What `export --merge` writes, beside what peft merges."""
    import peft
    import torch
    from transformers import AutoModelForCausalLM
    worst = 0
    if 'sft_all' not in CASES:
        return
    ours = AutoModelForCausalLM.from_pretrained(folder / 'merged' / 'sft_all', dtype=torch.float32)
    theirs = peft.PeftModel.from_pretrained(base(folder, 'sft_all'), folder / 'peft' / 'sft_all').merge_and_unload()
    for ids in rows:
        with torch.no_grad():
            worst = max(worst, float((ours(torch.tensor([ids])).logits - theirs(torch.tensor([ids])).logits).abs().max()))
    checks.at_most('export --merge: logits beside merge_and_unload', worst, LIMIT)


if __name__ == '__main__':
    what, *rest = sys.argv[1:]
    if what == 'cases':
        for case, (_, model, *_) in CASES.items():
            print(case, model)
    else:
        {'prepare': prepare, 'train': train, 'compare': compare}[what](Path(rest[0]).absolute())
