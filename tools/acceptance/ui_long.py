"""The pages Runs and Roll-outs of long runs: ten of 100,000 steps are drawn at once and whole soon after; a million samples are paged, sorted and filtered; an experiment is stopped by its button; several runs in one plane; axe. Called by ui.sh:

    [STEPS=100000] [SAMPLES=1000000] [LONGEST=1] python tools/acceptance/ui_long.py [FOLDER]      FOLDER is new, and takes 700 MB; LONGEST: seconds that ten runs may take to be drawn"""
import json, os, random, shutil, time
import ui_pages as ui
from ui_pages import axe, browser, check, go, page, picture

STEPS, SAMPLES, LONGEST = int(os.environ.get("STEPS", 100_000)), int(os.environ.get("SAMPLES", 1_000_000)), float(os.environ.get("LONGEST", 1))
PEAK = 77_777 * STEPS // 100_000
folder = ui.new_folder("long")


def stage(run, name, config):
    place = os.path.join(folder, run, name)
    os.makedirs(place, exist_ok=True)
    with open(os.path.join(folder, run, ".rlhf4j"), "w") as mark:
        mark.write("The folder of a run of RLHF4J.\n")
    with open(os.path.join(place, "config.yaml"), "w") as file:
        file.write(config)
    return place


for run in range(10):
    place = stage(f"run{run}", "sft", f"type: sft  # run.yaml:3\nlearning_rate: {run + 1}e-3  # run.yaml:4\n")
    drawn = random.Random(run)
    with open(os.path.join(place, "metrics.jsonl"), "w") as metrics, open(os.path.join(place, "timing.jsonl"), "w") as timing:
        for step in range(1, STEPS + 1):
            x = drawn.random()
            norm = 99.0 if step == PEAK else 1 + x
            metrics.write(f'{{"step":{step},"loss":{3 / (1 + step / 1e4) + x / 10},"grad_norm":{norm},"learning_rate":4.9999999999999996E-6,"num_tokens":{step * 512},"epoch":{step / 1000},"entropy":{2 * x},"mean_token_accuracy":{x},"bits_per_byte":{x / 3}}}\n')
            timing.write(f'{{"step":{step},"elapsed_s":{step / 10},"tokens_per_second":{5000 + x},"rss_mb":800}}\n')

WORDS = "red blue the a house tree cat dog sees runs with near very old new and of river stone".split()
drawn = random.Random(1)
prompts = [" ".join(drawn.choices(WORDS, k=12)) for _ in range(4000)]
place = stage("big", "ppo", "type: ppo  # run.yaml:3\n")
with open(os.path.join(place, "samples.jsonl"), "w") as samples:
    for i in range(SAMPLES):
        x = drawn.random()
        samples.write(f'{{"step":{i // 64 + 1},"prompt":"{prompts[i // 2 % 4000]}","response":"{" ".join(drawn.choices(WORDS, k=20))}","score":{x},"kl":{3 * x},"ended":{"true" if x > .3 else "false"},"length":{20 + int(20 * x)},"advantage":{x - .5}}}\n')
for run in ("big", "other"):
    place = stage(run, "ppo", "type: ppo  # run.yaml:3\n")
    with open(os.path.join(place, "metrics.jsonl"), "w") as metrics:
        for step in range(1, 9):
            metrics.write(json.dumps({"step": step, "objective/kl": step * (1 if run == "big" else 2), "objective/scores": step / 8}) + "\n")
with open(os.path.join(folder, "other", "ppo", "samples.jsonl"), "w") as samples:
    samples.write('{"step":1,"prompt":"p","response":"r","score":1}\n')
stage("grid/lr-1", "sft", "type: sft  # run.yaml:3\n")
with open(os.path.join(folder, "grid", ".rlhf4j-experiment"), "w") as mark:
    mark.write("The folder of an experiment of RLHF4J.\n")
