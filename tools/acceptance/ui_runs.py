"""Pages Runs, Roll-outs, Start, Data, Plan and Inspect, on a run that is started from the page and watched from its first step to its end."""
import glob, json, os, shutil, time
from ui_pages import *

RUN_FILE = """name: watched
seed: 7
stages:
  pretrain:
    type: pretrain
    dataset: {path: synthetic:pretrain, limit: 400}
    architecture: {hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 2, max_position_embeddings: 128, head_dim: 16}
    tokenizer: {vocab_size: 300}
    max_length: 64
    batch_size: 4
    max_steps: 3000
    learning_rate: 3e-3
    logging_steps: 1
  sft:
    type: sft
    model: pretrain
    dataset: {path: synthetic:demonstrations, limit: 200}
    batch_size: 8
    max_steps: 20
    max_length: 128
    logging_steps: 1
  reward:
    type: reward
    model: sft
    dataset: {path: synthetic:rankings, limit: 60}
    batch_size: 4
    max_steps: 5
    max_length: 128
  ppo:
    type: ppo
    model: sft
    reward_model: reward
    dataset: synthetic:prompts
    batch_size: 16
    max_steps: 12
    response_length: 16
    num_sample_generations: 16
    num_mini_batches: 1
    num_ppo_epochs: 1
    logging_steps: 1
"""

folder = os.path.join(OUT, "runs")
shutil.rmtree(folder, ignore_errors=True)
os.makedirs(folder)


def row(shown, run):
    return shown.evaluate("run => [...document.querySelectorAll('.runs tbody tr')].find(row => row.innerText.includes(run))?.innerText ?? ''", run)


