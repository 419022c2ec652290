"""Writes OUTPUT/, everything that a comparison of trainers needs: tiny models, texts, a run file of ours, and what TRL's trainers logged of the same training.

Needs trl 1.16.0, transformers 5.24.0 and torch 2.15.0: `python tools/golden/trajectories.py OUTPUT [STAGE-REGEX] [--steps 10] [--chat DIR]`, on CPU in float32.
  OUTPUT/llama, ...      random models of about 10,000 weights, each rounded to BF16, with a tokenizer trained here
  OUTPUT/*.jsonl         texts made up here, 20 rows
  OUTPUT/run.yaml        a stage for each trajectory; the word FOLDER stands for OUTPUT
  OUTPUT/expected.json   stage -> the lines that TRL logged, in 9 digits
--chat DIR adds trajectories with the tokenizer and the template of a real model. pipeline/src/test/resources/io/github/rlhf4j/cli/trajectories is
the output of --steps 5.

Our steps are cut into micro-batches by tokens, TRL's by gradient_accumulation_steps: batch_size = per_device_train_batch_size times those.
"""
import argparse, json, os, random, re, shutil, sys, tempfile
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE='1', TRANSFORMERS_VERBOSITY='error', HF_DATASETS_DISABLE_PROGRESS_BARS='1', CUDA_VISIBLE_DEVICES='',
                  TRL_EXPERIMENTAL_SILENCE='1')
import torch, transformers, trl
from datasets import Dataset, disable_caching
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer, LlamaConfig, PreTrainedTokenizerFast

BATCH, ROWS = 8, 20
PROMPTS, GENERATIONS, LONGEST = 4, 4, 12  # of groups: prompts a step, completions a prompt, tokens of the longest
SPECIAL = ['<pad>', '<eos>']
# As Llama 3's and others': nothing follows the end of the last turn.
TEMPLATE = ("{% for message in messages %}{{ '<' + message['role'] + '>' }}{% if message['role'] == 'assistant' %}"
            "{% generation %}{{ message['content'] + '<eos>' }}{% endgeneration %}"
            "{% else %}{{ message['content'] + '<eos>' }}{% endif %}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}")


# ---- texts

def write_texts(folder):
    rng = random.Random(5)
    things = ['sky', 'river', 'old house', 'café', 'north wind', 'little dog', 'Straße', 'moon', 'field', 'red barn']
    asks = ['What is the %s like?', 'Tell me about the %s.', 'Why do people love the %s?', 'Describe the %s in a few words, please.']
    good = ['It is quiet and wide.', 'People go there when the day is long, and they stay until the evening.', 'Calm.',
            'The light makes it look almost golden; everyone remembers that.', 'It has been here longer than anyone can say.']
    bad = ['I do not know.', 'Who cares about the %s? Ask somebody else, I am tired of questions like this one.', 'No.',
           'the the %s the', 'It is 42 — or maybe 17!']

    def fill(text, thing):
        return text % thing if '%s' in text else text

    rows = []
    for i in range(ROWS):
        thing, ask = things[i % len(things)], asks[rng.randrange(len(asks))]
        number = rng.randrange(1000)
        rows.append((f'{fill(ask, thing)} ({number})', fill(rng.choice(good), thing) + f' That is {rng.choice(things)}.',
                     fill(rng.choice(bad), thing) + ' ?' * rng.randrange(4)))

    def save(name, lines):
        (folder / f'{name}.jsonl').write_text(''.join(json.dumps(line, ensure_ascii=False) + '\n' for line in lines))

    def turn(role, text):
        return {'role': role, 'content': text}

    text_rows = [(f'Question: {q}\nAnswer:', f' {c}', f' {r}') for q, c, r in rows]
    save('demonstrations', [dict(prompt=p, completion=c) for p, c, _ in text_rows])
    save('texts', [dict(text=p + c) for p, c, _ in text_rows])
    save('pairs', [dict(prompt=p, chosen=c, rejected=r) for p, c, r in text_rows])
    save('unpaired', [dict(prompt=p, completion=(c, r)[i % 3 == 1], label=i % 3 != 1) for i, (p, c, r) in enumerate(text_rows)])
    save('chats', [dict(messages=[turn('system', 'Be brief.')] * (i % 2) + [turn('user', q), turn('assistant', c), turn('user', 'Really?'), turn('assistant', 'Yes.')])
                   for i, (q, c, _) in enumerate(rows)])
    save('chat-unpaired', [dict(prompt=[turn('user', q)], completion=[turn('assistant', (c, r)[i % 2])], label=i % 2 == 0) for i, (q, c, r) in enumerate(rows)])
    save('chat-pairs', [dict(prompt=[turn('user', q)], chosen=[turn('assistant', c)], rejected=[turn('assistant', r)]) for q, c, r in rows])


def write_margins(folder):
    """Pairs with a margin; behind the tokenizer, which is trained on the other texts."""
    rows = [dict(row, margin=(i % 5) * 0.75 - 1) for i, row in enumerate(read_texts(folder, 'pairs'))]
    (folder / 'margins.jsonl').write_text(''.join(json.dumps(row, ensure_ascii=False) + '\n' for row in rows))


