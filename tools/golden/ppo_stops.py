"""Where responses end and how many iterations there are, by TRL's PPOTrainer: `total_episodes`, `stop_token`, `stop_token_id`.

Needs trl 1.12.0, the last with PPO: `python tools/golden/ppo_stops.py FOLDER`, where FOLDER is what tools/golden/trajectories.py has written (llama, llama-reward, demonstrations.jsonl).
  FOLDER/prompts.jsonl        eight prompts, all in each iteration
  FOLDER/stops.yaml           a stage for each case
  FOLDER/stops.json           stage -> the lines that TRL logged

Sampling at temperature 1/1000 takes the most likely token, so both sides write the same responses. Nothing is learnt (learning rate 1e-12).
"""
import json, os, shutil, sys, tempfile
from collections import Counter
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE='1', TRANSFORMERS_VERBOSITY='error', HF_DATASETS_DISABLE_PROGRESS_BARS='1', CUDA_VISIBLE_DEVICES='', TRL_EXPERIMENTAL_SILENCE='1')
import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
from trl.experimental.ppo import PPOConfig, PPOTrainer

BATCH, LENGTH, TEMPERATURE = 8, 12, 1e-3
folder = Path(sys.argv[1]).resolve()
torch.set_num_threads(1)
tokenizer = AutoTokenizer.from_pretrained(folder / 'llama', padding_side='left')
prompts = [json.loads(line)['prompt'] for line in (folder / 'demonstrations.jsonl').read_text().splitlines()][:BATCH]
(folder / 'prompts.jsonl').write_text(''.join(json.dumps({'prompt': prompt}) + '\n' for prompt in prompts))


def language_model(ends=''):
    return AutoModelForCausalLM.from_pretrained(folder / f'llama{ends}', dtype=torch.float32)


def reward_model(ends):
    return AutoModelForSequenceClassification.from_pretrained(folder / f'llama-reward{ends}', num_labels=1, dtype=torch.float32)


def common_token():
    """A token that some responses have in their middle."""
    model, seen = language_model(), Counter()
    for prompt in prompts:
        ids = tokenizer(prompt, return_tensors='pt').input_ids
        written = model.generate(ids, do_sample=False, max_new_tokens=LENGTH, eos_token_id=None, pad_token_id=tokenizer.pad_token_id)[0, ids.shape[1]:].tolist()
        seen.update(set(written[1:-2]))
    return seen.most_common(1)[0][0]


def write_models_that_end(token):
    """The same models, with this token as the end of a text."""
    for name in ('llama', 'llama-reward'):
        to = folder / f'{name}-ends'
        shutil.copytree(folder / name, to, dirs_exist_ok=True)
        for file, key, value in (('config.json', 'eos_token_id', token), ('tokenizer_config.json', 'eos_token', tokenizer.convert_ids_to_tokens(token))):
            content = json.loads((to / file).read_text())
            (to / file).write_text(json.dumps({**content, key: value}))


def log(ends='', **options):
    tokenizer = AutoTokenizer.from_pretrained(folder / f'llama{ends}', padding_side='left')
    with tempfile.TemporaryDirectory() as scratch:
        arguments = PPOConfig(output_dir=scratch, per_device_train_batch_size=BATCH, gradient_accumulation_steps=1, num_mini_batches=1, num_ppo_epochs=1,
                              learning_rate=1e-12, response_length=LENGTH, temperature=TEMPERATURE, kl_coef=0.05, use_cpu=True, bf16=False, report_to=[],
                              save_strategy='no', num_sample_generations=0, disable_tqdm=True, seed=0, local_rollout_forward_batch_size=BATCH, **options)
        rows = Dataset.from_list([{'input_ids': tokenizer(prompt).input_ids} for prompt in prompts])
        trainer = PPOTrainer(arguments, tokenizer, model=language_model(ends), ref_model=language_model(ends), reward_model=reward_model(ends), value_model=reward_model(ends),
                             train_dataset=rows, eval_dataset=rows)
        trainer.train()
        names = ['episode', 'objective/scores', 'objective/rlhf_reward']
        if 'stop_token_id' not in options and not (ends and 'stop_token' not in options):  # docs/parity.md: theirs counts tokens, ours responses
            names.append('val/num_eos_tokens')
        return [{name: float(f'{line[name]:.9g}') for name in names} for line in trainer.state.log_history if 'episode' in line]


stop = common_token()
write_models_that_end(stop)
cases = {  # stage -> options of both
    'episodes_20': dict(total_episodes=20),
    'episodes_16': dict(total_episodes=16),
    'episodes_17': dict(total_episodes=17, stop_token='eos', missing_eos_penalty=1.0),
    'stop_token_id': dict(total_episodes=8, stop_token_id=stop),
    'stop_token_eos': dict(total_episodes=8, stop_token='eos', missing_eos_penalty=1.0, ends='-ends'),
    'stop_token_none': dict(total_episodes=8, missing_eos_penalty=1.0, ends='-ends'),
}
expected = {name: log(**options) for name, options in cases.items()}
(folder / 'stops.json').write_text(json.dumps(expected, indent=1) + '\n')
with open(folder / 'stops.yaml', 'w') as out:
    out.write(f'name: stops\nseed: 1\noutput_dir: {folder}/runs\nstages:\n')
    for name, options in cases.items():
        ends = options.pop('ends', '')
        stage = dict(type='ppo', model=f'{folder}/llama{ends}', reward_model=f'{folder}/llama-reward{ends}', dataset=f'{folder}/prompts.jsonl', batch_size=BATCH,
                     num_mini_batches=1, num_ppo_epochs=1, learning_rate=1e-12, response_length=LENGTH, temperature=TEMPERATURE, kl_coef=0.05, logging_steps=1,
                     **options)
        if 'stop_token' not in stage and 'stop_token_id' not in stage:
            stage['stop_token'] = 'none'  # TRL's default
        out.write(f'  {name}: {json.dumps(stage)}\n')
print(f'stop_token_id {stop} ({tokenizer.convert_ids_to_tokens(stop)!r})')
