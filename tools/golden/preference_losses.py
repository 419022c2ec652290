"""Writes dpo/src/test/resources/io/github/rlhf4j/dpo/preference-losses.tsv: TRL's own losses in double precision on random pairs.

Needs trl 1.16.0 and torch 2.x: `python tools/golden/preference_losses.py OUTPUT`. DPOTrainer._compute_loss runs as it stands, with a stand-in for
the model that returns the per-token log-probabilities; ORPO and CPO call the functions of their trainers. Gradients are autograd's, by the summed
log-probability of each response. alpha_divergence is computed here (TRL's code refuses doubles).
"""
import collections, contextlib, random, sys, types
import torch
import torch.nn.functional as F
from trl.trainer import dpo_trainer
from trl.experimental.cpo.cpo_trainer import CPOTrainer
from trl.experimental.orpo.orpo_trainer import ORPOTrainer

torch.set_default_dtype(torch.float64)
random.seed(20)
BATCH = 5
dpo_trainer.disable_gradient_checkpointing = lambda *a, **k: contextlib.nullcontext()


def batch():
    lengths = [random.randint(1, 12) for _ in range(2 * BATCH)]
    policy = [-random.uniform(0.3, 3.0) * n for n in lengths]
    reference = [p + random.gauss(0, 4) for p in policy]
    return lengths, policy, reference


def per_token(sums, lengths):
    """(2B, T): each sum spread evenly over the response's tokens (any spread gives the same losses)."""
    width = max(lengths)
    return torch.stack([torch.cat([s / n * torch.ones(n), torch.zeros(width - n)]) for s, n in zip(sums, lengths)])


def trl_dpo(sums, reference, lengths, losses, weights, beta, smoothing, divergence, tau=0.05):
    width = max(lengths)
    mask = torch.zeros(2 * BATCH, width + 1, dtype=torch.long)
    for i, n in enumerate(lengths):
        mask[i, 1 : n + 1] = 1
    zeros = torch.zeros(2 * BATCH, width)
    outputs = types.SimpleNamespace(
        log_probs=per_token(sums, lengths), entropy=zeros, mean_logits=zeros, is_top1=zeros.bool(), aux_loss=None
    )
    gather = types.SimpleNamespace(gather_for_metrics=lambda x: x, gather=lambda x: x, device="cpu")
    me = types.SimpleNamespace(
        accelerator=gather, aux_loss_enabled=False, ld_alpha=None, precompute_ref_logps=True, f_divergence_type=divergence,
        f_alpha_divergence_coef=0.5, loss_types=losses, loss_weights=weights, beta=beta, label_smoothing=smoothing,
        use_weighting=False, args=types.SimpleNamespace(discopop_tau=tau), _tp_size=1, _total_train_tokens=0,
        _metrics={"train": collections.defaultdict(list)}, model=types.SimpleNamespace(training=True),
    )
    inputs = {
        "input_ids": torch.zeros(2 * BATCH, width + 1, dtype=torch.long), "completion_mask": mask, "attention_mask": mask,
        "ref_chosen_logps": torch.tensor(reference[:BATCH]), "ref_rejected_logps": torch.tensor(reference[BATCH:]),
    }
    return dpo_trainer.DPOTrainer._compute_loss(me, lambda **kwargs: outputs, inputs, False)


def nll(sums, lengths):
    return -sums[:BATCH].sum() / sum(lengths[:BATCH])


def main(path):
    rows = []

    def emit(name, options, data, function):
        lengths, policy, reference = data
        sums = torch.tensor(policy, requires_grad=True)
        loss = function(sums, torch.tensor(reference), torch.tensor(lengths))
        (gradient,) = torch.autograd.grad(loss, sums)
        columns = [name, options, ",".join(map(str, lengths)), ",".join(map(repr, policy)), ",".join(map(repr, reference)),
                   repr(loss.item()), ",".join(repr(g.item()) for g in gradient)]
        rows.append("\t".join(columns))

    def trl_case(name, beta, smoothing=0.0, divergence="reverse_kl", losses=None, weights=None, tau=0.05):
        data = batch()
        options = f"beta={beta} label_smoothing={smoothing} f_divergence_type={divergence} discopop_tau={tau}"
        emit(name, options, data, lambda s, r, l: trl_dpo(
            s, data[2], data[0], losses or [name], weights or [1.0], beta, smoothing, divergence, tau))

    for beta in (0.1, 0.7):
        for name in ("sigmoid", "hinge", "ipo", "nca_pair", "bco_pair", "sppo_hard", "apo_zero", "apo_down", "discopop", "sft",
                     "sigmoid_norm"):
            trl_case(name, beta)
        trl_case("exo_pair", beta, 1e-3)
        trl_case("robust", beta, 0.2)
        trl_case("aot", beta, 0.1)
        trl_case("aot_unpaired", beta, 0.1)
        for divergence in ("forward_kl", "js_divergence"):
            for name in ("sigmoid", "hinge", "ipo", "discopop", "sigmoid_norm"):
                trl_case(name, beta, 0.0, divergence)
            trl_case("exo_pair", beta, 0.01, divergence)
            trl_case("robust", beta, 0.2, divergence)
        trl_case("discopop", beta, tau=0.3)
        trl_case("sigmoid+bco_pair+sft", beta, losses=["sigmoid", "bco_pair", "sft"], weights=[0.8, 0.2, 1.0])

    def alpha(s, r, l):
        scores = (torch.exp(-0.5 * (s - r)) - 1) / -0.5
        return -F.logsigmoid(0.1 * (scores[:BATCH] - scores[BATCH:])).mean()

    emit("sigmoid", "beta=0.1 f_divergence_type=alpha_divergence f_alpha_divergence_coef=0.5", batch(), alpha)

    def orpo(s, r, l):
        me = types.SimpleNamespace(beta=0.1, accelerator=types.SimpleNamespace(device="cpu"))
        mean = s / l
        double = torch.Tensor.float
        torch.Tensor.float = lambda self: self
        losses = ORPOTrainer.odds_ratio_loss(me, mean[:BATCH], mean[BATCH:])[0]
        torch.Tensor.float = double
        return nll(s, l) - losses.mean()

    emit("orpo", "beta=0.1", batch(), orpo)

    def cpo(beta, gamma, alpha, kind):
        def loss(s, r, l):
            me = types.SimpleNamespace(alpha=0.0, beta=beta, simpo_gamma=gamma, loss_type=kind, label_smoothing=0.0,
                                       accelerator=types.SimpleNamespace(device="cpu"))
            x = s / l if kind == "simpo" else s
            value = CPOTrainer.cpo_loss(me, x[:BATCH], x[BATCH:])[0].mean()
            return value + alpha * nll(s, l) if alpha else value
        return loss

    emit("simpo", "beta=2.0 simpo_gamma=0.5", batch(), cpo(2.0, 0.5, 0.0, "simpo"))
    emit("cpo", "beta=0.1 cpo_alpha=0.7", batch(), cpo(0.1, 0.0, 0.7, "sigmoid"))

    with open(path, "w") as out:
        out.write("# Generated by tools/golden/preference_losses.py with trl 1.16.0, torch %s, seed 20, doubles; tolerance 1e-10 relative.\n"
                  % torch.__version__)
        out.write("# loss_type\toptions\tlengths (chosen, then rejected)\tpolicy\treference\tmean loss\tgradient by policy\n")
        out.write("\n".join(rows) + "\n")


main(sys.argv[1])