def write_rollouts(folder):
    """Stored completions of random tokens; half of them end. What sampled them is made up too: log_probs matters to off_policy_mask_threshold alone."""
    rng = random.Random(11)
    tokenizer = AutoTokenizer.from_pretrained(folder / 'llama')
    with open(folder / 'rollouts.jsonl', 'w') as out:
        for row in read_texts(folder, 'pairs'):
            completions = []
            for _ in range(GENERATIONS):
                ids = [rng.randrange(len(SPECIAL), len(tokenizer)) for _ in range(rng.randrange(2, LONGEST))] + [tokenizer.eos_token_id] * rng.randrange(2)
                completions.append({'ids': ids, 'reward': rng.choice([0.0, 0.5, 1.0]), 'log_probs': [round(rng.uniform(-9, -5), 3) for _ in ids]})
            if rng.random() < 0.2:  # a group from which nothing is learnt
                for completion in completions:
                    completion['reward'] = 1.0
            prompt_ids = tokenizer(row['prompt'])['input_ids']
            out.write(json.dumps({'prompt': row['prompt'], 'prompt_ids': prompt_ids, 'completions': completions}, ensure_ascii=False) + '\n')


def write_online(folder):
    """Two responses a prompt of those that write_rollouts wrote; and the same cut to one length, where TRL's padding does not count."""
    rows = read_texts(folder, 'rollouts')
    for name, cut in (('online', LONGEST), ('online-even', 2)):
        with open(folder / f'{name}.jsonl', 'w') as out:
            for row in rows:
                completions = [{'ids': c['ids'][:cut], 'reward': c['reward']} for c in row['completions'][1:3]]
                out.write(json.dumps({**row, 'completions': completions}, ensure_ascii=False) + '\n')


def online_trainer(rows):
    """TRL's OnlineDPOTrainer on the stored responses, in the order of the file, and the reward function that knows them."""
    from trl.experimental.online_dpo import online_dpo_trainer
    online_dpo_trainer.round = lambda value, digits: value  # its loss is logged in 4 digits
    rewards = []

    class Stored(online_dpo_trainer.OnlineDPOTrainer):
        served = 0

        @property
        def beta(self):  # its own looks a list up by a fraction of an epoch, which fails
            return self._beta[min(int(self.state.epoch), len(self._beta) - 1)] if isinstance(self._beta, list) else self._beta

        @beta.setter
        def beta(self, value):
            self._beta = value

        def _generate(self, model, prompts, images=None):
            batch = rows[self.served % len(rows):][:len(prompts)]
            assert [row['prompt'] for row in batch] == prompts
            self.served += len(prompts)
            completions = [row['completions'][i] for i in range(2) for row in batch]  # first responses, then second ones
            rewards[:] = [c['reward'] for c in completions]

            def padded(lists, left):
                longest = max(map(len, lists))
                fill = [[self._tokenizer.pad_token_id] * (longest - len(ids)) for ids in lists]
                ones = [[1] * len(ids) for ids in lists]
                zeros = [[0] * len(f) for f in fill]
                both = [[f + x if left else x + f for f, x in zip(pads, given)] for pads, given in ((fill, lists), (zeros, ones))]
                return torch.tensor(both[0]), torch.tensor(both[1])

            return *padded([row['prompt_ids'] for row in batch] * 2, True), *padded([c['ids'] for c in completions], False), None

    def reward(**_):
        return list(rewards)

    return Stored, reward


def write_distilled(folder):
    """One sample a prompt, of those that write_rollouts wrote."""
    with open(folder / 'distilled.jsonl', 'w') as out:
        for row in read_texts(folder, 'rollouts'):
            completions = [{'ids': row['completions'][0]['ids'], 'reward': 0.0}]
            out.write(json.dumps({**row, 'completions': completions}, ensure_ascii=False) + '\n')


def gkd_trainer(samples):
    """TRL's GKDTrainer, whose samples of the student are the stored ones."""
    from trl.experimental.gkd import GKDTrainer

    class Stored(GKDTrainer):
        step = 0

        def generate_on_policy_outputs(self, model, inputs, generation_config):
            count = len(inputs['prompts'])
            batch = [samples[(self.step * BATCH + i) % len(samples)] for i in range(count)]
            self.step += 1
            whole = padded_rows([(row['prompt_ids'], row['completions'][0]['ids']) for row in batch], self.processing_class.pad_token_id)
            return whole['input_ids'], whole['attention_mask'], whole['labels']

        def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
            # TRL divides the loss of samples by the tokens of the data's responses
            own = (inputs['labels'][:, 1:] != -100).sum() if self.lmbda == 1 else num_items_in_batch
            return super().compute_loss(model, inputs, return_outputs, own)

    return Stored


def padded_rows(rows, pad):
    """Prompts with responses as a batch of TRL's: input_ids, attention_mask, labels, prompts, prompt_attention_mask."""
    longest, longest_prompt = max(len(p) + len(r) for p, r in rows), max(len(p) for p, _ in rows)
    batch = {'input_ids': [p + r + [pad] * (longest - len(p) - len(r)) for p, r in rows],
             'attention_mask': [[1] * len(p + r) + [0] * (longest - len(p) - len(r)) for p, r in rows],
             'labels': [[-100] * len(p) + r + [-100] * (longest - len(p) - len(r)) for p, r in rows],
             'prompts': [[pad] * (longest_prompt - len(p)) + p for p, _ in rows],
             'prompt_attention_mask': [[0] * (longest_prompt - len(p)) + [1] * len(p) for p, _ in rows]}
    return {name: torch.tensor(values) for name, values in batch.items()}


