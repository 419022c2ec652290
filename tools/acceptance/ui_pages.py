"""What Playwright needs to look at the page: a browser, an address, axe, checks that are counted. Used by ui_runs.py and others, started by ui.sh.

Environment: RLHF4J (the launcher), AXE (axe.min.js of the npm package axe-core), CHROMIUM (a browser's path), OUT (a folder for pictures and reports)."""
import json, os, subprocess, sys, time
from contextlib import contextmanager
from playwright.sync_api import sync_playwright

from checks import Checks

RLHF4J = os.environ.get("RLHF4J", "./rlhf4j")
OUT = os.environ.get("OUT", "target/ui")
checks = Checks()
check, finish = checks.that, checks.end


class Server:
    """./rlhf4j ui on a folder."""

    def __init__(self, folder, *more):
        self.process = subprocess.Popen([RLHF4J, "ui", folder, "--no-open", *more], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self.process.stdout.readline().strip()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)


def new_folder(name):
    """A folder for runs: the first argument, else a new one in OUT."""
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.abspath(OUT), f"{name}-{int(time.time())}")
    os.makedirs(folder, exist_ok=True)
    return folder


SMALL = """name: {name}
seed: {seed}
output_dir: {folder}
stages:
  model:
    type: pretrain
    dataset: synthetic:pretrain
    architecture: {{hidden_size: 64, intermediate_size: 192, num_hidden_layers: 2, num_attention_heads: 4, max_position_embeddings: 512}}
    tokenizer: {{vocab_size: 400}}
    max_length: 64
    batch_size: 16
    max_steps: 80
    learning_rate: 3e-3
"""


def small_model(folder, name, seed=7):
    """A new model of 0.1 million parameters that writes letters, in some seconds."""
    file = os.path.join(folder, name + ".yaml")
    with open(file, "w") as out:
        out.write(SMALL.format(name=name, seed=seed, folder=folder))
    done = subprocess.run([RLHF4J, "run", file], capture_output=True, text=True)
    check("a small model is made", done.returncode == 0, done.stderr[-300:] if done.returncode else "")
    return os.path.join(folder, name, "model")


@contextmanager
def browser():
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


def page(chromium, address, dark=False, phone=False):
    """A page that counts mistakes: errors of scripts and refusals of the policy."""
    context = chromium.new_context(color_scheme="dark" if dark else "light", viewport={"width": 390, "height": 844} if phone else {"width": 1300, "height": 900}, reduced_motion="reduce")
    shown = context.new_page()
    shown.mistakes = []
    shown.on("pageerror", lambda error: shown.mistakes.append(str(error)))
    shown.on("console", lambda message: shown.mistakes.append(message.text) if message.type == "error" else None)
    shown.on("dialog", lambda dialog: (shown.mistakes.append("a dialog: " + dialog.message), dialog.dismiss()))
    shown.goto(address)
    shown.wait_for_selector("#pages a")
    return shown


def go(shown, where, ready):
    shown.evaluate("where => { location.hash = where; }", where)
    shown.wait_for_selector(ready, timeout=60000)
    shown.wait_for_timeout(400)


def axe(shown, name):
    """Nothing serious: axe's rules of WCAG 2 A and AA."""
    shown.evaluate(open(os.environ["AXE"]).read())  # by the debugger's way, which no policy of the page holds
    found = shown.evaluate("() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
    serious = [f"{rule['id']} ({len(rule['nodes'])}): {rule['nodes'][0]['html'][:120]}" for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
    with open(f"{OUT}/axe-{name}.json", "w") as report:
        json.dump(found["violations"], report, indent=1)
    check(f"axe finds nothing serious on {name}", not serious, "; ".join(serious))


def picture(shown, name, full=False):
    shown.screenshot(path=f"{OUT}/{name}.png", full_page=full)


def no_overflow(shown, name):
    wide = shown.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    check(f"{name} is no wider than the screen", wide <= 0, wide)
