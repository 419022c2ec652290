"""Cases of the built-in reward functions by TRL 1.16's: rewards.tsv of rollout's tests. Where TRL has no function, its own formula is not repeated here."""
import json, random, sys
from importlib.metadata import version
from trl.rewards import think_format_reward, get_soft_overlong_punishment, get_repetition_penalty_reward

random.seed(1)
print("# tools/golden/rewards.py, trl", version("trl"))
out = lambda *c: print("\t".join(json.dumps(x, ensure_ascii=True) for x in c))
texts = ["<think>a</think>b", "<think>\na\n</think>\nb\nc", "a<think>b</think>", "<think>a<think>b</think>", "<think>a</think><think>b</think>",
         "<think></think>", "<think>a", "</think>", "", "\n<think>a</think>", "<think>a</think>\n\n", "<think>a</think></think>x", "<THINK>a</THINK>", " <think>a</think>", "<think>a\r\n</think>\rb"]
for t in texts:
    out("format", t, think_format_reward([[{"content": t}]])[0])
for longest, cache in [(100, 20), (16, 16), (10, 0), (50, 1)]:
    f = get_soft_overlong_punishment(longest, cache)
    for n in [0, 1, 9, 10, 11, 15, 16, 17, 49, 50, 51, 79, 80, 81, 90, 99, 100, 101]:
        out("length", longest, cache, n, f(completion_ids=[[1] * n])[0])
for size, penalty in [(3, -1.0), (2, -0.5), (1, -1.0), (4, 0.0)]:
    f = get_repetition_penalty_reward(size, penalty)
    for n in [0, 1, 2, 3, 4, 8, 20]:
        ids = [random.randrange(3) for _ in range(n)]
        out("repetition", size, penalty, ids, f(completion_ids=[ids])[0])
import trl.rewards.accuracy_rewards as accuracy
for right in (True, False):
    accuracy.accuracy_reward = lambda completions, solution, right=right: [float(right)]
    f = accuracy.get_cosine_scaled_reward(100)
    for n in [0, 1, 25, 50, 99, 100, 150]:
        out("cosine", 100, right, n, f([[{"content": ""}]], ["1"], [[1] * n])[0])