with Server(folder) as server, browser() as chromium:
    check("the address is of this machine and has a token", server.address.startswith("http://127.0.0.1:") and "token=" in server.address)
    shown = page(chromium, server.address)
    check("the token leaves the address", "token" not in shown.url, shown.url)

    # Start: a mistake is told as it is typed, then the run is started
    go(shown, "#/start", "textarea")
    shown.fill("textarea", RUN_FILE.replace("batch_size: 16", "bach_size: 16"))
    shown.wait_for_selector("text=did you mean", timeout=60000)
    check("a mistake is told with a suggestion and its line", "batch_size" in shown.inner_text(".warnings"), shown.inner_text(".warnings").replace("\n", " ")[:160])
    shown.fill("textarea", RUN_FILE)
    shown.wait_for_selector("button.main:has-text('Start')", timeout=60000)
    check("what it takes of memory is told", "MB" in shown.inner_text("section[aria-label='Run file']") or "GB" in shown.inner_text("section[aria-label='Run file']"))
    shown.locator("summary:has-text('ppo (ppo)')").click()
    shown.locator("details[data-part=ppo] >> css=.field:has(label:text-is('kl_coef')) input").fill("0.07")
    shown.wait_for_function("() => document.querySelector('textarea').value.includes('kl_coef: 0.07')")
    check("the form writes into the text", True)
    axe(shown, "start-light")
    picture(shown, "start-light")
    shown.wait_for_selector("button.main:has-text('Start')", timeout=60000)
    shown.click("button.main:has-text('Start')")

    # Runs: the run is watched from start to end
    shown.wait_for_function("() => location.hash.includes('run=watched')", timeout=180000)
    shown.wait_for_selector(".chart canvas", timeout=120000)
    shown.wait_for_function("() => /\\d+\\/3,000/.test(document.querySelector('.runs')?.innerText ?? '')", timeout=20000)
    metrics = os.path.join(folder, "watched", "pretrain", "metrics.jsonl")
    waits = []
    for _ in range(20):  # how long after its line a step is in the picture's text
        lines = open(metrics).read().count("\n")
        if lines >= 3000:
            break
        begun = time.time()
        while open(metrics).read().count("\n") == lines and time.time() - begun < 20:
            time.sleep(0.01)
        step = json.loads(open(metrics).read().rstrip("\n").split("\n")[-1])["step"]
        begun = time.time()
        try:
            shown.wait_for_function("step => Number((/([\\d,]+)\\/3,000/.exec(document.querySelector('.runs')?.innerText)?.[1] ?? '0').replace(',', '')) >= step || !/\\d+\\/3,000/.test(document.querySelector('.runs')?.innerText ?? '')", arg=step, timeout=10000, polling=20)
            waits.append(time.time() - begun)
        except Exception:
            waits.append(10)
    check("a step is on the page within a second", waits and sorted(waits)[len(waits) // 2] < 1, f"median {sorted(waits)[len(waits) // 2]:.2f} s, most {max(waits):.2f} s of {len(waits)}" if waits else "no step was seen")
    picture(shown, "runs-live")
    shown.wait_for_function("() => [...document.querySelectorAll('.runs tbody tr')].some(row => row.innerText.includes('watched') && row.innerText.includes('done'))", timeout=420000)
    check("the run is seen to its end", True, row(shown, "watched").replace("\n", " ").replace("\t", " "))
    go(shown, "#/runs?run=watched&stage=ppo", ".chart canvas")
    shown.wait_for_timeout(1500)
    axe(shown, "runs-light")
    picture(shown, "runs-light", full=True)

    # Roll-outs of the PPO stage: filtered and sorted
    go(shown, "#/rollouts?run=watched&stage=ppo", "article.card")
    total = shown.inner_text("#found")
    check("every sample is there", "192 samples" in total, total)
    shown.select_option("select >> nth=1", "score")
    shown.check("text=largest first")
    shown.wait_for_timeout(800)
    scores = shown.evaluate("() => [...document.querySelectorAll('article.card')].map(card => Number(/score ([-\\d.e]+)/.exec(card.innerText.replace(/\\s+/g, ' '))[1]))")
    check("sorted by score", len(scores) == 20 and all(a >= b - 1e-3 for a, b in zip(scores, scores[1:])), scores[:4])
    shown.fill("#filter-value", "6")
    shown.select_option("#filter-column", "step")
    shown.select_option("select[aria-label=Condition]", "=")
    shown.click("text=Add filter")
    shown.wait_for_selector("#found:has-text('16 of 192')")
    check("filtered by step", True)
    shown.click("article.card >> nth=0 >> text=Group beside each other")
    shown.wait_for_selector("[aria-label='The group'] .cell")
    shown.click("article.card >> nth=0 >> text=Tokens by log-ratio")
    shown.wait_for_selector(".tokens span", timeout=120000)
    check("tokens are coloured by log-ratio", shown.locator(".tokens span").count() > 3, shown.inner_text("article.card >> nth=0 >> css=.cell >> nth=-1")[:90])
    check("signs from first to last", shown.locator("section[aria-label=Signs] tbody tr").count() >= 5)
    check("the plane has the stage's way", shown.locator("svg.plane .path").count() >= 1)
    axe(shown, "rollouts-light")
    picture(shown, "rollouts-light", full=True)

    # Data, Plan, Inspect
    model = os.path.join(folder, "watched", "sft", "model")
    go(shown, "#/data?dataset=synthetic:demonstrations&model=" + model.replace("/", "%2F"), "article.card .tokens .trained")
    check("tokens are coloured by trained or not", shown.locator(".tokens span:not(.trained)").count() > 0)
    axe(shown, "data-light")
    picture(shown, "data-light")
    go(shown, "#/plan?what=llama-2-7b&hardware=a100", "section pre")
    check("plan as a page", "parameters" in shown.inner_text("section pre"), shown.inner_text("section pre").split("\n")[0])
    axe(shown, "plan-light")
    go(shown, "#/inspect?what=" + model.replace("/", "%2F"), "section pre")
    check("inspect as a page", "llama" in shown.inner_text("section pre"), shown.inner_text("section pre").split("\n")[0])
    axe(shown, "inspect-light")
    check("no mistake of a script, no refusal of the policy", not shown.mistakes, shown.mistakes[:3])

    for name, dark, phone in (("dark", True, False), ("phone", False, True)):
        other = page(chromium, server.address, dark, phone)
        for where, ready, of in (("#/runs?run=watched&stage=ppo", "text=Curves", "runs"), ("#/rollouts?run=watched&stage=ppo", "article.card", "rollouts"), ("#/start", "textarea", "start")):
            go(other, where, ready)
            if of == "runs":
                other.locator("section[aria-label=Curves]").scroll_into_view_if_needed()
                other.wait_for_selector(".chart canvas")
            axe(other, f"{of}-{name}")
            no_overflow(other, f"{of}-{name}")
            picture(other, f"{of}-{name}")
        check(f"no mistake of a script ({name})", not other.mistakes, other.mistakes[:3])

    # The keyboard alone: to the content, to a run, to its box
    shown.goto(server.address.split("?")[0])
    shown.wait_for_selector(".runs input[type=checkbox]")
    shown.keyboard.press("Tab")
    check("the first stop of the keyboard leads to the content", shown.evaluate("() => document.activeElement.id") == "skip")
    shown.keyboard.press("Enter")
    reached = False
    for _ in range(12):
        shown.keyboard.press("Tab")
        reached = reached or shown.evaluate("() => document.activeElement.id.startsWith('choose-')")
        if reached:
            break
    check("a run's box is reached by the keyboard", reached)

    # A run is stopped from the page
    open(os.path.join(folder, "long.yaml"), "w").write(RUN_FILE.replace("name: watched", "name: long").replace("max_steps: 3000", "max_steps: 20000"))
    run = subprocess.Popen([RLHF4J, "run", os.path.join(folder, "long.yaml"), "output_dir=" + folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    go(shown, "#/runs", "a:has-text('long')")
    shown.click("a:has-text('long')")
    shown.wait_for_selector("button:has-text('Stop'):not([disabled])", timeout=120000)
    shown.wait_for_timeout(3000)
    shown.click("button:has-text('Checkpoint now')")
    deadline = time.time() + 30
    while not glob.glob(os.path.join(folder, "long", "pretrain", "checkpoints", "stop-*")) and time.time() < deadline:
        time.sleep(0.2)
    check("a checkpoint is written when it is wished", bool(glob.glob(os.path.join(folder, "long", "pretrain", "checkpoints", "stop-*"))))
    shown.click("button:has-text('Stop')")
    check("the run stops with code 143", run.wait(60) == 143, run.returncode)
    shown.wait_for_selector("section .state.stopped", timeout=20000)
    check("the page says that it is stopped", True)
finish()
