"""Asks a running `rlhf4j serve` as other programs do. serve.sh calls it; a line a check, exit 1 when one is out.

    serve.py client URL MODEL_DIR      the openai client beside transformers: greedy texts, log-probs, streams, schemas, errors
    serve.py many URL                  32 clients at once: each has the text that it has alone
    serve.py tools URL                 calls of tools with the openai client; equal beginnings
    serve.py load URL PID              1,000 requests at once, slow clients, clients that leave, headers and bodies that never end
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


def tools(url):
    ours = client(url)
    name = ours.models.list().data[0].id
    given = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"enum": ["Paris", "Rome"]}, "days": {"type": "integer", "minimum": 1, "maximum": 9}}, "required": ["city", "days"], "additionalProperties": False}}}]
    call = dict(model=name, messages=[{"role": "user", "content": "The weather in Rome for 3 days?"}], tools=given, seed=1, max_tokens=100)
    named = {"type": "function", "function": {"name": "weather"}}
    for choice, reason in [(named, "stop"), ("required", "tool_calls")]:
        whole = ours.chat.completions.create(**call, tool_choice=choice).choices[0]
        seen = whole.message.tool_calls[0].function
        arguments = json.loads(seen.arguments)
        what = choice if isinstance(choice, str) else "named"
        check(f"tool_choice {what}: a call that fits its schema", seen.name == "weather" and arguments["city"] in ("Paris", "Rome") and 1 <= arguments["days"] <= 9 and whole.finish_reason == reason, seen)
        text, names = "", []
        for piece in ours.chat.completions.create(**call, tool_choice=choice, stream=True):
            for one in piece.choices[0].delta.tool_calls or []:
                text += one.function.arguments or ""
                names += [one.function.name] if one.function.name else []
        check(f"tool_choice {what}: a stream has the same call", text == seen.arguments and names == ["weather"], text)
    messages = [{"role": "user", "content": "word " * 60}]
    first = ours.chat.completions.create(model=name, messages=messages, max_tokens=5, temperature=0, logprobs=True)
    again = ours.chat.completions.create(model=name, messages=messages, max_tokens=5, temperature=0, logprobs=True)
    check("an equal beginning is computed once, to the same bits", again.usage.prompt_tokens_details.cached_tokens >= 32 and [t.logprob for t in first.choices[0].logprobs.content] == [t.logprob for t in again.choices[0].logprobs.content], again.usage.prompt_tokens_details)


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


def memory_mib(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


def raw(url, text, seconds=60):
    """What comes back until the server closes; what was sent may be more than it reads. A server that does neither for so long is no server that closes."""
    import socket
    import urllib.parse
    place = urllib.parse.urlparse(url)
    answer = b""
    with socket.create_connection((place.hostname, place.port), timeout=seconds) as connection:
        try:
            connection.sendall(text)
            while piece := connection.recv(1 << 16):
                answer += piece
        except TimeoutError:
            return answer + b"neither answered nor closed"
        except OSError:
            pass
    return answer


def load(url, pid):
    import collections
    import http.client
    import time
    import urllib.parse
    place = urllib.parse.urlparse(url)

    def post(body, timeout=300):
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=timeout)
        try:
            connection.request("POST", "/v1/completions", json.dumps(body))
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def metric(name):
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        return float(next(line.split()[1] for line in text.splitlines() if line.startswith(name + " ")))

    def settled(name, value):
        for _ in range(240):
            if metric(name) == value:
                return True
            time.sleep(0.25)
        return False

    body = {"prompt": TEXTS[0], "max_tokens": 8, "seed": 5}
    alone = json.loads(post(body)[1])["choices"]
    before, seen = memory_mib(pid), collections.Counter()
    wrong = []

    def one():
        try:
            status, text = post(body)
            seen[status] += 1
            answer = json.loads(text)
            if status == 200 and answer["choices"] != alone or status == 429 and "ask again" not in answer["error"]["message"]:
                wrong.append(text)
        except Exception as e:
            seen[type(e).__name__] += 1
    threads = [threading.Thread(target=one) for _ in range(1000)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    grown = memory_mib(pid) - before
    check("1,000 requests at once: each has its text, or 429 with a line", set(seen) <= {200, 429} and seen[200] > 0 and not wrong, dict(seen))
    check("which takes less than 200 MiB more", grown < 200, f"{grown:.0f} MiB")
    check("and leaves nothing behind", settled("rlhf4j_sequences_running", 0) and post(body)[0] == 200)

    import socket
    leaving = []
    for i in range(40):
        connection = socket.create_connection((place.hostname, place.port))
        text = json.dumps({"prompt": TEXTS[1], "max_tokens": 300, "ignore_eos": True, "stream": True}).encode()
        connection.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(text) + text)
        leaving.append(connection)
    time.sleep(0.5)
    [connection.close() for connection in leaving]
    check("40 clients that leave in mid-stream free their places", settled("rlhf4j_sequences_running", 0) and settled("rlhf4j_requests_waiting", 0))

    slow = socket.create_connection((place.hostname, place.port))
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    text = json.dumps({"prompt": TEXTS[1], "max_tokens": 400, "ignore_eos": True, "stream": True, "logprobs": 50}).encode()
    slow.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(text) + text)
    check("a client that does not read its stream stops no other", post(body)[0] == 200 and settled("rlhf4j_sequences_running", 0))
    slow.close()

    head = b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\n"
    answer = raw(url, head + b"X-A: " + b"a" * (1 << 20) + b"\r\n\r\n")
    check("headers of a megabyte are refused", b" 431 " in answer.split(b"\r\n")[0] or answer == b"", answer[:60])
    answer = raw(url, head + b"Content-Length: 99999999999\r\n\r\n{")
    check("a body of 100 GB is refused", b" 413 " in answer.split(b"\r\n")[0], answer[:60])
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    answer = raw(url, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 400)
    check("a body in chunks that does not end is refused", b" 413 " in answer.split(b"\r\n")[0] or answer == b"", answer[:60])
    begun = time.monotonic()
    answer = raw(url, head + b"Content-Length: 100\r\n\r\n{", 90)
    check("a body that stops coming is given up", b" 408 " in answer.split(b"\r\n")[0] and time.monotonic() - begun < 75, f"{time.monotonic() - begun:.0f} s, {answer[:40]}")
    check("and it serves as before", json.loads(post(body)[1])["choices"] == alone)


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
    {"client": with_client, "many": many, "load": load, "tools": tools, "tasks": tasks, "compare": compare}[sys.argv[1]](*sys.argv[2:])
    checks.end()