def replay(rows):
    """TRL's rollout function that gives the stored completions in the order of the file, and the reward function that knows them."""
    served = [0]

    def rollout(prompts, trainer):
        answers = []
        for i in range(len(prompts) // GENERATIONS):
            row = rows[(served[0] + i) % len(rows)]
            assert all(prompt == row['prompt'] for prompt in prompts[i * GENERATIONS:(i + 1) * GENERATIONS])
            answers += [(row['prompt_ids'], completion) for completion in row['completions']]
        served[0] += len(prompts) // GENERATIONS
        return {'prompt_ids': [ids for ids, _ in answers], 'completion_ids': [c['ids'] for _, c in answers],
                'logprobs': [c['log_probs'] for _, c in answers], 'stored': [c['reward'] for _, c in answers]}

    def reward(stored, **_):
        return stored

    return rollout, reward


def replay_in_rloo(rows):
    """The same for RLOOTrainer, which has no rollout functions: what it generates, and the reward function."""
    rollout, _ = replay(rows)
    stored = []

    def generate(trainer, prompt_ids, *_):
        prompts = [trainer._tokenizer.decode(ids) for ids in prompt_ids]
        answers = rollout(prompts, trainer)
        assert answers['prompt_ids'] == [list(ids) for ids in prompt_ids]
        stored[:] = answers['stored']
        return answers['completion_ids']

    def reward(completions, **_):
        return list(stored)

    return generate, reward


def read_texts(folder, name):
    return [json.loads(line) for line in (folder / f'{name}.jsonl').read_text().splitlines()]


# ---- models

def write_tokenizer(folder, texts):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=320, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token='<pad>', eos_token='<eos>', model_max_length=256, chat_template=TEMPLATE)
    fast.save_pretrained(folder / 'llama')
    return fast


def save_model(model, directory, tokenizer_directory=None):
    model.to(torch.bfloat16).save_pretrained(directory)
    (directory / 'generation_config.json').unlink(missing_ok=True)
    if tokenizer_directory:
        for file in ('tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja'):
            if (tokenizer_directory / file).exists():
                shutil.copy(tokenizer_directory / file, directory)


def write_models(folder, chat):
    texts = [text for file in sorted(folder.glob('*.jsonl')) for text in re.findall(r'"(?:[^"\\]|\\.)*"', file.read_text())]
    tokenizer = write_tokenizer(folder, texts)
    torch.manual_seed(7)
    shape = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256,
                 tie_word_embeddings=True, initializer_range=0.25, pad_token_id=tokenizer.pad_token_id, bos_token_id=None)
    ids = dict(vocab_size=len(tokenizer), eos_token_id=tokenizer.eos_token_id)
    save_model(transformers.LlamaForCausalLM(LlamaConfig(**shape, **ids)), folder / 'llama')
    save_model(transformers.LlamaForSequenceClassification(LlamaConfig(**shape, **ids, num_labels=1)), folder / 'llama-reward', folder / 'llama')
    gpt2 = transformers.GPT2Config(n_embd=16, n_layer=2, n_head=4, n_positions=256, vocab_size=len(tokenizer), bos_token_id=None, eos_token_id=tokenizer.eos_token_id,
                                   pad_token_id=tokenizer.pad_token_id, initializer_range=0.25, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0)
    save_model(transformers.GPT2LMHeadModel(gpt2), folder / 'gpt2', folder / 'llama')
    mixtral = transformers.MixtralConfig(**{**shape, 'tie_word_embeddings': False}, **ids, num_local_experts=4, num_experts_per_tok=2,
                                         sliding_window=None, router_aux_loss_coef=0.1, output_router_logits=True)
    save_model(transformers.MixtralForCausalLM(mixtral), folder / 'mixtral', folder / 'llama')
    torch.manual_seed(11)
    teacher = LlamaConfig(**{**shape, 'hidden_size': 24, 'num_hidden_layers': 3, 'tie_word_embeddings': False}, **ids)
    save_model(transformers.LlamaForCausalLM(teacher), folder / 'llama-teacher', folder / 'llama')
    if chat:
        real = AutoTokenizer.from_pretrained(chat)
        # No pad id: SmolLM2's is its end token, whose embedding PyTorch (padding_idx) would then not train, and we do (docs/parity.md)
        config = LlamaConfig(**{**shape, 'pad_token_id': None}, vocab_size=len(real), eos_token_id=real.eos_token_id)
        save_model(transformers.LlamaForCausalLM(config), folder / 'real-chat', Path(chat))


# ---- trajectories

