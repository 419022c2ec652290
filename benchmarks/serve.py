"""Rates of servers with OpenAI's interface under 1, 8 and 32 clients: tokens a second, seconds to the first token. Needs Python alone.

    benchmarks/serve.py ours=http://127.0.0.1:8000 llama.cpp=http://127.0.0.1:8080 [--clients 1,8,32] [--tokens 64] [--requests 4] [--shared WORDS] [--json FILE]

A server given as NAME=URL,PID is also measured by the processor time that it takes, HTTP included: tokens per second of one processor, which says something on a busy machine too.

Each client asks its requests one after the other, with prompts of its own (which earlier rounds have not asked). Servers are measured in turn, twice each (--turns); the better one counts. All texts have as many tokens as are asked for (ignore_eos).
"""
import argparse
import http.client
import json
import os
import threading
import time
import urllib.parse

WORDS = "the little cat saw a big red ball in the park and wanted to play with it but then her friend came home".split()


shared = ""


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def prompt(seed, words):
    return shared + "Once upon a time " + " ".join(WORDS[(seed * 7 + i * (1 + seed % 5)) % len(WORDS)] for i in range(words))


def ask(url, text, tokens, seed):
    """Seconds to the first piece, tokens as the server counts them."""
    place = urllib.parse.urlparse(url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=600)
    body = {"prompt": text, "max_tokens": tokens, "temperature": 0.8, "seed": seed, "ignore_eos": True, "stream": True, "stream_options": {"include_usage": True}}
    start = time.perf_counter()
    connection.request("POST", "/v1/completions", json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    if response.status != 200:
        raise RuntimeError(f"{url}: {response.status} {response.read()[:200]}")
    first, count = None, 0
    for line in response:
        if line.startswith(b"data: {"):
            piece = json.loads(line[6:])
            if "does not match the expected" in str(piece.get("error")):  # llama-server's, after all tokens of a text that is no UTF-8
                count = tokens
                continue
            if first is None and any(choice.get("text") for choice in piece["choices"]):
                first = time.perf_counter() - start
            if piece.get("usage"):
                count = piece["usage"]["completion_tokens"]
    connection.close()
    if first is None and count == tokens:
        first = time.perf_counter() - start  # a text that is no UTF-8 comes late
    if first is None or count != tokens:
        raise RuntimeError(f"{url} wrote {count} tokens, not {tokens}")
    return first, count


def measure(url, clients, requests, tokens, words, offset=0, pid=None):
    firsts, counts, failures = [], [], []

    def client(number):
        try:
            for i in range(requests):
                first, count = ask(url, prompt(offset + number * requests + i, words), tokens, number * 1000 + i)
                firsts.append(first)
                counts.append(count)
        except Exception as e:
            failures.append(e)
    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    start, used = time.perf_counter(), processor_seconds(pid) if pid else 0
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    seconds = time.perf_counter() - start
    if failures:
        raise failures[0]
    used = processor_seconds(pid) - used if pid else float("nan")
    return {"tokens_per_second": sum(counts) / seconds, "tokens_per_processor_second": sum(counts) / used, "first_token_seconds": sum(firsts) / len(firsts), "tokens": sum(counts)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("servers", nargs="+", metavar="NAME=URL")
    parser.add_argument("--clients", default="1,8,32")
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--words", type=int, default=30, help="of a prompt")
    parser.add_argument("--requests", type=int, default=4, help="of each client")
    parser.add_argument("--shared", type=int, default=0, help="words that all prompts begin with")
    parser.add_argument("--warm", type=int, default=1, help="requests of 8 clients before anything is measured")
    parser.add_argument("--turns", type=int, default=2, help="the best of so many counts")
    parser.add_argument("--json")
    given = parser.parse_args()
    global shared
    shared = " ".join(WORDS[i % len(WORDS)] for i in range(given.shared)) + " " if given.shared else ""
    servers = {name: (place.split(",") + [None])[:2] for name, place in (server.split("=", 1) for server in given.servers)}
    for url, _ in servers.values():
        measure(url, 8, given.warm, given.tokens, given.words)
    rows = []
    print(f"{'clients':>7}  {'server':<12} {'tokens/s':>9} {'first token, s':>15} {'tokens/processor s':>19}")
    for clients in map(int, given.clients.split(",")):
        best = {}
        for turn in range(given.turns):
            for name, (url, pid) in servers.items():
                seen = measure(url, clients, given.requests, given.tokens, given.words, 10_000 * clients + 5_000 * turn, pid)
                if name not in best or seen["tokens_per_second"] > best[name]["tokens_per_second"]:
                    best[name] = {**seen, "tokens_per_processor_second": max(seen["tokens_per_processor_second"], best.get(name, seen)["tokens_per_processor_second"])}
        for name, seen in best.items():
            rows.append({"clients": clients, "server": name, **seen})
            print(f"{clients:>7}  {name:<12} {seen['tokens_per_second']:>9.1f} {seen['first_token_seconds']:>15.2f} {seen['tokens_per_processor_second']:>19.1f}", flush=True)
        if len(best) == 2:
            first, second = best.values()
            rate, per_processor = (first[key] / second[key] for key in ("tokens_per_second", "tokens_per_processor_second"))
            print(f"{clients:>7}  {'ratio':<12} {rate:>9.2f} {'':>15} {per_processor:>19.2f}", flush=True)
    if given.json:
        with open(given.json, "w") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
