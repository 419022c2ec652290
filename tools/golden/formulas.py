"""The golden numbers that tests hold as literals, each worked out from its formula in plain double arithmetic, gradients by central differences.

Usage: python3 tools/golden/formulas.py      prints a line a number; needs no library
Read by: dpo PreferenceLossGoldenTest, reward RankingLossTest, ppo AdvantageTest, KlTest, PpoLossTest.
"""
from math import exp, log, sqrt


def log_sigmoid(x):
    return -log(1 + exp(-x)) if x > -30 else x


def sigmoid(x):
    return 1 / (1 + exp(-x))


def gradient(loss, x, h=1e-6):
    def moved(i, by):
        return loss([value + by * (i == j) for j, value in enumerate(x)])
    return [(moved(i, h) - moved(i, -h)) / (2 * h) for i in range(len(x))]


def show(name, *numbers):
    print(f"{name:28s}", *(f"{number:.10g}" if abs(number) >= 1e-9 else "0" for number in numbers))


# --- Preference losses. A batch of two pairs: log-probs of chosen and rejected under policy (pc, pr) and reference (rc, rr), lengths lc, lr; beta 0.1
PC, PR, RC, RR, LC, LR, B = [-12, -20], [-15, -17], [-13.5, -19], [-14, -19.5], [6, 10], [8, 9], 0.1


def pairs(of, x):
    """The mean over the batch of a loss of (a, q, i): log-ratios of chosen and rejected, and the pair's number."""
    return sum(of(x[i] - RC[i], x[2 + i] - RR[i], i) for i in range(2)) / 2


def aot(x, e=0.1):
    policy, reference = sorted(x[i] - x[2 + i] for i in range(2)), sorted(RC[i] - RR[i] for i in range(2))
    gaps = [p - r for p, r in zip(policy, reference)]
    return sum(-(1 - e) * log_sigmoid(B * d) - e * log_sigmoid(-B * d) for d in gaps) / 2


def discopop(a, q, i):
    z = B * (a - q)
    m = sigmoid(z / 0.05)
    return (1 - m) * -log_sigmoid(z) + m * exp(-z)


def exo(a, q, i, e=1e-3):
    z = B * (a - q)
    return sigmoid(z) * (log_sigmoid(z) - log(1 - e)) + sigmoid(-z) * (log_sigmoid(-z) - log(e))


LOSSES = {
    "sigmoid": lambda a, q, i: -log_sigmoid(B * (a - q)),
    "hinge": lambda a, q, i: max(0, 1 - B * (a - q)),
    "ipo": lambda a, q, i: (a / LC[i] - q / LR[i] - 1 / (2 * B)) ** 2,
    "exo_pair 0.001": exo,
    "nca_pair": lambda a, q, i: -log_sigmoid(B * a) - 0.5 * log_sigmoid(-B * a) - 0.5 * log_sigmoid(-B * q),
    "robust 0.1": lambda a, q, i: (-0.9 * log_sigmoid(B * (a - q)) + 0.1 * log_sigmoid(-B * (a - q))) / 0.8,
    "bco_pair": lambda a, q, i: -log_sigmoid(B * a) - log_sigmoid(-B * q),
    "sppo_hard": lambda a, q, i: (a - 1 / (2 * B)) ** 2 + (q + 1 / (2 * B)) ** 2,
    "apo_zero": lambda a, q, i: 1 - sigmoid(B * a) + sigmoid(B * q),
    "apo_down": lambda a, q, i: sigmoid(B * a) + 1 - sigmoid(B * (a - q)),
    "discopop": discopop,
    "sigmoid_norm": lambda a, q, i: -log_sigmoid(B * (a / LC[i] - q / LR[i])),
}
START = PC + PR
print("# loss, then its gradient with respect to the chosen and the rejected log-probs of both pairs")
for name, of in LOSSES.items():
    loss = lambda x, of=of: pairs(of, x)  # noqa: E731
    show(name, loss(START), *gradient(loss, START))
show("aot 0.1", aot(START), *gradient(aot, START))


def nll(x):
    return -(x[0] + x[1]) / sum(LC)


def orpo(x):
    def pair(i):
        y, z = x[i] / LC[i], x[2 + i] / LR[i]
        return log_sigmoid((y - z) - (log(1 - exp(y)) - log(1 - exp(z))))
    return nll(x) - B * (pair(0) + pair(1)) / 2


