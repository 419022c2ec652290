"""New models against PyTorch: a Llama, a Mixtral with its routers' loss, both by the maximal-update parametrisation as Yang et al. 2022 write it (factors in the forward pass, a learning rate for each group), and the gradient's noise.

Use: new_models.py prepare FOLDER    writes FOLDER/begin.yaml and FOLDER/train.yaml, a stage a case in each; those of begin.yaml hardly move their fresh weights
     new_models.py train FOLDER      after `rlhf4j run` of both: trains the fresh weights with transformers' models, and writes FOLDER/new_models.json for trajectories.py
     new_models.py compare FOLDER    after that: the trained folders in transformers, against the models that PyTorch trained
"""
import json
import os
import random
import sys
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE='1', TRANSFORMERS_VERBOSITY='error', CUDA_VISIBLE_DEVICES='')
STEPS, BATCH, LENGTH, RATE, DECAY, BETAS, EPSILON, PARTS = 10, 16, 32, 1e-2, 0.1, (0.9, 0.95), 1e-8, 8
LIMIT = 1e-4
SIZES = dict(hidden_size=64, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=32)
EXPERTS = dict(num_local_experts=4, num_experts_per_tok=2, router_aux_loss_coef=0.1)
MUP = dict(parametrization='mup', mup_base_hidden_size=16, mup_base_head_dim=4)
CASES = {  # name -> architecture, further keys
    'llama': (SIZES, dict(noise_scale_steps=1)),
    'mixtral': (dict(SIZES, **EXPERTS), {}),
    'llama_mup': (SIZES, MUP),
    'mixtral_mup': (dict(SIZES, tie_word_embeddings=False, **EXPERTS), MUP),
}


def stage(folder, case, **more):
    sizes, keys = CASES[case]
    return dict(type='pretrain', seed=7, dataset=f'{folder}/texts.jsonl', architecture=sizes, tokenizer=dict(vocab_size=258), max_length=LENGTH, batch_size=BATCH, shuffle=False, logging_steps=1, max_steps=STEPS, learning_rate=RATE,
                lr_scheduler_type='constant', weight_decay=DECAY, max_grad_norm=0, micro_batch_tokens=4096, **keys) | more


def prepare(folder):
    chosen = random.Random(3)
    words = [''.join(chosen.choice('abcdefgh') for _ in range(chosen.randint(2, 5))) for _ in range(30)]
    rows = []
    for _ in range(STEPS * BATCH):
        text = ''
        while len(text) < LENGTH - 2:  # with begin and end a window: tokens are bytes
            text += chosen.choice(words) + ' '
        rows.append(json.dumps(dict(text=text[:LENGTH - 2])))
    (folder / 'texts.jsonl').write_text('\n'.join(rows) + '\n')
    for name, more in (('begin', dict(max_steps=1, learning_rate=1e-30, weight_decay=0, noise_scale_steps=0)), ('train', {})):
        lines = ''.join(f'  {case}: {json.dumps(stage(folder, case, **more))}\n' for case in CASES)
        (folder / f'{name}.yaml').write_text(f'name: {name}\nseed: 1\noutput_dir: {folder}/runs\nstages:\n{lines}')


def batches(folder, case):
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(str(folder / 'runs' / 'begin' / case / 'model' / 'tokenizer.json'))
    import torch
    ids = [tokenizer.encode(json.loads(line)['text']).ids for line in (folder / 'texts.jsonl').read_text().splitlines()]
    begin, end = tokenizer.token_to_id('<s>'), tokenizer.token_to_id('</s>')
    ids = [([] if row[:1] == [begin] else [begin]) + row + ([] if row[-1:] == [end] else [end]) for row in ids]
    assert {len(row) for row in ids} == {LENGTH}, {len(row) for row in ids}
    return [torch.tensor(ids[step * BATCH:(step + 1) * BATCH]) for step in range(STEPS)]


def kind(name):
    """The row of Table 8 that a parameter of transformers' models is in."""
    if name.endswith('norm.weight'):
        return 'vector'
    if 'embed_tokens' in name:
        return 'input'
    if 'lm_head' in name or name.endswith('mlp.gate.weight'):
        return 'output'
    return 'hidden'