class Case:
    """A trajectory: `both` are keys of one name and value on both sides, `trl` and `ours` those of one side."""

    def __init__(self, name, kind, data, model='llama', trl=None, ours=None, accumulate=1, without=(), evaluate=None, stopping=None, **both):
        self.name, self.kind, self.data, self.model, self.accumulate, self.without = name, kind, data, model, accumulate, without
        self.both = {'learning_rate': 5e-3 if kind == 'sft' else 1e-3 if kind == 'reward' else 3e-4, 'lr_scheduler_type': 'constant', 'weight_decay': 0.0, **both}
        self.trl, self.ours, self.evaluate = trl or {}, ours or {}, evaluate  # name of a set -> so many first rows of the data
        self.stopping = stopping  # early_stopping_patience, early_stopping_threshold
        if stopping:
            self.both['load_best_model_at_end'] = True
            self.trl.update(save_strategy=both['eval_strategy'], save_steps=both['eval_steps'])
            self.ours.update(early_stopping_patience=stopping[0], early_stopping_threshold=stopping[1])
        if evaluate:  # one batch a set: transformers averages over batches, we over tokens
            self.trl['per_device_eval_batch_size'] = ROWS

    def take(self, steps):
        self.both.setdefault('max_steps', steps)
        return self

    def stage(self):
        if self.kind in ('grpo', 'rloo'):
            return {'type': self.kind, 'model': f'FOLDER/{self.model}', 'rollouts': f'FOLDER/{self.data}.jsonl', 'batch_size': PROMPTS,
                    'num_generations': GENERATIONS, 'max_completion_length': LONGEST, 'logging_steps': 1, **self.both, **self.ours}
        if self.kind == 'online_dpo':
            return {'type': self.kind, 'model': f'FOLDER/{self.model}', 'rollouts': f'FOLDER/{self.data}.jsonl', 'batch_size': PROMPTS, 'logging_steps': 1,
                    **self.both, **self.ours}
        return {'type': self.kind, 'model': f'FOLDER/{self.model}', 'dataset': f'FOLDER/{self.data}.jsonl', 'batch_size': BATCH,
                'shuffle': False, 'logging_steps': 1, **({'warmup_steps': 0} if 'warmup_steps' not in self.both else {}), **self.both,
                **({'eval_dataset': {name: {'path': f'FOLDER/{self.data}.jsonl', 'limit': limit} for name, limit in self.evaluate.items()}} if self.evaluate else {}), **self.ours}

    def log(self, folder):
        path = folder / self.model
        tokenizer = AutoTokenizer.from_pretrained(path)
        with tempfile.TemporaryDirectory() as scratch:
            arguments = dict(output_dir=scratch, per_device_train_batch_size=BATCH // self.accumulate, gradient_accumulation_steps=self.accumulate,
                             use_cpu=True, bf16=False, report_to=[], save_strategy='no', logging_steps=1, disable_tqdm=True, seed=0, optim='adamw_torch',
                             gradient_checkpointing=False, dataloader_pin_memory=False, train_sampling_strategy='sequential')
            arguments.update(self.both, **self.trl)
            rows = read_texts(folder, self.data) if self.model != 'real-chat' else rendered(read_texts(folder, self.data), tokenizer)
            common = dict(train_dataset=Dataset.from_list(rows), processing_class=tokenizer)
            if self.evaluate:
                common['eval_dataset'] = {name: Dataset.from_list(rows[:limit]) for name, limit in self.evaluate.items()}

            if self.stopping:
                common['callbacks'] = [transformers.EarlyStoppingCallback(*self.stopping)]

            def language_model():
                return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)

            if self.kind == 'sft':
                trainer = trl.SFTTrainer(language_model(), args=trl.SFTConfig(**arguments), **common)
            elif self.kind in ('grpo', 'rloo'):
                rollout, reward = replay(rows)
                arguments.update(per_device_train_batch_size=PROMPTS * GENERATIONS, num_generations=GENERATIONS, max_completion_length=LONGEST, shuffle_dataset=False)
                arguments.pop('train_sampling_strategy')
                common['train_dataset'] = Dataset.from_list([{'prompt': row['prompt']} for row in rows])
                # Groups stay together in a generation of several steps here
                trl.trainer.grpo_trainer.shuffle_sequence_dict = trl.trainer.rloo_trainer.shuffle_sequence_dict = lambda batch: batch
                if self.kind == 'grpo':
                    trainer = trl.GRPOTrainer(language_model(), reward, args=trl.GRPOConfig(**arguments), rollout_func=rollout, **common)
                else:
                    generate, reward = replay_in_rloo(rows)
                    trainer = trl.RLOOTrainer(language_model(), reward, args=trl.RLOOConfig(**arguments), **common)
                    trainer._generate_single_turn = lambda *given: generate(trainer, *given)
            elif self.kind == 'online_dpo':
                from trl.experimental.online_dpo import OnlineDPOConfig
                kind, reward = online_trainer(rows)
                arguments.update(per_device_train_batch_size=PROMPTS)
                common['train_dataset'] = Dataset.from_list([{'prompt': row['prompt']} for row in rows])
                trainer = kind(language_model(), language_model(), reward, args=OnlineDPOConfig(**arguments), **common)
            elif self.kind == 'distill':
                from trl.experimental.gkd import GKDConfig
                arguments['max_length'] = None
                ends = [tokenizer.eos_token_id]

                def collate(batch):
                    prompts = [tokenizer(row['prompt'])['input_ids'] for row in batch]
                    wholes = [tokenizer(row['prompt'] + row['completion'])['input_ids'] + ends for row in batch]
                    return padded_rows([(prompt, whole[len(prompt):]) for prompt, whole in zip(prompts, wholes)], tokenizer.pad_token_id)

                teacher = AutoModelForCausalLM.from_pretrained(folder / 'llama-teacher', dtype=torch.float32)
                trainer = gkd_trainer(read_texts(folder, 'distilled'))(language_model(), teacher, args=GKDConfig(**arguments), data_collator=collate, **common)
            elif self.kind == 'reward':
                model = AutoModelForSequenceClassification.from_pretrained(path, dtype=torch.float32)
                trainer = trl.RewardTrainer(model, args=trl.RewardConfig(**arguments), **common)
            elif self.kind == 'dpo':
                trainer = trl.DPOTrainer(language_model(), language_model(), args=trl.DPOConfig(**arguments), **common)
            else:
                trainer = trl.KTOTrainer(language_model(), language_model(), args=trl.KTOConfig(**arguments), **common)
            trainer.train()
            lines = []
            for line in trainer.state.log_history:
                if 'loss' in line:
                    lines.append(self.shortened(line))
                elif self.evaluate and any(key.startswith('eval_') for key in line):
                    names = {f'eval_{name}_loss' for name in self.evaluate}
                    kept = {key: float(f'{value:.9g}') for key, value in line.items() if key in names | {'step', 'epoch'}}
                    if lines and 'loss' not in lines[-1] and lines[-1]['step'] == kept['step']:  # a line a set; ours is one
                        lines[-1].update(kept)
                    else:
                        lines.append(kept)
            if self.stopping:
                lines.append({'best_step': trainer.state.best_global_step, 'best_metric': float(f'{trainer.state.best_metric:.9g}')})
            return lines

    def shortened(self, line):
        """Without what TRL averages over, or (epoch) counts in, micro-batches, and what is another thing here on purpose (docs/parity.md)."""
        if self.kind in ('grpo', 'rloo'):  # time is no result; the epochs of several steps a generation lack the rest of the rows
            out = {'step_time', 'epoch'} if 'steps_per_generation' in self.both else {'step_time'}
            return {key: float(f'{value:.9g}') for key, value in line.items() if key not in out}
        kept = {'step', 'loss', 'grad_norm', 'learning_rate', 'num_tokens'} if self.accumulate > 1 else set(line) - {*self.without}
        return {key: float(f'{value:.9g}') for key, value in line.items() if key in kept}


