"""Small random models of every family and variant, as transformers writes them, and what transformers computes with them.

    python tools/golden/tiny_models.py core-model/src/main/resources/io/github/rlhf4j/core/model

Made with transformers 5.24.0, torch 2.15.0+cu132 (CPU, float32 weights, float64 arithmetic), Python 3.11. Each folder tiny-<name> holds config.json and model.safetensors as save_pretrained wrote them, except
where VARIANTS says that keys or tensors are spelt as older releases did (the script checks that transformers loads that the same), and expected.json:

    sequences        token ids; each is run alone
    loss             mean negative log-likelihood of all tokens but the first of each, router loss included where the config says so
    token_log_probs  nats
    last_logits      behind the last token of each
    greedy           8 tokens of the first sequence, continued greedily with the cache
    grad_l2          L2 norm of the loss's gradient by parameter, under transformers' names in memory
    score_weight     of a *ForSequenceClassification on the same weights, and the score of each sequence
    scores
    aux_loss         of the first sequence alone, where the config says output_router_logits
"""

import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

BASE = dict(vocab_size=31, hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=None,
            tie_word_embeddings=False)


def old_rope(config):
    """rope_theta and rope_scaling with the key type, as before transformers 5."""
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = {"type": rope.pop("rope_type"), **rope}
    return config


def without_prefix(tensors):
    return {name.removeprefix("transformer."): tensor for name, tensor in tensors.items()}


def fused_experts(tensors):
    """The names that transformers 5 has in memory, experts in one tensor."""
    fused = {}
    experts = {}
    for name, tensor in tensors.items():
        head, found, rest = name.partition(".block_sparse_moe.")
        if not found:
            fused[name] = tensor
        elif rest == "gate.weight":
            fused[head + ".mlp.gate.weight"] = tensor
        else:
            _, expert, which, _ = rest.split(".")
            experts.setdefault(head, {})[int(expert), which] = tensor
    for head, of in experts.items():
        count = 1 + max(expert for expert, _ in of)
        fused[head + ".mlp.experts.gate_up_proj"] = torch.stack(
            [torch.cat([of[e, "w1"], of[e, "w3"]]) for e in range(count)])
        fused[head + ".mlp.experts.down_proj"] = torch.stack([of[e, "w2"] for e in range(count)])
    return fused


def same(value):
    return value


# name: (config class, keys, change of config.json, change of tensors)
VARIANTS = {
    "llama": ("Llama", dict(BASE, head_dim=8), same, same),
    "llama-biases": ("Llama", dict(BASE, attention_bias=True, mlp_bias=True, head_dim=4, tie_word_embeddings=True), same, same),
    "llama-llama3": ("Llama", dict(BASE, head_dim=8, rope_parameters=dict(
        rope_type="llama3", rope_theta=500.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=16)), same, same),
    "llama-linear": ("Llama", dict(BASE, head_dim=4, rope_parameters=dict(
        rope_type="linear", rope_theta=1000.0, factor=2.5)), old_rope, same),
    "llama-dynamic": ("Llama", dict(BASE, head_dim=8, max_position_embeddings=12, rope_parameters=dict(
        rope_type="dynamic", rope_theta=100.0, factor=4.0)), old_rope, same),
    "mistral": ("Mistral", dict(BASE, head_dim=4, sliding_window=5), same, same),
    "qwen2": ("Qwen2", dict(BASE, num_attention_heads=6, num_hidden_layers=3, use_sliding_window=True, sliding_window=6, max_window_layers=1,
                            tie_word_embeddings=True), same, same),
    "qwen3": ("Qwen3", dict(BASE, head_dim=8, attention_bias=True), same, same),
    "gpt2": ("GPT2", dict(vocab_size=31, n_embd=12, n_layer=2, n_head=3, n_positions=64, bos_token_id=1, eos_token_id=2,
                          resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0), same, same),
    "gpt2-bare": ("GPT2", dict(vocab_size=31, n_embd=12, n_inner=20, n_layer=2, n_head=3, n_positions=64, bos_token_id=1,
                               eos_token_id=2, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0), same, without_prefix),
    "mixtral": ("Mixtral", dict(BASE, head_dim=4, num_local_experts=4, num_experts_per_tok=2, sliding_window=7), same, same),
    "mixtral-router": ("Mixtral", dict(BASE, head_dim=4, num_local_experts=3, num_experts_per_tok=2,
                                       output_router_logits=True, router_aux_loss_coef=0.3), same, fused_experts),
}
LENGTHS = [24, 9, 40]