def unfolded(case, model):
    """The paper's own form of a model that has its factors in weights: what divides logits, and the groups of the optimiser. Epsilon is added to gradients, which are of another size here."""
    import torch
    m = SIZES['hidden_size'] / MUP['mup_base_hidden_size'] if 'mup' in case else 1
    heads = SIZES['hidden_size'] // SIZES['num_attention_heads']
    base = MUP['mup_base_head_dim'] if 'mup' in case else heads
    with torch.no_grad():
        model.model.norm.weight.mul_(m)
        for layer in model.model.layers:
            layer.self_attn.q_proj.weight.mul_((heads / base) ** 0.5)
            layer.self_attn.scaling = base ** 0.5 / heads
            if 'mixtral' in case:
                layer.mlp.gate.weight.mul_(m)
                layer.mlp.gate.register_forward_pre_hook(lambda module, given: (given[0] / m,) + tuple(given[1:]))
    groups = []
    for name, parameter in model.named_parameters():
        rate = RATE / m if kind(name) == 'hidden' else RATE
        folded = (base / heads) ** 0.5 if name.endswith('q_proj.weight') else 1 / m if name == 'model.norm.weight' or name.endswith('mlp.gate.weight') else 1
        groups.append(dict(params=[parameter], lr=rate, eps=EPSILON * folded, weight_decay=0 if kind(name) == 'vector' else DECAY * RATE / rate))
    return m, groups


def losses(model, ids, m, coefficient, experts):
    import torch
    out = model.model(ids, output_router_logits=True) if experts else model.model(ids)
    logits = model.lm_head(out.last_hidden_state) / m
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, logits.shape[-1]), ids[:, 1:].reshape(-1))
    if not experts:
        return loss, None, logits
    from transformers.models.mixtral.modeling_mixtral import load_balancing_loss_func
    auxiliary = load_balancing_loss_func(out.router_logits, EXPERTS['num_local_experts'], EXPERTS['num_experts_per_tok'])
    return loss + coefficient * auxiliary, auxiliary, logits


def squared(model):
    return sum(float(parameter.grad.double().pow(2).sum()) for parameter in model.parameters() if parameter.grad is not None)


def train(folder):
    import torch
    from transformers import AutoModelForCausalLM
    torch.set_num_threads(1)
    logs = {}
    for case in CASES:
        model = AutoModelForCausalLM.from_pretrained(folder / 'runs' / 'begin' / case / 'model', dtype=torch.float32, attn_implementation='eager')
        m, groups = unfolded(case, model)
        optimizer = torch.optim.AdamW(groups, betas=BETAS)
        experts, lines = 'mixtral' in case, []
        for step, ids in enumerate(batches(folder, case)):
            line = dict(step=step + 1, learning_rate=RATE)
            if CASES[case][1].get('noise_scale_steps'):
                small, part = 0, BATCH // PARTS
                for i in range(PARTS):
                    optimizer.zero_grad()
                    losses(model, ids[i * part:(i + 1) * part], m, 0, experts)[0].backward()
                    small += squared(model) / PARTS
            optimizer.zero_grad()
            loss, auxiliary, _ = losses(model, ids, m, EXPERTS['router_aux_loss_coef'], experts)
            loss.backward()
            line['loss'] = loss.item()
            if m == 1:
                line['grad_norm'] = squared(model) ** 0.5
            if experts:
                line['aux_loss'] = auxiliary.item()
            if CASES[case][1].get('noise_scale_steps'):
                large = squared(model)
                line['gradient_signal'] = (BATCH * large - part * small) / (BATCH - part)
                line['gradient_noise'] = (small - large) / (1 / part - 1 / BATCH)
            optimizer.step()
            lines.append(line)
        logs[case] = lines
        with torch.no_grad():
            torch.save(losses(model, batches(folder, case)[0], m, 0, experts)[2], folder / f'{case}.pt')
    (folder / 'new_models.json').write_text(json.dumps(logs))


def compare(folder):
    import torch
    from transformers import AutoModelForCausalLM
    from checks import Checks
    checks = Checks()
    for case in CASES:
        model = AutoModelForCausalLM.from_pretrained(folder / 'runs' / 'train' / case / 'model', dtype=torch.float32)
        with torch.no_grad():
            ours = model(batches(folder, case)[0]).logits.log_softmax(-1)
        theirs = torch.load(folder / f'{case}.pt').log_softmax(-1)
        name = type(model).__name__
        checks.at_most(f'{case}: log-probs after {STEPS} steps, in {name}', float((ours - theirs).abs().max()), LIMIT * 10)
    checks.end()


if __name__ == '__main__':
    {'prepare': prepare, 'train': train, 'compare': compare}[sys.argv[1]](Path(sys.argv[2]).resolve())
