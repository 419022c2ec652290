"""Asks a running `rlhf4j tinker` by the Tinker SDK. tinker.sh calls it; a line a check, exit 1 when one is out.

Use: tinker_sdk.py calls URL MODEL OUT [again]         every call of the SDK; again: the same numbers as the time before
     tinker_sdk.py steps URL MODEL STATE OUT           each step's loss beside torch with PEFT
     tinker_sdk.py stage LOSSES RUN                    those losses beside the stage sft's
     tinker_sdk.py recipe NAME METRICS                 what a recipe of tinker-cookbook has logged
     tinker_sdk.py chats FILE                          conversations for a recipe
"""

import glob
import json
import math
import sys
import warnings

from checks import Checks

warnings.simplefilter("ignore")
checks = Checks()
check = checks.that

TEXTS = [
    "Once upon a time there was a little dog named Spot.",
    "One day, a girl named Lily went to the park.",
    "Tom had a big red ball. He liked to play with it.",
    "The sun was hot and the cat was sleepy.",
]


def datum(types, ids, **inputs):
    return types.Datum(
        model_input=types.ModelInput.from_ints(ids[:-1]), loss_fn_inputs={"target_tokens": ids[1:], **inputs}
    )


def calls(url, model, out, again=None):
    import tinker
    import torch
    from tinker import types

    numbers = []
    service = tinker.ServiceClient(base_url=url)
    rest = service.create_rest_client()
    names = [each.model_name for each in rest.get_server_capabilities().result().supported_models]
    check("server capabilities name the model", model in names, names)
    client = service.create_lora_training_client(base_model=model, rank=4, seed=3).result()
    info = client.get_info()
    check("get_info", info.lora_rank == 4 and info.is_lora and info.model_data.model_name == model)
    tokenizer = client.get_tokenizer()
    ids = [tokenizer.encode(text) for text in TEXTS]
    data = [datum(types, one, weights=[1.0] * (len(one) - 1)) for one in ids]
    losses = []
    for _ in range(3):
        computed = client.forward_backward(data, "cross_entropy")
        stepped = client.optim_step(types.AdamParams(learning_rate=1e-2, grad_clip_norm=1.0))
        losses.append(computed.result().metrics["loss:sum"])
        numbers += [losses[-1], stepped.result().metrics["unclipped_grad_l2:mean"]]
    check("cross_entropy: three steps lower the loss", losses[2] < losses[0], losses)
    forward = client.forward(data, "cross_entropy").result()
    log_probs = [out["logprobs"].to_torch() for out in forward.loss_fn_outputs]
    total = -sum(float(each.double().sum()) for each in log_probs)
    check("loss:sum is the sum of -logprobs", abs(total - forward.metrics["loss:sum"]) < 1e-3)
    chunked = client.forward(data * 600, "cross_entropy").result()  # more than a request's 1,024 data
    check("a batch of 2,400 data, in parts", abs(chunked.metrics["loss:sum"] - 600 * total) < 1e-4 * 600 * total)

    advantages = [torch.linspace(-1, 1, len(each)) for each in log_probs]
    old = [each + 1.7 * torch.sin(torch.arange(len(each)).float()) for each in log_probs]  # ratios of .18 to 5.5
    for name, loss in (
        ("importance_sampling", lambda p, q, a: -(torch.exp(p - q) * a)),
        ("ppo", lambda p, q, a: -torch.minimum(torch.exp(p - q) * a, torch.exp(p - q).clamp(0.8, 1.2) * a)),
        ("cispo", lambda p, q, a: -torch.exp(p - q).clamp(0.0, 4.0).detach() * a * p),
        ("gspo", sequence_loss),
        ("dro", lambda p, q, a: -(p * a - 0.5 * 0.05 * (p - q) ** 2)),
    ):
        masks = ["sequence_ratio_mask"] if name == "gspo" else []
        batch = [
            datum(types, i, logprobs=q, advantages=a, **{mask: [1.0] * len(a) for mask in masks})
            for i, q, a in zip(ids, old, advantages)
        ]
        result = client.forward_backward(batch, name).result()
        norm = client.optim_step(types.AdamParams(learning_rate=0.0)).result().metrics["unclipped_grad_l2:mean"]

        def custom(_, given, loss=loss):
            return sum(loss(p, q, a).sum() for p, q, a in zip(given, old, advantages)), {"mine": 1.0}

        own = client.forward_backward_custom(batch_of(types, ids), custom).result()
        own_norm = client.optim_step(types.AdamParams(learning_rate=0.0)).result().metrics["unclipped_grad_l2:mean"]
        numbers += [result.metrics["loss:sum"], norm]
        close = math.isclose(result.metrics["loss:sum"], own.metrics["loss:sum"], rel_tol=1e-5, abs_tol=1e-4)
        check(
            f"{name}: loss and gradient are those of the same loss in torch (forward_backward_custom)",
            close and math.isclose(norm, own_norm, rel_tol=1e-4) and own.metrics["mine"] == 1.0,
            f"{result.metrics['loss:sum']:.6f} {own.metrics['loss:sum']:.6f}, norm {norm:.6f} {own_norm:.6f}",
        )

    state = client.save_state("half").result().path
    named = client.save_weights_for_sampler("named").result().path
    sampler = service.create_sampling_client(model_path=named)
    prompt = types.ModelInput.from_ints(ids[0][:5])
    params = types.SamplingParams(max_tokens=8, temperature=0.8, top_k=20, top_p=0.9, seed=1)
    some = sampler.sample(
        prompt=prompt,
        num_samples=20,
        sampling_params=params,
        include_prompt_logprobs=True,
        topk_prompt_logprobs=3,
    ).result()
    check("20 samples", len(some.sequences) == 20 and all(len(s.tokens) <= 8 for s in some.sequences))
    twice = sampler.sample(prompt=prompt, num_samples=20, sampling_params=params).result()
    check("the same seed, the same samples", [s.tokens for s in some.sequences] == [s.tokens for s in twice.sequences])
    top = some.topk_prompt_logprobs
    check("prompt log-probs, the first None", some.prompt_logprobs[0] is None and len(some.prompt_logprobs) == 5)
    check("topk prompt log-probs", top[0] is None and [len(each) for each in top[1:]] == [3] * 4)
    whole = ids[0][:5] + some.sequences[0].tokens
    scored = sampler.compute_logprobs(types.ModelInput.from_ints(whole)).result()
    trained = client.forward([datum(types, whole)], "cross_entropy").result().loss_fn_outputs[0]["logprobs"].data
    sampled = some.prompt_logprobs[1:] + some.sequences[0].logprobs
    far = max(max(abs(a - b), abs(b - c)) for a, b, c in zip(sampled, scored[1:], trained))
    check("log-probs of sampling, compute_logprobs and training agree", far < 1e-4, f"{far:.2g}")
    greedy = sampler.sample(
        prompt=prompt, num_samples=1, sampling_params=types.SamplingParams(max_tokens=30, temperature=0, stop=["."])
    ).result()
    text = tokenizer.decode(greedy.sequences[0].tokens)
    check("greedy, to a stop text", "." in text and greedy.sequences[0].stop_reason == "stop", repr(text))
    ended = sampler.sample(
        prompt=prompt,
        num_samples=1,
        sampling_params=types.SamplingParams(max_tokens=8, temperature=0, stop=[greedy.sequences[0].tokens[2]]),
    ).result()
    check("stops at a token id", ended.sequences[0].tokens == greedy.sequences[0].tokens[:3])
    base = service.create_sampling_client(base_model=model)
    plain = base.compute_logprobs(types.ModelInput.from_ints(ids[0])).result()
    check("samples from the base model", plain[1:] != scored[1 : len(plain)])
    now = client.save_weights_and_get_sampling_client()
    check("samples from the weights as they are", now.compute_logprobs(types.ModelInput.from_ints(whole)).result() == scored)
    numbers += scored[1:] + [token for s in some.sequences for token in s.tokens]

    restored = service.create_training_client_from_state_with_optimizer(state).result()
    results = []
    for each in (client, restored):
        computed = each.forward_backward(data, "cross_entropy")
        each.optim_step(types.AdamParams(learning_rate=1e-2)).result()
        results.append((computed.result().metrics, each.forward(data, "cross_entropy").result().metrics))
    check("a client from state with optimiser goes on as the first", results[0] == results[1], results[0][1]["loss:sum"])
    weights = service.create_training_client_from_state(state).result()
    check("a client from state alone has its weights", weights.forward(data, "cross_entropy").result().metrics == forward.metrics)
    numbers.append(results[0][1]["loss:sum"])
    weights_info = rest.get_weights_info_by_tinker_path(state).result()
    check("weights info", weights_info.lora_rank == 4 and weights_info.base_model == model and weights_info.train_unembed)
    body = service.create_lora_training_client(base_model=model, rank=4, seed=3, train_unembed=False).result()
    body.forward_backward(data, "cross_entropy").result()
    norm = body.optim_step(types.AdamParams(learning_rate=0.0)).result().metrics["unclipped_grad_l2:mean"]
    check("train_unembed adds the head's gradient", norm < numbers[1], f"{norm:.6f}, with it {numbers[1]:.6f}")
    client.save_state("for-an-hour", ttl_seconds=3600).result()
    forever = client.save_state("for-ever", ttl_seconds=7200).result().path
    rest.set_checkpoint_ttl_from_tinker_path(forever, None).result()
    expiry = {each.checkpoint_id: each.expires_at for each in rest.list_checkpoints(client.model_id).result().checkpoints}
    check("ttl_seconds", expiry["weights/for-an-hour"] is not None and expiry["weights/for-ever"] is None)
    refused(tinker, "a ttl of a minute", "ttl_seconds", lambda: client.save_state("short", ttl_seconds=60).result())
    kept = rest.list_checkpoints(client.model_id).result().checkpoints
    check("list of checkpoints", {each.tinker_path for each in kept} >= {state, named}, len(kept))
    rest.delete_checkpoint(client.model_id, "weights/half").result()
    left = rest.list_checkpoints(client.model_id).result().checkpoints
    check("delete", len(left) == len(kept) - 1)
    refused(tinker, "an unknown loss", "is not supported", lambda: weights.forward_backward(data, "stable_reinforce").result())
    refused(tinker, "a loss without its inputs", "has no logprobs", lambda: weights.forward_backward(data, "ppo").result())
    image = types.Datum(
        model_input=types.ModelInput(chunks=[types.ImageChunk(data=b"x", format="png")]),
        loss_fn_inputs={"target_tokens": [1], "weights": [1.0]},
    )
    refused(tinker, "images", "not supported", lambda: weights.forward_backward([image], "cross_entropy").result())
    refused(tinker, "an unknown model", "there is no model", lambda: service.create_lora_training_client("x/y").result())
    refused(tinker, "a path out of the folder", "no path", lambda: weights._load_state_impl("tinker://../x/y", False, None).result())
    service.close("success").result()
    if again:
        before = json.load(open(f"{out}/numbers.json"))
        check("a second server: the same numbers", before == numbers, f"{len(numbers)} numbers")
    json.dump(numbers, open(f"{out}/numbers.json", "w"))