EAGER = dict(attn_implementation="eager", experts_implementation="eager")


def randomise(model, generator):
    """Weights large enough that every nonlinearity is felt, norms and biases away from their start."""
    for name, parameter in model.named_parameters():
        noise = 0.3 * torch.randn(parameter.shape, generator=generator)
        norm = parameter.dim() == 1 and name.endswith("weight")
        parameter.data = (noise + 1 if norm else noise).to(parameter.dtype)


def restart(model):
    """Dynamic rotary embeddings remember the longest sequence until they see one within the trained context."""
    model(torch.tensor([[3, 4]]))


def make(name, folder):
    kind, keys, change_config, change_tensors = VARIANTS[name]
    config_class = getattr(transformers, kind + "Config")
    generator = torch.Generator().manual_seed(sorted(VARIANTS).index(name) + 100)
    model = AutoModelForCausalLM.from_config(config_class(**keys), **EAGER).eval()
    randomise(model, generator)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink()
    config_file = folder / "config.json"
    config_file.write_text(json.dumps(change_config(json.loads(config_file.read_text())), indent=2) + "\n")
    weights = folder / "model.safetensors"
    save_file({n: t.contiguous() for n, t in change_tensors(load_file(weights)).items()}, weights, {"format": "pt"})

    loaded, info = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True, **EAGER)
    assert not info["missing_keys"] and not info["unexpected_keys"], info
    for (_, a), (n, b) in zip(model.named_parameters(), loaded.named_parameters()):
        assert torch.equal(a, b), n
    model = loaded.eval().double()
    router = getattr(model.config, "output_router_logits", False)

    sequences = [torch.randint(3, 31, (length,), generator=generator).tolist() for length in LENGTHS]
    targets = sum(len(ids) - 1 for ids in sequences)
    log_probs, last_logits, total, aux = [], [], 0.0, None
    for index, ids in enumerate(sequences):
        with torch.no_grad():
            restart(model)
        out = model(torch.tensor([ids]))
        rows = out.logits[0].log_softmax(-1)
        chosen = rows[torch.arange(len(ids) - 1), torch.tensor(ids[1:])]
        log_probs.append(chosen.tolist())
        last_logits.append(out.logits[0, -1].tolist())
        loss = -chosen.sum() / targets
        if router and index == 0:
            aux = out.aux_loss.item()
        loss.backward()
        total += loss.item()
    result = dict(
        generator=f"tools/golden/tiny_models.py, transformers {transformers.__version__}, torch {torch.__version__}",
        parameters=sum(p.numel() for p in model.parameters()), sequences=sequences, loss=total,
        token_log_probs=log_probs, last_logits=last_logits,
        grad_l2={n: p.grad.norm().item() for n, p in model.named_parameters()})
    if router:
        # The router's loss is not linear in the sequences: of the first alone, with its gradient.
        model.zero_grad()
        out = model(torch.tensor([sequences[0]]), labels=torch.tensor([sequences[0]]))
        out.loss.backward()
        result["router"] = dict(loss=out.loss.item(), aux_loss=aux,
                                grad_l2={n: p.grad.norm().item() for n, p in model.named_parameters()})
    with torch.no_grad():
        restart(model)
        made = model.generate(torch.tensor([sequences[0][:8]]), max_new_tokens=24, do_sample=False,
                              eos_token_id=None, pad_token_id=0)
    result["greedy"] = made[0, 8:].tolist()

    classifier = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=1, **EAGER)
    classifier.score.weight.data = 0.5 * torch.randn(classifier.score.weight.shape, generator=generator)
    result["score_weight"] = classifier.score.weight[0].tolist()
    classifier = classifier.eval().double()
    result["scores"] = []
    for ids in sequences:
        with torch.no_grad():
            restart(classifier)
            result["scores"].append(classifier(torch.tensor([ids])).logits.item())
    (folder / "expected.json").write_text(json.dumps(result) + "\n")
    print(name, result["parameters"], "parameters, loss", round(total, 4))


if __name__ == "__main__":
    torch.manual_seed(0)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for variant in sys.argv[2:] or VARIANTS:
        make(variant, pathlib.Path(sys.argv[1]) / ("tiny-" + variant))
