"""Writes OUTPUT/, ppo/src/test/resources/io/github/rlhf4j/ppo/update: four tiny models, a fixed roll-out, and what one iteration of PPO makes of it.

Needs torch 2.15.0 and transformers 5.24.0: `python tools/golden/ppo_update.py OUTPUT`. Models run in double precision, one sequence at a time (transformers'
norms round to float32, hence 5e-5); rewards, advantages, whitening, losses and metrics are written out here from arXiv:1707.06347, 1506.02438 and 1909.08593,
gradients are autograd's, updates torch's AdamW and clip_grad_norm_. Nothing of ours and nothing of TRL takes part.
"""
import json, os, sys
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE='1', TRANSFORMERS_VERBOSITY='error', CUDA_VISIBLE_DEVICES='')
import torch, transformers
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification

END, RESPONSE_LENGTH = 2, 7
OPTIONS = dict(temperature=0.7, gamma=0.97, lam=0.9, kl_coef=0.3, cliprange=0.2, cliprange_value=0.2, vf_coef=0.3, entropy_coef=0.02,
               missing_eos_penalty=1.0, learning_rate=3e-3, max_grad_norm=1.0, num_ppo_epochs=3)
torch.manual_seed(17)
folder = Path(sys.argv[1])


def model(name, kind):
    config = LlamaConfig(vocab_size=40, hidden_size=8, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
                         max_position_embeddings=64, tie_word_embeddings=True, initializer_range=0.5, num_labels=1, pad_token_id=None, bos_token_id=1, eos_token_id=END)
    kind(config).to(torch.bfloat16).save_pretrained(folder / name)
    (folder / name / 'generation_config.json').unlink(missing_ok=True)
    return kind.from_pretrained(folder / name, dtype=torch.float64).eval()


policy, reference = model('policy', LlamaForCausalLM), model('reference', LlamaForCausalLM)
value, reward = model('value', LlamaForSequenceClassification), model('reward', LlamaForSequenceClassification)
prompts = [[1] + torch.randint(3, 40, (n,)).tolist() for n in (4, 1, 6, 3, 2)]
responses = [torch.randint(3, 40, (n - 1,)).tolist() + [END] for n in (5, 7, 2)] + [torch.randint(3, 40, (RESPONSE_LENGTH,)).tolist() for _ in range(2)]
ended = [r[-1] == END for r in responses]
o = OPTIONS


def distribution(lm, prompt, response):
    """log-probs (tokens) and entropies (tokens) of the response."""
    logits = lm(torch.tensor([prompt + response])).logits[0, len(prompt) - 1:-1] / o['temperature']
    log_p = torch.log_softmax(logits, -1)
    return log_p.gather(1, torch.tensor(response)[:, None])[:, 0], -(log_p.exp() * log_p).sum(-1)


def scalars(net, prompt, response):
    """The scalar head at every position (T)."""
    return net.score(net.model(torch.tensor([prompt + response])).last_hidden_state)[0, :, 0]


def values(prompt, response):
    return scalars(value, prompt, response)[len(prompt) - 1:-1]


pairs = list(zip(prompts, responses))
with torch.no_grad():
    old = [distribution(policy, *x)[0] for x in pairs]
    ref = [distribution(reference, *x)[0] for x in pairs]
    old_values = [values(*x) for x in pairs]
    scores = [scalars(reward, *x)[-1].item() - (0 if e else o['missing_eos_penalty']) for x, e in zip(pairs, ended)]
advantages, returns = [], []
for lp, rp, v, score in zip(old, ref, old_values, scores):
    r = -o['kl_coef'] * (lp - rp)
    r[-1] += score
    a, following = torch.zeros_like(r), 0.0
    for t in reversed(range(len(r))):
        next_value = v[t + 1] if t + 1 < len(r) else 0.0
        following = r[t] + o['gamma'] * next_value - v[t] + o['gamma'] * o['lam'] * following
        a[t] = following
    advantages.append(a)
    returns.append(a + v)
joined = torch.cat(advantages)
advantages = [(a - joined.mean()) / torch.sqrt(joined.var(unbiased=False) + 1e-8) for a in advantages]
kl = sum((lp - rp).sum().item() for lp, rp in zip(old, ref)) / len(pairs)
objective = {'objective/kl': kl, 'objective/entropy': -sum(lp.sum().item() for lp in old) / len(pairs), 'objective/non_score_reward': -o['kl_coef'] * kl,
             'objective/scores': sum(scores) / len(pairs), 'objective/rlhf_reward': sum(scores) / len(pairs) - o['kl_coef'] * kl,
             'val/num_eos_tokens': float(sum(ended))}

optimizers = [torch.optim.AdamW(net.parameters(), lr=o['learning_rate'], betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0) for net in (policy, value)]
updates = []
for epoch in range(o['num_ppo_epochs']):
    new, entropies = map(torch.cat, zip(*(distribution(policy, *x) for x in pairs)))
    before, adv = torch.cat(old), torch.cat(advantages)
    ratio = (new - before).exp()
    plain, clipped = -adv * ratio, -adv * ratio.clamp(1 - o['cliprange'], 1 + o['cliprange'])
    policy_loss, entropy = torch.max(plain, clipped).mean(), entropies.mean()
    v_new, v_old, target = torch.cat([values(*x) for x in pairs]), torch.cat(old_values), torch.cat(returns)
    v_plain, v_clipped = (v_new - target) ** 2, (v_old + (v_new - v_old).clamp(-o['cliprange_value'], o['cliprange_value']) - target) ** 2
    value_loss = 0.5 * torch.max(v_plain, v_clipped).mean()
    for optimizer in optimizers:
        optimizer.zero_grad()
    (policy_loss - o['entropy_coef'] * entropy).backward()
    (o['vf_coef'] * value_loss).backward()
    norms = [torch.nn.utils.clip_grad_norm_(net.parameters(), o['max_grad_norm']).item() for net in (policy, value)]
    for optimizer in optimizers:
        optimizer.step()
    updates.append({'grad_norm': norms[0], 'policy/approxkl_avg': 0.5 * ((new - before) ** 2).mean().item(), 'policy/clipfrac_avg': (clipped > plain).double().mean().item(),
                    'policy/entropy_avg': entropy.item(), 'loss/policy_avg': policy_loss.item(), 'loss/value_avg': value_loss.item(),
                    'val/clipfrac_avg': (v_clipped > v_plain).double().mean().item(), 'val/ratio': ratio.mean().item()})
with torch.no_grad():
    after = [distribution(policy, *x)[0].sum().item() for x in pairs]
    values_after = [values(*x).mean().item() for x in pairs]
lists = {name: [x.tolist() for x in tensors] for name, tensors in dict(old=old, advantages=advantages, values=old_values, returns=returns).items()}
(folder / 'expected.json').write_text(json.dumps({
    'generator': f'tools/golden/ppo_update.py with torch {torch.__version__}, transformers {transformers.__version__}, seed 17, doubles; tolerance 5e-5',
    'options': OPTIONS, 'prompts': prompts, 'responses': responses, 'ended': ended, **lists, 'objective': objective, 'updates': updates, 'log_probs_after': after,
    'values_after': values_after}, indent=1) + '\n')