def rendered(rows, tokenizer):
    """Conversations as texts up to the last end token: TRL also trains what the template writes behind it, we do not (docs/parity.md)."""
    def text(messages, **options):
        whole = tokenizer.apply_chat_template(messages, tokenize=False, **options)
        return whole if options else whole[:whole.rindex(tokenizer.eos_token) + len(tokenizer.eos_token)]

    def row(conversation):
        if 'messages' in conversation:
            return {'text': text(conversation['messages'])}
        prompt = text(conversation['prompt'], add_generation_prompt=True)
        return {'prompt': prompt, **{side: text(conversation['prompt'] + conversation[side])[len(prompt):] for side in ('chosen', 'rejected')}}

    return [row(conversation) for conversation in rows]


def cases(chat):
    yield Case('sft', 'sft', 'demonstrations')
    yield Case('sft_text', 'sft', 'texts')
    yield Case('sft_whole', 'sft', 'demonstrations', completion_only_loss=False)
    yield Case('sft_accumulation', 'sft', 'demonstrations', accumulate=4, ours={'micro_batch_tokens': 64})
    yield Case('sft_linear_warmup', 'sft', 'demonstrations', lr_scheduler_type='linear', warmup_steps=3)
    yield Case('sft_cosine_warmup', 'sft', 'demonstrations', lr_scheduler_type='cosine', warmup_steps=0.25)
    yield Case('sft_cosine_floor', 'sft', 'demonstrations', lr_scheduler_type='cosine_with_min_lr', trl={'lr_scheduler_kwargs': {'min_lr_rate': 0.1}},
               ours={'min_lr_rate': 0.1})
    for name, steps, options in (('polynomial', 2, {'lr_end': 1e-4, 'power': 2.0}), ('inverse_sqrt', 2, {'timescale': 3}), ('cosine_with_restarts', 1, {'num_cycles': 2}),
                                 ('warmup_stable_decay', 1, {'num_decay_steps': 3, 'min_lr_ratio': 0.1})):
        yield Case(f'sft_{name}', 'sft', 'demonstrations', lr_scheduler_type=name, warmup_steps=steps, lr_scheduler_kwargs=options)
    yield Case('sft_evaluations', 'sft', 'demonstrations', evaluate={'whole': ROWS, 'few': 6},
               eval_strategy='steps', eval_steps=2, eval_on_start=True)
    yield Case('sft_evaluations_of_epochs', 'sft', 'demonstrations', evaluate={'some': 11}, eval_strategy='epoch')
    yield Case('sft_decay', 'sft', 'demonstrations', weight_decay=0.3)
    yield Case('sft_adam', 'sft', 'demonstrations', adam_beta1=0.8, adam_beta2=0.95, adam_epsilon=1e-4)
    yield Case('sft_clipped', 'sft', 'demonstrations', max_grad_norm=0.1)
    yield Case('sft_cut', 'sft', 'demonstrations', max_length=40, ours={'truncation_mode': 'keep_start'})
    yield Case('sft_chat', 'sft', 'chats')
    yield Case('sft_chat_assistant', 'sft', 'chats', assistant_only_loss=True)

    yield Case('sft_dft', 'sft', 'demonstrations', loss_type='dft')
    yield Case('sft_smoothed', 'sft', 'demonstrations', label_smoothing_factor=0.1)
    # On the CPU transformers keeps packed sequences apart by their positions, as long as one row is a batch
    yield Case('sft_packed', 'sft', 'demonstrations', packing=True, packing_strategy='bfd', max_length=160, trl={'padding_free': True})
    yield Case('sft_packed_cut', 'sft', 'chats', packing=True, max_length=40, trl={'padding_free': True}, ours={'truncation_mode': 'keep_start'})
    yield Case('sft_packed_split', 'sft', 'texts', packing=True, packing_strategy='bfd_split', max_length=40, trl={'padding_free': True})

    yield Case('reward', 'reward', 'pairs', 'llama-reward')
    yield Case('reward_centred', 'reward', 'pairs', 'llama-reward', center_rewards_coefficient=0.01)
    yield Case('reward_accumulation', 'reward', 'pairs', 'llama-reward', accumulate=4, ours={'micro_batch_tokens': 64}, weight_decay=0.3)
    yield Case('reward_dropped', 'reward', 'pairs', 'llama-reward', max_length=60, ours={'truncation_mode': 'drop'})

    yield Case('reward_margin', 'reward', 'margins', 'llama-reward', center_rewards_coefficient=0.01)

    smoothed = {'exo_pair': 0.1, 'robust': 0.2, 'aot': 0.1, 'aot_unpaired': 0.1}
    for loss in ('sigmoid', 'hinge', 'ipo', 'exo_pair', 'nca_pair', 'robust', 'bco_pair', 'sppo_hard', 'aot', 'aot_unpaired', 'apo_zero', 'apo_down',
                 'discopop', 'sft', 'sigmoid_norm'):
        options = {'label_smoothing': smoothed[loss]} if loss in smoothed else {}
        if loss == 'sft':  # no reference here, so its rewards are not relative to one
            options['without'] = ('rewards/chosen', 'rewards/rejected', 'rewards/margins', 'rewards/accuracies')
        if loss == 'discopop':  # its gradient is steep: 1 / discopop_tau times the rounding of log-probs
            options['learning_rate'] = 5e-5
        yield Case(f'dpo_{loss}', 'dpo', 'pairs', loss_type=loss, **options)
    for divergence in ('forward_kl', 'js_divergence', 'alpha_divergence'):
        for loss in ('sigmoid', 'ipo'):
            options = {'f_alpha_divergence_coef': 0.3} if divergence == 'alpha_divergence' else {'learning_rate': 1e-4}
            yield Case(f'dpo_{loss}_{divergence}', 'dpo', 'pairs', loss_type=loss, f_divergence_type=divergence, **options)
    yield Case('dpo_mixture', 'dpo', 'pairs', loss_type=['sigmoid', 'bco_pair', 'sft'], loss_weights=[0.8, 0.2, 1.0])
    yield Case('dpo_beta', 'dpo', 'pairs', beta=0.7)
    yield Case('dpo_reference_precomputed', 'dpo', 'pairs', precompute_ref_log_probs=True)
    yield Case('dpo_reference_in_step', 'dpo', 'pairs', precompute_ref_log_probs=False)
    yield Case('dpo_reference_follows', 'dpo', 'pairs', precompute_ref_log_probs=False, sync_ref_model=True, ref_model_sync_steps=3, ref_model_mixup_alpha=0.6)
    for loss in ('sigmoid', 'ipo'):  # WPO
        yield Case(f'dpo_{loss}_weighted', 'dpo', 'pairs', loss_type=loss, use_weighting=True)
    yield Case('dpo_mixture_weighted', 'dpo', 'pairs', loss_type=['sigmoid', 'bco_pair'], loss_weights=[0.8, 0.2], use_weighting=True)
    for alpha in (0.0, 0.4):  # LD-DPO
        yield Case(f'dpo_ld_{alpha}'.replace('.', '_'), 'dpo', 'pairs', ld_alpha=alpha)
    yield Case('dpo_ld_precomputed', 'dpo', 'pairs', ld_alpha=0.4, loss_type='ipo', use_weighting=True, precompute_ref_log_probs=True)
    yield Case('dpo_ld_in_step', 'dpo', 'pairs', ld_alpha=0.4, loss_type='sigmoid_norm', precompute_ref_log_probs=False)
    yield Case('dpo_accumulation', 'dpo', 'pairs', accumulate=4, ours={'micro_batch_tokens': 64})
    yield Case('dpo_cosine_warmup_decay', 'dpo', 'pairs', lr_scheduler_type='cosine', warmup_steps=3, weight_decay=0.3)
    yield Case('dpo_cut', 'dpo', 'pairs', max_length=64, truncation_mode='keep_start')
    yield Case('dpo_chat', 'dpo', 'chat-pairs')

    yield Case('kto', 'kto', 'unpaired')
    yield Case('kto_weights', 'kto', 'unpaired', desirable_weight=1.3, undesirable_weight=0.6, beta=0.3)
    yield Case('kto_apo_zero_unpaired', 'kto', 'unpaired', loss_type='apo_zero_unpaired')
    yield Case('kto_reference_precomputed', 'kto', 'unpaired', precompute_ref_log_probs=True, ours={'micro_batch_tokens': 64})
    yield Case('kto_reference_follows', 'kto', 'unpaired', sync_ref_model=True, ref_model_sync_steps=3, ref_model_mixup_alpha=0.6)
    yield Case('kto_pairs', 'kto', 'pairs')
    yield Case('kto_pairs_precomputed', 'kto', 'pairs', precompute_ref_log_probs=True, desirable_weight=1.2)
    yield Case('kto_chat', 'kto', 'chat-unpaired', weight_decay=0.3, lr_scheduler_type='cosine', warmup_steps=3)

    imitation = {'learning_rate': 5e-3, 'ours': {'teacher_model': 'FOLDER/llama-teacher'}}
    for beta in (0.0, 0.3, 0.5, 1.0):
        yield Case(f'distill_{beta}'.replace('.', '_'), 'distill', 'demonstrations', lmbda=0.0, beta=beta, **imitation)
    for beta in (0.0, 0.5, 1.0):
        own = {**imitation['ours'], 'rollouts': 'FOLDER/distilled.jsonl'}
        yield Case(f'distill_own_{beta}'.replace('.', '_'), 'distill', 'demonstrations', lmbda=1.0, beta=beta, **{**imitation, 'ours': own})
    yield Case('distill_accumulation', 'distill', 'demonstrations', accumulate=4, lmbda=0.0, **{**imitation, 'ours': {**imitation['ours'], 'micro_batch_tokens': 64}})
    yield Case('distill_gpt2', 'distill', 'demonstrations', 'gpt2', lmbda=0.0, beta=0.7, **imitation)

    padded = ('objective/kl', 'objective/entropy', 'objective/non_score_reward', 'objective/rlhf_reward')  # TRL counts padding in these
    yield Case('online_dpo', 'online_dpo', 'online-even')
    yield Case('online_dpo_lengths', 'online_dpo', 'online', without=padded, missing_eos_penalty=0.7)
    yield Case('online_dpo_ipo', 'online_dpo', 'online-even', loss_type='ipo', beta=0.3)
    yield Case('online_dpo_betas', 'online_dpo', 'online', without=padded, trl={'beta': [0.1, 0.5, 0.02]}, ours={'beta': [0.1, 0.5, 0.02]}, max_steps=12)
    yield Case('online_dpo_cosine', 'online_dpo', 'online', without=padded, weight_decay=0.3, lr_scheduler_type='cosine', warmup_steps=2, max_grad_norm=0.5)

    clipping = {'num_iterations': 3, 'epsilon': 0.02, 'learning_rate': 1e-3}
    for loss in ('grpo', 'bnpo', 'dr_grpo', 'dapo', 'cispo', 'sapo'):
        high = {'cispo': {'epsilon_high': 1.05}, 'sapo': {}}.get(loss, {'epsilon_high': 0.03})
        reuse = {key: value for key, value in clipping.items() if key != 'epsilon' or loss not in ('cispo', 'sapo')}
        yield Case(f'grpo_{loss}', 'grpo', 'rollouts', loss_type=loss, learning_rate=1e-3)
        yield Case(f'grpo_{loss}_reused', 'grpo', 'rollouts', loss_type=loss, **reuse, **high)
        yield Case(f'grpo_{loss}_sequence', 'grpo', 'rollouts', loss_type=loss, importance_sampling_level='sequence', beta=0.1, **reuse, **high)
    yield Case('grpo_sapo_temperatures', 'grpo', 'rollouts', loss_type='sapo', sapo_temperature_pos=0.5, sapo_temperature_neg=2.0, num_iterations=3, learning_rate=1e-3)
    yield Case('grpo_delta', 'grpo', 'rollouts', delta=1.05, **{**clipping, 'epsilon': 0.025})
    yield Case('grpo_kl', 'grpo', 'rollouts', loss_type='grpo', beta=0.2, **clipping)
    yield Case('grpo_kl_biased', 'grpo', 'rollouts', beta=0.2, use_bias_correction_kl=False, **clipping)
    yield Case('grpo_reference_follows', 'grpo', 'rollouts', beta=0.2, sync_ref_model=True, ref_model_sync_steps=3, ref_model_mixup_alpha=0.6, learning_rate=1e-3)
    yield Case('grpo_batch', 'grpo', 'rollouts', scale_rewards='batch', learning_rate=1e-3)
    yield Case('grpo_none', 'grpo', 'rollouts', scale_rewards='none', learning_rate=1e-3)
    yield Case('grpo_masked', 'grpo', 'rollouts', mask_truncated_completions=True, **clipping)
    yield Case('grpo_masked_sequence', 'grpo', 'rollouts', loss_type='grpo', mask_truncated_completions=True, importance_sampling_level='sequence', **clipping)
    yield Case('grpo_top_entropy', 'grpo', 'rollouts', top_entropy_quantile=0.3, beta=0.1, **clipping)
    yield Case('grpo_entropy_bonus', 'grpo', 'rollouts', entropy_coef=0.05, top_entropy_quantile=0.6, **clipping)
    yield Case('grpo_off_policy', 'grpo', 'rollouts', off_policy_mask_threshold=0.0, **clipping)
    yield Case('grpo_temperature', 'grpo', 'rollouts', temperature=0.7, beta=0.1, **clipping)
    yield Case('grpo_generations', 'grpo', 'rollouts', steps_per_generation=2, num_iterations=2, epsilon=0.02, learning_rate=1e-3, max_steps=8)  # TRL then drops a part of an epoch

    reused = {'num_iterations': 3, 'epsilon': 0.1, 'learning_rate': 1e-3}  # ratios of whole responses leave the range soon
    yield Case('rloo', 'rloo', 'rollouts', learning_rate=1e-3)
    yield Case('rloo_without_kl', 'rloo', 'rollouts', beta=0.0, learning_rate=1e-3)
    yield Case('rloo_reused', 'rloo', 'rollouts', beta=0.2, **reused)
    yield Case('rloo_epsilon_high', 'rloo', 'rollouts', epsilon_high=0.2, beta=0.0, **reused)
    yield Case('rloo_normalised', 'rloo', 'rollouts', normalize_advantages=True, **reused)
    yield Case('rloo_clipped', 'rloo', 'rollouts', reward_clip_range=[0.2, 0.7], beta=0.1, learning_rate=1e-3)
    yield Case('rloo_masked', 'rloo', 'rollouts', mask_truncated_completions=True, beta=0.2, **reused)
    yield Case('rloo_temperature', 'rloo', 'rollouts', temperature=0.7, beta=0.1, **reused)
    yield Case('rloo_reference_follows', 'rloo', 'rollouts', beta=0.2, sync_ref_model=True, ref_model_sync_steps=3, ref_model_mixup_alpha=0.6, learning_rate=1e-3)
    yield Case('rloo_generations', 'rloo', 'rollouts', steps_per_generation=2, num_iterations=2, epsilon=0.1, normalize_advantages=True, learning_rate=1e-3,
               max_steps=8)

    yield Case('sft_gpt2', 'sft', 'demonstrations', 'gpt2')
    yield Case('dpo_gpt2', 'dpo', 'pairs', 'gpt2', learning_rate=1e-4)
    yield Case('sft_mixtral', 'sft', 'demonstrations', 'mixtral')  # with its router loss, which TRL takes of each micro-batch, hence one
    yield Case('dpo_mixtral', 'dpo', 'pairs', 'mixtral', learning_rate=1e-4)
    yield Case('sft_mixtral_router', 'sft', 'demonstrations', 'mixtral', router_aux_loss_coef=0.5)
    yield Case('dpo_mixtral_router', 'dpo', 'pairs', 'mixtral', learning_rate=1e-4, router_aux_loss_coef=0.5)
    yield Case('kto_mixtral_router', 'kto', 'unpaired', 'mixtral', learning_rate=1e-4, router_aux_loss_coef=0.5)
    yield Case('kto_mixtral', 'kto', 'unpaired', 'mixtral', learning_rate=1e-4)

    if chat:
        # Evaluations of the rows it learns from get better and better; by how much decides. A threshold of 0 never stops
        for threshold in (0.0, 0.2, 0.6):
            yield Case(f'sft_stopping_{threshold}'.replace('.', '_'), 'sft', 'demonstrations', evaluate={'few': 6}, eval_strategy='steps', eval_steps=1,
                       metric_for_best_model='eval_few_loss', stopping=(2, threshold))
        # The other way round the first is the best, and the model that is kept is not the last
        yield Case('sft_stopping_greater', 'sft', 'demonstrations', evaluate={'few': 6}, eval_strategy='steps', eval_steps=1,
                   metric_for_best_model='few_loss', greater_is_better=True, stopping=(3, 0.0))
        yield Case('dpo_stopping', 'dpo', 'pairs', evaluate={'few': 6}, eval_strategy='steps', eval_steps=2, metric_for_best_model='eval_few_loss',
                   stopping=(1, 0.05))
        yield Case('sft_real_chat', 'sft', 'chats', 'real-chat', max_steps=2)
        yield Case('dpo_real_chat', 'dpo', 'chat-pairs', 'real-chat', max_steps=2)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument('output', type=Path)
    arguments.add_argument('stages', nargs='?', default='.*')
    arguments.add_argument('--chat')
    arguments.add_argument('--steps', type=int, default=10)
    arguments = arguments.parse_args()
    folder = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    disable_caching()
    torch.set_num_threads(1)
    for name in ('margins', 'rollouts', 'online', 'online-even', 'distilled'):  # behind the tokenizer, which is trained on the other texts
        (folder / f'{name}.jsonl').unlink(missing_ok=True)
    write_texts(folder)
    write_models(folder, arguments.chat)
    write_margins(folder)
    write_rollouts(folder)
    write_online(folder)
    write_distilled(folder)
    wanted = [case.take(arguments.steps) for case in cases(arguments.chat) if re.fullmatch(arguments.stages, case.name)]
    expected = {}
    for case in wanted:
        expected[case.name] = case.log(folder)
        losses = [line['loss'] for line in expected[case.name] if 'loss' in line]
        print(f'{case.name}: {len(losses)} steps, loss {losses[0]:.4f} to {losses[-1]:.4f}', file=sys.stderr)
    versions = f'trl {trl.__version__}, transformers {transformers.__version__}, torch {torch.__version__}, CPU float32'
    with open(folder / 'expected.json', 'w') as out:
        out.write(f'{{"generator": "tools/golden/trajectories.py with {versions}"')
        for name, lines in expected.items():
            out.write(f',\n"{name}": [' + ',\n  '.join(json.dumps(line) for line in lines) + ']')
        out.write('}\n')
    with open(folder / 'run.yaml', 'w') as out:
        out.write('# Written by tools/golden/trajectories.py\nname: trajectories\nseed: 1\noutput_dir: FOLDER/runs\nstages:\n')
        for case in wanted:
            out.write(f'  {case.name}: {json.dumps(case.stage())}\n')


main()