def simpo(x):
    return sum(-log_sigmoid(2 * (x[i] / LC[i] - x[2 + i] / LR[i]) - 1) for i in range(2)) / 2


def cpo(x):
    return sum(-log_sigmoid(B * (x[i] - x[2 + i])) for i in range(2)) / 2 + nll(x)


print("# the same with gradients of the sum over the two pairs, twice those of the mean")
for name, loss in (("orpo", orpo), ("simpo beta 2 gamma 1", simpo), ("cpo", cpo)):
    show(name, loss(START), *(2 * g for g in gradient(loss, START)))

DIVERGENCES = {"forward_kl": lambda x: 1 - exp(-x), "js_divergence": lambda x: log(2) + log_sigmoid(x), "alpha 0.5": lambda x: (exp(-0.5 * x) - 1) / -0.5}
for name, s in DIVERGENCES.items():
    show("sigmoid " + name, pairs(lambda a, q, i: LOSSES["sigmoid"](s(a), s(q), i), START))
    show("ipo " + name, pairs(lambda a, q, i: LOSSES["ipo"](s(a), s(q), i), START))
show("single sigmoid, cdpo 0.1", -log_sigmoid(0.15), -0.9 * log_sigmoid(0.15) - 0.1 * log_sigmoid(-0.15))
show("single ipo, sequence", (1.5 - 5) ** 2)
for z0 in (0, 0.4):
    show(f"kto z0 {z0}", sum(1 - sigmoid(B * (PC[i] - RC[i] - z0)) + 1 - sigmoid(B * (z0 - (PR[i] - RR[i]))) for i in range(2)) / 4)

# --- Rankings of scores, best first
SCORES = [1.5, 0.7, 0.2, -0.4]


def k_wise(s, ties=()):
    kept = [(i, j) for i in range(4) for j in range(i + 1, 4) if (i, j) not in ties]
    return sum(-log_sigmoid(s[i] - s[j]) for i, j in kept) / len(kept)


def plackett_luce(s):
    return sum(log(sum(map(exp, s[i:]))) - s[i] for i in range(4))


print("# rankings: loss and gradient")
show("bradley_terry 0, 1", -log_sigmoid(0), -log_sigmoid(1))
show("k_wise", k_wise(SCORES), *gradient(k_wise, SCORES))
show("k_wise, 2 and 3 tied", k_wise(SCORES, ties={(1, 2)}))
show("plackett_luce", plackett_luce(SCORES), *gradient(plackett_luce, SCORES))

# --- Advantages, KL
print("# advantages and KL")
REWARDS, VALUES = [0.1, -0.2, 0.3, 1], [0.5, 0.4, 0.6, 0.2]
for lam in (0.95, 1):
    advantages, after = [], 0
    for t in reversed(range(4)):
        delta = REWARDS[t] + (VALUES[t + 1] if t < 3 else 0) - VALUES[t]
        after = delta + lam * after
        advantages.insert(0, after)
    show(f"gae {lam}", *advantages, *(a + v for a, v in zip(advantages, VALUES)))
X = [1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0]
mean = sum(X) / 9
show("whitening", *((x - mean) / sqrt(sum((y - mean) ** 2 for y in X) / 9 + 1e-8) + mean for x in X))
show("group, sample std", 0.5 / (sqrt(1 / 3) + 1e-4), 0.5 / (0.5 + 1e-8), 1 - 1 / 3)
for x in (0.5, -0.5):
    show(f"k1 k2 k3 of {x}", x, x * x / 2, exp(-x) - 1 + x)
for kl in (6, 12, 0, 6.6):
    show(f"adaptive kl {kl}", 0.15 * (1 + max(-0.2, min(0.2, kl / 6 - 1)) * 512 / 10000))
for n in (1, 2, 4, 16, 64):
    show(f"best of {n}", log(n) - (n - 1) / n)
for ratio, advantage in ((1.5, 1), (0.5, 1), (1.5, -1), (0.5, -1), (5, -1)):
    show(f"ppo {ratio} {advantage}", max(-advantage * ratio, -advantage * min(1.2, max(0.8, ratio))))
