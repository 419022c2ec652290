"""python random_model.py NAME TOKENIZER FOLDER: a model with random weights and the published dimensions of NAME (llama-6m, qwen2.5-0.5b, llama-3.2-1b), in bfloat16, with the tokenizer of the folder TOKENIZER."""
from common import *
import shutil
from pathlib import Path
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

name, tokenizer, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
SHAPES = {
    "llama-6m": (LlamaForCausalLM, lambda: LlamaConfig(hidden_size=256, intermediate_size=688, num_hidden_layers=6, num_attention_heads=8, num_key_value_heads=4, vocab_size=49152,
                                                       max_position_embeddings=1024, tie_word_embeddings=True)),
    "qwen2.5-0.5b": (Qwen2ForCausalLM, lambda: Qwen2Config(hidden_size=896, intermediate_size=4864, num_hidden_layers=24, num_attention_heads=14, num_key_value_heads=2, vocab_size=151936,
                                                           max_position_embeddings=32768, rms_norm_eps=1e-6, tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=1e6))),
    "llama-3.2-1b": (LlamaForCausalLM, lambda: LlamaConfig(hidden_size=2048, intermediate_size=8192, num_hidden_layers=16, num_attention_heads=32, num_key_value_heads=8, head_dim=64, vocab_size=128256,
                                                           max_position_embeddings=131072, tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=5e5))),
}
if name not in SHAPES:
    sys.exit(f"{name} is none of {', '.join(SHAPES)}")
torch.manual_seed(0)
torch.set_default_dtype(torch.bfloat16)
kind, config = SHAPES[name]
config = config()
config.bos_token_id, config.eos_token_id, config.pad_token_id = 0, 2, 2
kind(config).save_pretrained(folder)
for file in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja"):
    if (tokenizer / file).exists():
        shutil.copy(tokenizer / file, folder / file)