def sequence_loss(p, q, a):
    import torch

    ratio = torch.exp((p - q).mean().detach() + p - p.detach())
    return -torch.minimum(ratio * a, ratio.clamp(1 - 3e-4, 1 + 4e-4) * a)


def batch_of(types, ids):
    return [datum(types, one) for one in ids]


def refused(tinker, name, text, call):
    try:
        call()
        check(f"refused: {name}", False, "it was not")
    except Exception as e:  # what matters is what the SDK makes of it
        check(f"refused: {name}", text in str(e), type(e).__name__)


def steps(url, model, state, out):
    import tinker
    import torch
    from peft import PeftModel
    from tinker import types
    from transformers import AutoModelForCausalLM

    service = tinker.ServiceClient(base_url=url)
    client = service.create_lora_training_client(base_model=model, rank=4, seed=5).result()
    path = client.save_state("begin").result().path
    session, number = client.model_id.split(":train:")
    import shutil

    shutil.rmtree(f"{out}/begin", ignore_errors=True)
    shutil.copytree(f"{state}/{session}/train-{number}/weights/begin", f"{out}/begin")
    tokenizer = client.get_tokenizer()
    ids = [tokenizer(text).input_ids + [tokenizer.eos_token_id] for text in TEXTS]
    count = sum(len(one) - 1 for one in ids)
    with open(f"{out}/texts.jsonl", "w") as file:
        for _ in range(5):
            for text in TEXTS:
                file.write(json.dumps({"text": text}) + "\n")
    peft = PeftModel.from_pretrained(
        AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32), f"{out}/begin", is_trainable=True
    )
    optimizer = torch.optim.AdamW(
        [p for p in peft.parameters() if p.requires_grad], lr=1e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0
    )
    ours, theirs = [], []
    for _ in range(5):
        # the mean, as the stage's: the head's gradients of rare tokens are as small as adam_epsilon, so that a factor would change the step
        batch = [datum(types, one, weights=[1.0 / count] * (len(one) - 1)) for one in ids]
        computed = client.forward_backward(batch, "cross_entropy")
        client.optim_step(types.AdamParams(learning_rate=1e-3, beta1=0.9, beta2=0.95, eps=1e-8)).result()
        ours.append(computed.result().metrics["loss:sum"])
        loss = 0
        for one in ids:
            logits = peft(torch.tensor([one[:-1]])).logits[0]
            loss = loss + torch.nn.functional.cross_entropy(logits, torch.tensor(one[1:]), reduction="sum") / count
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        theirs.append(float(loss))
    far = max(abs(a - b) / abs(b) for a, b in zip(ours, theirs))
    check("each step's loss is that of torch with PEFT", far < 1e-4, f"largest relative difference {far:.2g}, last {ours[-1]:.6f}")
    json.dump(ours, open(f"{out}/losses.json", "w"))
    service.close("success").result()


