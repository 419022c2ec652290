"""Parameters of models by transformers' own count: plan's model-sizes.json.

    PEERS/v/bin/python tools/golden/model_sizes.py        (transformers 5.24, torch 2.15; a minute, no weights: torch's device "meta")

Every model of plan's models.json, and odd shapes of every family of families.json.
"""
import json
import logging
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM

logging.disable(logging.WARNING)
HERE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(HERE, "plan/src/main/resources/io/github/rlhf4j/plan")
OUT = os.path.join(HERE, "plan/src/test/resources/io/github/rlhf4j/plan/model-sizes.json")

SMALL = {"vocab_size": 120, "hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 40}
KEYS = {
    "gpt2": {"hidden_size": "n_embd", "num_hidden_layers": "n_layer", "num_attention_heads": "n_head", "intermediate_size": "n_inner"},
    "gpt_neo": {"num_hidden_layers": "num_layers", "num_attention_heads": "num_heads"},
    "opt": {"intermediate_size": "ffn_dim"},
    "bloom": {"num_hidden_layers": "n_layer", "num_attention_heads": "n_head", "intermediate_size": None},
    "falcon": {"intermediate_size": "ffn_hidden_size"},
}
KEYS["gptj"] = KEYS["gpt_bigcode"] = KEYS["gpt2"]
# What is odd about a family: each is one more model.
ODD = {
    "llama": [{}, {"num_key_value_heads": 2, "tie_word_embeddings": True}, {"head_dim": 10, "attention_bias": True}, {"mlp_bias": True, "num_key_value_heads": 1}],
    "mistral": [{"num_key_value_heads": 2}, {"num_key_value_heads": 4, "head_dim": 8, "tie_word_embeddings": True}],
    "qwen2": [{"num_key_value_heads": 2}, {"num_key_value_heads": 4, "tie_word_embeddings": True}],
    "qwen3": [{"num_key_value_heads": 2}, {"num_key_value_heads": 4, "head_dim": 6, "attention_bias": True}],
    "mixtral": [{"num_key_value_heads": 2}, {"num_key_value_heads": 4, "num_local_experts": 5, "num_experts_per_tok": 3, "head_dim": 4}],
    "gpt2": [{}, {"n_inner": None}, {"tie_word_embeddings": False, "n_positions": 77}],
    "gpt_bigcode": [{}, {"multi_query": False, "n_inner": None}],
    "gpt_neo": [{"attention_types": [[["global", "local", "global"], 1]]}, {"attention_types": [[["global", "local", "global"], 1]], "intermediate_size": None, "max_position_embeddings": 33}],
    "gpt_neox": [{}, {"attention_bias": False, "tie_word_embeddings": True}],
    "gptj": [{}, {"n_inner": None, "tie_word_embeddings": True}],
    "gemma": [{"num_key_value_heads": 1}, {"num_key_value_heads": 2, "head_dim": 6, "attention_bias": True, "tie_word_embeddings": False}],
    "gemma2": [{"num_key_value_heads": 2}, {"num_key_value_heads": 4, "head_dim": 8, "tie_word_embeddings": False}],
    "gemma3_text": [{"num_key_value_heads": 2}, {"num_key_value_heads": 1, "head_dim": 8, "attention_bias": True}],
    "phi": [{}, {"num_key_value_heads": 2, "qk_layernorm": True}],
    "phi3": [{"pad_token_id": 0}, {"pad_token_id": 0, "num_key_value_heads": 2, "tie_word_embeddings": True}],
    "qwen2_moe": [{"num_key_value_heads": 2}, {"num_key_value_heads": 4, "num_experts": 6, "moe_intermediate_size": 10, "shared_expert_intermediate_size": 14, "decoder_sparse_step": 2, "qkv_bias": False}, {"num_key_value_heads": 4, "num_experts": 6, "mlp_only_layers": [0]}],
    "qwen3_moe": [{"num_key_value_heads": 2}, {"num_key_value_heads": 4, "num_experts": 6, "moe_intermediate_size": 10, "decoder_sparse_step": 2, "head_dim": 8, "num_experts_per_tok": 2}, {"num_key_value_heads": 4, "num_experts": 6, "mlp_only_layers": [0, 2], "attention_bias": True, "num_experts_per_tok": 3}],
    "olmo": [{}, {"num_key_value_heads": 2, "attention_bias": True, "tie_word_embeddings": True}],
    "olmo2": [{}, {"num_key_value_heads": 2}],
    "olmoe": [{}, {"num_key_value_heads": 2, "num_experts": 5, "num_experts_per_tok": 5}],
    "opt": [{"word_embed_proj_dim": 24}, {"word_embed_proj_dim": 10, "do_layer_norm_before": False, "max_position_embeddings": 50}, {"word_embed_proj_dim": 24, "enable_bias": False, "layer_norm_elementwise_affine": False}],
    "bloom": [{}],
    "falcon": [{}, {"multi_query": False}, {"new_decoder_architecture": True, "num_kv_heads": 2, "bias": True}, {"parallel_attn": False, "multi_query": False, "bias": True, "alibi": True}, {"new_decoder_architecture": True, "num_kv_heads": 2, "num_ln_in_parallel_attn": 1}],
    "stablelm": [{"num_key_value_heads": 4}, {"num_key_value_heads": 2, "use_qkv_bias": True, "qk_layernorm": True}, {"num_key_value_heads": 4, "use_parallel_residual": True, "tie_word_embeddings": True}],
    "granite": [{}, {"num_key_value_heads": 2, "attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True}],
    "smollm3": [{"pad_token_id": 0, "num_key_value_heads": 2}, {"pad_token_id": 0, "num_key_value_heads": 4, "attention_bias": True, "mlp_bias": True, "tie_word_embeddings": False}],
    "starcoder2": [{}, {"num_key_value_heads": 1, "use_bias": False, "tie_word_embeddings": False}],
    "cohere": [{}, {"num_key_value_heads": 2, "use_qk_norm": True, "attention_bias": True, "tie_word_embeddings": False}],
    "gpt_oss": [{"num_key_value_heads": 2, "num_local_experts": 4}, {"num_key_value_heads": 4, "head_dim": 6, "num_local_experts": 3, "num_experts_per_tok": 2, "attention_bias": False}],
    "deepseek_v3": [{"num_key_value_heads": 4, "n_routed_experts": 8, "moe_intermediate_size": 12, "first_k_dense_replace": 1}, {"num_key_value_heads": 4, "q_lora_rank": None, "n_routed_experts": 8, "n_shared_experts": 2, "kv_lora_rank": 16, "qk_rope_head_dim": 4, "qk_nope_head_dim": 6, "v_head_dim": 8, "attention_bias": True}],
}


def part(name):
    if "lm_head" in name or "embed_out" in name:
        return "head"
    if "expert" in name and "shared_expert" not in name:
        return "experts"
    if any(word in name for word in ("norm", "ln_", "layernorm")):
        return "norms"
    if any(word in name for word in ("embed", "wte", "wpe", "project_in", "project_out")):
        return "embedding"
    return "attention" if any(word in name for word in ("attn", "attention")) else "mlp"


def count(config):
    given = {key: value for key, value in config.items() if key != "model_type"}
    read = AutoConfig.for_model(config["model_type"], **given)
    layers = read.num_hidden_layers
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(read)
    parts = {}
    for name, value in model.named_parameters():
        parts[part(name)] = parts.get(part(name), 0) + value.numel()
    total = sum(value.numel() for value in model.parameters())
    assert total == sum(parts.values()) == model.num_parameters(), config
    return {"total": total, **dict(sorted(parts.items()))}


cases = []
known = json.load(open(os.path.join(DATA, "models.json")))["models"]
for model in known:
    if model["config"]["model_type"] != "gopher":
        cases.append({"name": model["name"], "parameters": count(model["config"])})
families = [name for name in json.load(open(os.path.join(DATA, "families.json")))["families"] if name != "gopher"]
for family in families:
    for index, odd in enumerate(ODD[family]):
        config = {"model_type": family}
        for key, value in SMALL.items():
            own = KEYS.get(family, {}).get(key, key)
            if own is not None:
                config[own] = value
        config.update(odd)
        config = {key: value for key, value in config.items() if value is not None or key in ("q_lora_rank", "n_inner", "intermediate_size")}
        try:
            cases.append({"name": f"{family} {index}", "config": config, "parameters": count(config)})
        except Exception as problem:
            print(family, odd, repr(problem)[:300], file=sys.stderr)
header = f"tools/golden/model_sizes.py: transformers {transformers.__version__}, torch {torch.__version__}; without config: of models.json"
with open(OUT, "w") as file:
    file.write('{"generator": ' + json.dumps(header) + ',\n "cases": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]}\n")
print(len(cases), "models")
