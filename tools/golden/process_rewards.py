"""Process reward models by TRL's PRMTrainer: loss, gradient norm and learning rate of each step, accuracy on held-out answers, and scores of the trained model in transformers.

Needs trl 1.12.0, the last with PRMTrainer: `python tools/golden/process_rewards.py FOLDER [--steps 10]`, where FOLDER is what tools/golden/trajectories.py has written (llama, gpt2, mixtral).
  FOLDER/steps.jsonl, steps-eval.jsonl   answers in steps, each labelled
  FOLDER/llama-labels, ...               the models with a head of two labels
  FOLDER/process.yaml                    a stage for each case; the word FOLDER stands for FOLDER
  FOLDER/process.json                    stage -> the lines that TRL logged
"""
import argparse, json, os, random, shutil, tempfile
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE='1', TRANSFORMERS_VERBOSITY='error', HF_DATASETS_DISABLE_PROGRESS_BARS='1', CUDA_VISIBLE_DEVICES='', TRL_EXPERIMENTAL_SILENCE='1')
import torch
from datasets import Dataset, disable_caching
from transformers import AutoModelForTokenClassification, AutoTokenizer
from trl.experimental.prm import PRMConfig, PRMTrainer

ROWS, BATCH = 24, 8
arguments = argparse.ArgumentParser()
arguments.add_argument('folder', type=Path)
arguments.add_argument('--steps', type=int, default=10)
given = arguments.parse_args()
folder = given.folder.resolve()
torch.set_num_threads(1)
disable_caching()


def rows(seed):
    rng = random.Random(seed)
    says = ['It is quiet and wide.', 'Calm.', 'The light makes it golden; everyone remembers that.', 'I do not know.', 'Who cares — ask somebody else!']
    made = []
    for i in range(ROWS):
        steps = [f'{rng.choice(says)} ({rng.randrange(100)})' for _ in range(rng.randrange(1, 5))]
        made.append(dict(prompt=f'Question: What is the sky like? ({rng.randrange(1000)})\nAnswer:\n', completions=steps, labels=[rng.random() < 0.6 for _ in steps]))
    return made


def save(name, lines):
    (folder / name).write_text(''.join(json.dumps(line, ensure_ascii=False) + '\n' for line in lines))
    return lines


train, held = save('steps.jsonl', rows(3)), save('steps-eval.jsonl', rows(4))
for family in ('llama', 'gpt2', 'mixtral'):
    torch.manual_seed(11)
    model = AutoModelForTokenClassification.from_pretrained(folder / family, num_labels=2, dtype=torch.float32)
    torch.nn.init.normal_((model.score if hasattr(model, 'score') else model.classifier).bias, std=0.1)
    model.to(torch.bfloat16).save_pretrained(folder / f'{family}-labels')
    for file in ('tokenizer.json', 'tokenizer_config.json'):
        shutil.copy(folder / family / file, folder / f'{family}-labels')


def log(family, options):
    tokenizer = AutoTokenizer.from_pretrained(folder / family)
    model = AutoModelForTokenClassification.from_pretrained(folder / f'{family}-labels', dtype=torch.float32)
    with tempfile.TemporaryDirectory() as scratch:
        config = PRMConfig(output_dir=scratch, per_device_train_batch_size=BATCH, per_device_eval_batch_size=ROWS,
                           max_steps=given.steps, logging_steps=1, learning_rate=1e-3, use_cpu=True, bf16=False, report_to=[], save_strategy='no', disable_tqdm=True,
                           eval_strategy='steps', eval_steps=given.steps, max_length=options.pop('max_length', 256), **options)
        trainer = PRMTrainer(model=model, args=config, processing_class=tokenizer, train_dataset=Dataset.from_list(train), eval_dataset=Dataset.from_list(held))
        trainer.get_train_dataloader = lambda: torch.utils.data.DataLoader(trainer.train_dataset, batch_size=BATCH, shuffle=False, collate_fn=trainer.data_collator)
        trainer.train()
        keep = ('step', 'loss', 'grad_norm', 'learning_rate', 'eval_loss', 'eval_accuracy')
        return [{key: float(f'{line[key]:.9g}') for key in keep if key in line} for line in trainer.state.log_history if 'loss' in line or 'eval_loss' in line]


cases = {  # stage -> family, options of both
    'prm_llama': ('llama', {}),
    'prm_llama_last': ('llama', dict(train_on_last_step_only=True)),
    'prm_llama_cut': ('llama', dict(max_length=110)),
    'prm_llama_cut_completion': ('llama', dict(max_completion_length=60)),
    'prm_llama_separator': ('llama', dict(step_separator='\n\n')),
    'prm_gpt2': ('gpt2', {}),
    'prm_mixtral': ('mixtral', {}),
}
expected = {}
with open(folder / 'process.yaml', 'w') as out:
    out.write('name: process\nseed: 1\noutput_dir: FOLDER/runs\nstages:\n')
    for name, (family, options) in cases.items():
        stage = dict(type='process_reward', model=f'FOLDER/{family}-labels', dataset='FOLDER/steps.jsonl', eval_dataset='FOLDER/steps-eval.jsonl', max_steps=given.steps,
                     batch_size=BATCH, learning_rate=1e-3, logging_steps=1, shuffle=False, **options)
        out.write(f'  {name}: {json.dumps(stage)}\n')
        expected[name] = log(family, dict(options))
        print(name, [round(line['loss'], 4) for line in expected[name] if 'loss' in line])
with open(folder / 'process.json', 'w') as out:
    out.write('{\n' + ',\n'.join(f' {json.dumps(name)}: {json.dumps(lines)}' for name, lines in expected.items()) + '\n}\n')