with open(f"/proc/{os.getpid()}/stat") as own, open("/proc/stat") as machine:
    begun = int(own.read().rsplit(")", 1)[1].split()[19]) * 1000 // os.sysconf("SC_CLK_TCK")
    booted = next(int(line.split()[1]) for line in machine if line.startswith("btime")) * 1000
with open(os.path.join(folder, "grid", ".process"), "w") as process:
    json.dump({"pid": os.getpid(), "started": booted + begun, "begun": int(time.time() * 1000), "state": "running", "stages": [], "stage": "lr = 1", "type": "experiment", "step": 1, "steps": 4, "message": ""}, process)

DRAWN = """count => [...document.querySelectorAll('.chart div[role=img]')].some(canvas => (canvas.getAttribute('aria-label').match(/run\\d /g) ?? []).length === count)"""


def peak(shown):
    """Whether the curve of grad_norm has its one peak: the axis reaches it."""
    return shown.evaluate("""async () => {
      const stages = [...Array(10).keys()].map(i => `run${i}:sft`).join('\\n');
      const answer = await (await fetch('/api/curves?' + new URLSearchParams({stage: stages, metric: 'grad_norm', columns: 500}))).json();
      return !answer.draft && answer.curves.length === 10 && answer.curves.every(curve => Math.max(...curve.y) === 99);
    }""")


with browser() as chromium, ui.Server(folder) as server:
    shown = page(chromium, server.address)
    shown.wait_for_timeout(1000)
    ten = "#/runs?" + "&".join(f"run=run{run}" for run in range(10)) + "&stage=sft"
    before = time.time()
    shown.evaluate("where => { location.hash = where; }", ten)
    shown.wait_for_function(DRAWN, arg=10, timeout=60000)
    first = time.time() - before
    check(f"ten runs of {STEPS} steps are drawn within {LONGEST} s, read for the first time", first <= LONGEST, f"{first:.2f} s")
    while not (whole := peak(shown)) and time.time() - before < 60:
        shown.wait_for_timeout(100)
    check("all their points follow, peaks among them", whole, f"after {time.time() - before:.2f} s")
    go(shown, "#/plan", "main form, main input")
    before = time.time()
    shown.evaluate("where => { location.hash = where; }", ten)
    shown.wait_for_function(DRAWN, arg=10, timeout=60000)
    again = time.time() - before
    check(f"and again within {LONGEST} s", again <= LONGEST, f"{again:.2f} s")
    picture(shown, "long-runs")
    axe(shown, "long-runs")
    stop = shown.get_by_label("Stop the experiment grid")
    check("an experiment is listed with its progress", "1/4" in shown.get_by_role("region", name="Experiments").inner_text())
    stop.click()
    shown.wait_for_function("() => document.querySelector('#notices').innerText.includes('grid stops')")
    check("its button asks it to stop", os.path.exists(os.path.join(folder, "grid", ".stop")))

    before = time.time()
    shown.evaluate("() => { location.hash = '#/rollouts?run=big&stage=ppo'; }")
    shown.wait_for_selector("article.card", timeout=120000)
    opened = time.time() - before
    found = shown.inner_text("#found")
    check(f"{SAMPLES} samples are there", f"{SAMPLES:,} samples" in found, f"{found}, {opened:.2f} s")
    before = time.time()
    shown.get_by_label("Sort by").select_option("score")
    shown.wait_for_function("() => /score [0-9.]+e-/.test(document.querySelector('article.card .facts')?.innerText ?? '')", timeout=60000)  # the least of so many
    check("sorted by score", True, f"{time.time() - before:.2f} s")
    shown.click("summary:text('Other runs in the same plane')")
    shown.get_by_label("other", exact=True).check()
    shown.wait_for_function("() => document.querySelectorAll('svg.plane polyline').length === 2")
    check("two runs are in one plane", "other ppo" in shown.inner_text(".legend >> nth=-1"))
    axe(shown, "long-rollouts")
    picture(shown, "long-rollouts")
    check("no mistakes of scripts", not shown.mistakes, "; ".join(shown.mistakes[:3]))
if not os.environ.get("KEEP"):
    shutil.rmtree(folder)
ui.finish()
