"""Asks a running `rlhf4j serve` as other programs do. serve.sh calls it; a line a check, exit 1 when one is out.

    serve.py client URL MODEL_DIR      the openai client beside transformers: greedy texts, log-probs, streams, schemas, errors
    serve.py many URL                  32 clients at once: each has the text that it has alone
    serve.py tasks OUT_DIR             writes tasks for lm-eval
    serve.py compare OUT_DIR           lm-eval's results with our server beside those with transformers
"""
import glob
import json
import sys
import threading

from checks import Checks

TEXTS = ["Once upon a time, there was a little", "The capital of France is", "One day, Lily and her mother went to the park. They saw a big"]
TOLERANCE = 1e-4
checks = Checks()
check = checks.that


def client(url):
    from openai import OpenAI
    return OpenAI(base_url=url + "/v1", api_key="none", max_retries=0, timeout=600)


def with_client(url, folder):
    import openai
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    ours = client(url)
    name = ours.models.list().data[0].id
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    def theirs(ids, new):
        made = model.generate(torch.tensor([ids]), max_new_tokens=new, do_sample=False, pad_token_id=0)[0].tolist()
        with torch.no_grad():
            values = torch.log_softmax(model(torch.tensor([made])).logits[0].double(), -1)
        return made, [values[i, made[i + 1]].item() for i in range(len(made) - 1)], values

    worst = worst_top = 0
    same = True
    for text in TEXTS:
        ids = tokenizer(text)["input_ids"]
        made, expected, values = theirs(ids, 24)
        answer = ours.completions.create(model=name, prompt=text, max_tokens=24, temperature=0, logprobs=5, echo=True)
        choice = answer.choices[0]
        seen = choice.logprobs.token_logprobs
        same &= len(seen) == len(made) and choice.text[len(text):] == tokenizer.decode(made, skip_special_tokens=True)[len(tokenizer.decode(ids, skip_special_tokens=True)):]
        worst = max([worst] + [abs(a - b) for a, b in zip(seen[1:], expected)])
        for i, top in enumerate(choice.logprobs.top_logprobs[1:]):
            best = sorted(values[i].tolist())[-1]
            worst_top = max(worst_top, abs(max(top.values()) - best))
        by_ids = ours.completions.create(model=name, prompt=[ids], max_tokens=24, temperature=0)
        same &= by_ids.choices[0].text == choice.text[len(text):]
    check("greedy texts are transformers'", same)
    check(f"log-probs of prompt and text are transformers' within {TOLERANCE}", worst < TOLERANCE, f"{worst:.1e}")
    check("the most likely tokens' too", worst_top < TOLERANCE, f"{worst_top:.1e}")

    pieces = ours.completions.create(model=name, prompt=TEXTS[0], max_tokens=16, seed=3, stream=True, stream_options={"include_usage": True})
    text, usage = "", None
    for piece in pieces:
        text += "".join(choice.text for choice in piece.choices)
        usage = piece.usage or usage
    whole = ours.completions.create(model=name, prompt=TEXTS[0], max_tokens=16, seed=3)
    check("a stream's pieces are the whole text, with its usage", text == whole.choices[0].text and usage == whole.usage)
    two = ours.completions.create(model=name, prompt=TEXTS[:2], max_tokens=8, n=3, seed=1, temperature=1.5)
    check("two prompts, three samples each", [c.index for c in two.choices] == list(range(6)) and len({c.text for c in two.choices}) > 3)
    stop = ours.completions.create(model=name, prompt=TEXTS[0], max_tokens=40, temperature=0, stop=["."])
    check("a stop text", "." not in stop.choices[0].text)
    for what, call in [("unknown model", dict(model="gpt-4", prompt="a")), ("wrong temperature", dict(model=name, prompt="a", temperature=-1)), ("too many tokens", dict(model=name, prompt="a", max_tokens=10**6))]:
        try:
            ours.completions.create(**call)
            check(what, False, "no error")
        except openai.NotFoundError as e:
            check(what, what == "unknown model" and e.code == "model_not_found")
        except openai.BadRequestError as e:
            check(what, what != "unknown model", e.message)

    if tokenizer.chat_template:
        messages = [{"role": "system", "content": "You are brief."}, {"role": "user", "content": "Name a colour."}]
        ids = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=True, return_dict=True)["input_ids"]
        made, expected, _ = theirs(ids, 16)
        answer = ours.chat.completions.create(model=name, messages=messages, max_tokens=16, temperature=0, logprobs=True, top_logprobs=3)
        new = made[len(ids):]
        check("a chat is transformers' by the model's template", answer.choices[0].message.content == tokenizer.decode(new, skip_special_tokens=True) and answer.usage.prompt_tokens == len(ids), answer.choices[0].message.content)
        seen = [token.logprob for token in answer.choices[0].logprobs.content]
        worst = max(abs(a - b) for a, b in zip(seen, expected[len(ids) - 1:]))
        check("with its log-probs", len(seen) == len(new) and worst < TOLERANCE, f"{worst:.1e}")
        schema = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 8}, "age": {"type": "integer"}}, "required": ["name", "age"], "additionalProperties": False}
        answer = ours.chat.completions.create(model=name, messages=messages, max_tokens=60, seed=1, response_format={"type": "json_schema", "json_schema": {"name": "person", "strict": True, "schema": schema}})
        person = json.loads(answer.choices[0].message.content)
        check("a JSON schema holds", set(person) == {"name", "age"} and isinstance(person["age"], int), person)


