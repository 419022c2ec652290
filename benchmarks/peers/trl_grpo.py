"""python trl_grpo.py MODEL PPO.jsonl STEPS [--rollouts]: responses a second of whole steps of TRL's GRPOTrainer in its steady state, or tokens a second of its generation alone.

8 prompts of 64 tokens a step with 8 responses each of 48 tokens, learnt from once, no reference. MODEL ends hardly ever (endless of rows.py).
"""
from common import *
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import GRPOConfig, GRPOTrainer

PROMPTS, GENERATIONS, LONGEST = 8, 8, 48
model, source, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
tokenizer = AutoTokenizer.from_pretrained(model, padding_side="left")
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
prompts = [tokenizer.decode(tokenizer(json.loads(line)["prompt"], add_special_tokens=False)["input_ids"][-64:]) for line in open(source)]
rows = [dict(prompt=prompts[i % len(prompts)]) for i in range(PROMPTS * steps)]


def reward(completions, **_):
    return [float(len(completion)) for completion in completions]


clock = Clock(steps)
arguments = GRPOConfig(output_dir="/tmp/trl", per_device_train_batch_size=PROMPTS * GENERATIONS, gradient_accumulation_steps=1, num_generations=GENERATIONS, max_completion_length=LONGEST,
                       max_steps=steps, beta=0.0, loss_type="dapo", temperature=1.0, learning_rate=1e-5, lr_scheduler_type="constant", report_to=[], save_strategy="no", use_cpu=True,
                       bf16=False, gradient_checkpointing=False, seed=0, disable_tqdm=True, shuffle_dataset=False, logging_steps=steps, dataloader_pin_memory=False)
trainer = GRPOTrainer(AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32), reward, args=arguments, train_dataset=Dataset.from_list(rows), processing_class=tokenizer,
                      callbacks=[clock])
generate, seconds, lengths = trainer._generate_single_turn, [], []


def timed(*given, **keys):
    start = time.perf_counter()
    answer = generate(*given, **keys)
    seconds.append(time.perf_counter() - start)
    lengths.extend(len(completion) for completion in answer[0])
    return answer


trainer._generate_single_turn = timed
trainer.train()
kept = seconds[clock.first:]
sampled = sum(lengths) / len(lengths)
responses = PROMPTS * GENERATIONS
report(rate=responses * sampled * len(kept) / sum(kept) if "--rollouts" in sys.argv else responses * clock.rate(), sampled=sampled)