def stage(losses, run):
    ours = json.load(open(losses))
    rows = []
    for name in glob.glob(f"{run}/**/metrics.jsonl", recursive=True):
        rows = [json.loads(each) for each in open(name)]
    stages = [row["loss"] for row in rows if "loss" in row][: len(ours)]
    far = max([abs(a - b) / abs(b) for a, b in zip(ours, stages)] + [0 if len(stages) == len(ours) else 9])
    check("each step's loss is that of the stage sft", far < 1e-5, f"largest relative difference {far:.2g}")


def recipe(name, metrics):
    rows = [json.loads(each) for each in open(metrics)]
    nll = [row["train_mean_nll"] for row in rows if "train_mean_nll" in row]
    kl = [abs(row["optim/kl_sample_train_v1"]) for row in rows if "optim/kl_sample_train_v1" in row]
    if "reward" in name:
        rewards = [row["env/all/reward/total"] for row in rows if "env/all/reward/total" in row]
        mixed = [row["env/all/by_group/frac_mixed"] for row in rows if "env/all/by_group/frac_mixed" in row]
        norms = [row["unclipped_grad_l2:mean"] for row in rows if "unclipped_grad_l2:mean" in row]
        check(f"recipe {name}: groups with differing rewards, and gradients", max(mixed) > 0 and max(norms) > 0, f"largest share {max(mixed):.2f}, norm {max(norms):.3f}")
        third = max(1, len(rewards) // 3)
        first, last = (sum(part) / third for part in (rewards[:third], rewards[-third:]))
        check(f"recipe {name}: {len(rewards)} steps, the reward rises", last > first, f"{first:.3f} to {last:.3f}")
    if nll:
        check(f"recipe {name}: {len(nll)} steps, the loss falls", nll[-1] < nll[0], f"{nll[0]:.4f} to {nll[-1]:.4f}")
    else:
        check(f"recipe {name}: {len(kl)} steps, sampler and trainer agree", kl and max(kl) < 1e-4, f"KL {max(kl or [9]):.2g}")


def chats(path):
    with open(path, "w") as file:
        for animal in ("cat", "dog", "bird", "fish", "fox", "hen", "bee", "cow"):
            turns = [
                {"role": "user", "content": f"Tell me about the {animal}."},
                {"role": "assistant", "content": f"Once upon a time there was a little {animal}. It was happy."},
            ]
            file.write(json.dumps({"messages": turns}) + "\n")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
    checks.end()
