"""python trl_train.py sft|reward|dpo MODEL PAIRS.jsonl BATCH STEPS [--precompute]: the rate of TRL's trainer in its steady state, real tokens/s or pairs/s.

The rows come in file order, as on our side. With --precompute the trainer's constructor computes the reference's log-probs, before the clock starts, as ours does before its first step.
"""
from common import *
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

kind, model, source = sys.argv[1:4]
batch, steps = map(int, sys.argv[4:6])
rows = [json.loads(line) for line in open(source)]
tokenizer = AutoTokenizer.from_pretrained(model)
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
clock = Clock(steps)
arguments = dict(output_dir="/tmp/trl", per_device_train_batch_size=batch, max_steps=steps, report_to=[], save_strategy="no", logging_steps=1000, use_cpu=True, bf16=False, fp16=False,
                 gradient_checkpointing=False, learning_rate=1e-5, seed=0, disable_tqdm=True, lr_scheduler_type="constant", max_grad_norm=1.0, dataloader_pin_memory=False,
                 train_sampling_strategy="sequential")
common = dict(processing_class=tokenizer, callbacks=[clock])
if kind == "sft":
    from trl import SFTConfig, SFTTrainer
    data = [dict(prompt=row["prompt"], completion=row["chosen"]) for row in rows]
    trainer = SFTTrainer(model=AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32), args=SFTConfig(max_length=256, **arguments), train_dataset=Dataset.from_list(data), **common)
elif kind == "reward":
    from trl import RewardConfig, RewardTrainer
    scorer = AutoModelForSequenceClassification.from_pretrained(model, num_labels=1, dtype=torch.float32)
    scorer.config.pad_token_id = tokenizer.pad_token_id
    trainer = RewardTrainer(model=scorer, args=RewardConfig(max_length=264, **arguments), train_dataset=Dataset.from_list(rows), **common)
else:
    from trl import DPOConfig, DPOTrainer
    trainer = DPOTrainer(model=AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32),
                         args=DPOConfig(max_length=264, precompute_ref_log_probs="--precompute" in sys.argv, **arguments), train_dataset=Dataset.from_list(rows), **common)
if len(trainer.train_dataset) != len(rows):
    sys.exit(f"the trainer kept {len(trainer.train_dataset)} of {len(rows)} rows")
trainer.train()
units = batch
if kind == "sft":
    timed = trainer.train_dataset["input_ids"][clock.first * batch:steps * batch]
    units = sum(map(len, timed)) / (steps - clock.first)
report(rate=units * clock.rate())