def many(url):
    ours = client(url)
    name = ours.models.list().data[0].id

    def text(i):
        return ours.completions.create(model=name, prompt=TEXTS[i % 3] + " " * (i % 2), max_tokens=8 + i % 7, seed=i, temperature=0.8 + 0.02 * i).choices[0].text
    alone = [text(i) for i in range(0, 32, 4)]
    together = [None] * 32
    threads = [threading.Thread(target=lambda i=i: together.__setitem__(i, text(i))) for i in range(32)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    check("32 clients at once have the texts that they have alone", together[::4] == alone and None not in together)


def tasks(out):
    rows = [
        {"question": "The sky is", "choices": [" blue", " a dog", " seven"], "gold": 0, "text": "Once upon a time there was a girl named Lily. She liked to play."},
        {"question": "Once upon a", "choices": [" time", " chair", " quickly"], "gold": 0, "text": "One day, Tom went to the park with his mom. They saw a big dog."},
        {"question": "Lily saw a big", "choices": [" dog", " of", " was"], "gold": 0, "text": "The little cat was sad. It wanted to find a friend."},
        {"question": "She was very", "choices": [" the", " happy", " and"], "gold": 1, "text": "Sam had a red ball. He played with it every day."},
    ]
    with open(f"{out}/rows.jsonl", "w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    head = f"dataset_path: json\ndataset_kwargs: {{data_files: {{test: {out}/rows.jsonl}}}}\ntest_split: test\n"
    with open(f"{out}/choice.yaml", "w") as file:
        file.write("task: serve_choice\n" + head + 'output_type: multiple_choice\ndoc_to_text: "{{question}}"\ndoc_to_choice: "{{choices}}"\ndoc_to_target: "{{gold}}"\ntarget_delimiter: ""\nmetric_list: [{metric: acc}, {metric: acc_norm}]\n')
    with open(f"{out}/perplexity.yaml", "w") as file:
        file.write("task: serve_perplexity\n" + head + 'output_type: loglikelihood_rolling\ndoc_to_text: ""\ndoc_to_target: "{{text}}"\nmetric_list: [{metric: word_perplexity}, {metric: bits_per_byte}]\n')
    with open(f"{out}/greedy.yaml", "w") as file:
        file.write("task: serve_greedy\n" + head + 'output_type: generate_until\ndoc_to_text: "{{question}}"\ndoc_to_target: "{{choices[gold]}}"\ntarget_delimiter: ""\ngeneration_kwargs: {until: ["."], max_gen_toks: 12, do_sample: false}\nmetric_list: [{metric: exact_match}]\n')


def samples(folder):
    found = {}
    for path in glob.glob(f"{folder}/**/samples_*.jsonl", recursive=True):
        for line in open(path):
            row = json.loads(line)
            found[path.split("samples_")[1].split("_2")[0], row["doc_id"]] = row["resps"]
    return found


def flat(value):
    return [x for one in value for x in flat(one)] if isinstance(value, (list, tuple)) else [value]


def compare(out):
    ours, theirs = samples(out + "/ours"), samples(out + "/theirs")
    check("lm-eval has answers of every row of three tasks", len(ours) == 12 and set(ours) == set(theirs), len(ours))
    worst, same = 0, True
    for key in theirs:
        for a, b in zip(flat(ours[key]), flat(theirs[key]), strict=True):
            try:
                worst = max(worst, abs(float(a) - float(b)))
            except ValueError:
                same &= a.strip() == b.strip()  # transformers' decoding of single answers loses the first space
    check("its texts and its greedy flags are those with transformers", same)
    check("its log-likelihoods too, within 1e-3", worst < 1e-3, f"{worst:.1e}")


if __name__ == "__main__":
    {"client": with_client, "many": many, "tasks": tasks, "compare": compare}[sys.argv[1]](*sys.argv[2:])
    checks.end()
