"""Writes ppo/src/test/resources/io/github/rlhf4j/ppo/ppo-minibatch.tsv: rewards, advantages, losses and gradients of random padded batches.

Needs trl 1.12.0 and torch 2.x: `python tools/golden/ppo_minibatch.py OUTPUT`. Steps 4 and 6 and the losses are those of TRL's PPOTrainer.train,
line by line, on padded tensors in double precision with TRL's masked_mean; gradients are autograd's. The advantages are not whitened (TRL's variance
is the unbiased one, ours is not). `weights` and what follows from them are GRPOTrainer's truncated importance sampling by token (TRL 1.16,
vllm_importance_sampling_mode: token_truncate), line by line, on the same policy loss. One line a batch; fields `name=numbers`, responses one after another without padding.
"""
import random, sys
import torch
from trl.experimental.ppo.ppo_trainer import masked_mean

torch.set_default_dtype(torch.float64)
random.seed(31)
torch.manual_seed(31)
own = torch.Generator().manual_seed(32)  # of what was added later


def case(placement):
    batch, width = random.randint(1, 5), random.randint(2, 9)
    lengths = torch.tensor([random.randint(1, width) for _ in range(batch)])
    gamma, lam, kl_coef = random.choice([1.0, 0.97]), random.choice([1.0, 0.95, 0.5]), random.choice([0.05, 0.3])
    cliprange, cliprange_value, vf_coef, entropy_coef = 0.2, random.choice([0.2, 0.5]), 0.1, 0.01
    logprobs, ref_logprobs = -2 * torch.rand(batch, width), -2 * torch.rand(batch, width)
    values, scores = torch.randn(batch, width), torch.randn(batch)

    index = torch.arange(width).repeat(batch, 1)
    sequence_lengths = lengths - 1
    padding_mask = index > sequence_lengths.unsqueeze(1)
    logprobs = torch.masked_fill(logprobs, padding_mask, 1.0)
    ref_logprobs = torch.masked_fill(ref_logprobs, padding_mask, 1.0)
    sequence_lengths_p1 = sequence_lengths + 1
    padding_mask_p1 = index > (sequence_lengths_p1.unsqueeze(1)) if placement == "after_end" else padding_mask
    values = torch.masked_fill(values, padding_mask_p1, 0)
    rewards = -kl_coef * (logprobs - ref_logprobs)
    end = torch.where(sequence_lengths_p1 < width, sequence_lengths_p1, sequence_lengths) if placement == "after_end" else sequence_lengths
    rewards[torch.arange(batch), end] += scores

    lastgaelam, advantages_reversed = 0, []
    for t in reversed(range(width)):
        nextvalues = values[:, t + 1] if t < width - 1 else 0.0
        delta = rewards[:, t] + gamma * nextvalues - values[:, t]
        lastgaelam = delta + gamma * lam * lastgaelam
        advantages_reversed.append(lastgaelam)
    advantages = torch.stack(advantages_reversed[::-1], axis=1)
    returns = advantages + values

    new = (logprobs + 0.4 * torch.randn(batch, width)).requires_grad_()
    entropy = (3 * torch.rand(batch, width)).requires_grad_()
    vnew = (values + 0.6 * torch.randn(batch, width)).requires_grad_()
    new_logprobs = torch.masked_fill(new, padding_mask, 1.0)
    vpred = torch.masked_fill(vnew, padding_mask_p1, 0)
    vpredclipped = torch.clamp(vpred, values - cliprange_value, values + cliprange_value)
    vf_losses1, vf_losses2 = torch.square(vpred - returns), torch.square(vpredclipped - returns)
    vf_loss = 0.5 * masked_mean(torch.max(vf_losses1, vf_losses2), ~padding_mask_p1)
    vf_clipfrac = masked_mean((vf_losses2 > vf_losses1).double(), ~padding_mask_p1)
    diff = new_logprobs - logprobs
    ratio = torch.exp(diff)
    pg_losses, pg_losses2 = -advantages * ratio, -advantages * torch.clamp(ratio, 1.0 - cliprange, 1.0 + cliprange)
    pg_loss = masked_mean(torch.max(pg_losses, pg_losses2), ~padding_mask)
    pg_clipfrac = masked_mean((pg_losses2 > pg_losses).double(), ~padding_mask)
    mean_entropy = masked_mean(entropy, ~padding_mask)
    loss = pg_loss + vf_coef * vf_loss - entropy_coef * mean_entropy
    dlogprob, dentropy, dvalue = torch.autograd.grad(loss, (new, entropy, vnew), retain_graph=True)
    approxkl = 0.5 * masked_mean(diff**2, ~padding_mask)

    sampling_logprobs = logprobs + 0.8 * torch.randn(batch, width, generator=own)
    clip_max = 1.5
    weights = torch.clamp(torch.exp(logprobs - sampling_logprobs), min=None, max=clip_max)
    weighted_loss = masked_mean(torch.max(pg_losses, pg_losses2) * weights, ~padding_mask)
    (weighted_dlogprob,) = torch.autograd.grad(weighted_loss, (new,))

    tokens = lambda x: x[~padding_mask].tolist()
    positions = lambda x: x[~padding_mask_p1].tolist()
    fields = {
        "after_end": [float(placement == "after_end")], "response_length": [width], "lengths": lengths.tolist(),
        "options": [gamma, lam, kl_coef, cliprange, cliprange_value, vf_coef, entropy_coef],
        "logprobs": tokens(logprobs), "ref": tokens(ref_logprobs), "scores": scores.tolist(), "values": positions(values),
        "rewards": positions(rewards), "advantages": tokens(advantages), "returns": positions(returns),
        "new": tokens(new), "entropies": tokens(entropy), "vnew": positions(vnew),
        "results": [x.item() for x in (loss, pg_loss, vf_loss, pg_clipfrac, vf_clipfrac, approxkl, masked_mean(ratio, ~padding_mask), mean_entropy)],
        "dlogprobs": tokens(dlogprob), "dentropies": tokens(dentropy), "dvalues": positions(dvalue),
        "sampling": tokens(sampling_logprobs), "clip_max": [clip_max], "weights": tokens(weights),
        "weighted_loss": [weighted_loss.item()], "weighted_dlogprobs": tokens(weighted_dlogprob),
    }
    return "\t".join(f"{k}={','.join(map(repr, v))}" for k, v in fields.items())


with open(sys.argv[1], "w") as out:
    out.write(f"# Generated by tools/golden/ppo_minibatch.py with trl 1.12.0, torch {torch.__version__}, seed 31, doubles; tolerance 1e-12.\n")
    out.write("# options: gamma, lam, kl_coef, cliprange, cliprange_value, vf_coef, entropy_coef\n")
    out.write("# results: loss, policy loss, value loss, policy clip fraction, value clip fraction, approximate KL, mean ratio, mean entropy\n")
    for i in range(24):
        out.write(case("after_end" if i % 2 else "end") + "\n")
