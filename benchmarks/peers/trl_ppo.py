"""python trl_ppo.py MODEL PPO.jsonl ITERATIONS [--real]: prompts a second of TRL's PPOTrainer in its steady state, with the tokens that it sampled; TRL 1.12 is the last that has PPO.

Policy, reference, reward model and value model are four models of the same size, the last two with a new scalar head; 16 prompts an iteration, 48 new tokens, 4 epochs of one optimiser step.
"""
import os
os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"
from common import *
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
from trl.experimental.ppo import PPOConfig, PPOTrainer

model, source, iterations = sys.argv[1], sys.argv[2], int(sys.argv[3])
real = "--real" in sys.argv
tokenizer = AutoTokenizer.from_pretrained(model, padding_side="left")
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
prompts = [tokenizer(json.loads(line)["prompt"])["input_ids"][-64:] for line in open(source)]
data = Dataset.from_list([dict(input_ids=ids) for ids in prompts])
policy, reference = (AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32) for _ in range(2))
reward, value = (AutoModelForSequenceClassification.from_pretrained(model, num_labels=1, dtype=torch.float32) for _ in range(2))
sampled = []
generate = policy.generate


def count(input_ids, **keys):
    output = generate(input_ids=input_ids, **keys)
    sampled.append(output.sequences.shape[1] - input_ids.shape[1])
    return output


policy.generate = count
clock = Clock(iterations)
PPOTrainer(args=PPOConfig(output_dir="/tmp/trl", per_device_train_batch_size=16, gradient_accumulation_steps=1, local_rollout_forward_batch_size=16, num_mini_batches=1, num_ppo_epochs=4,
                          total_episodes=16 * iterations, response_length=48, temperature=1.0, stop_token="eos" if real else None, num_sample_generations=0, report_to=[], save_strategy="no",
                          use_cpu=True, bf16=False, gradient_checkpointing=False, learning_rate=1e-5, seed=0, disable_tqdm=True),
           processing_class=tokenizer, model=policy, ref_model=reference, reward_model=reward, value_model=value, train_dataset=data, eval_dataset=data.select(range(1)), callbacks=[clock]).train()
if not real and set(sampled) != {48}:
    sys.exit(f"responses should have 48 tokens, but have {sampled}")
report(rate=16 * clock.rate(), sampled=sum(sampled) / len(sampled))
