"""The page Rank, by clicks and keys: 40 rankings, the server killed in the middle, gone on, trained on to best of n; agreement of two people; a phone; axe. Called by ui.sh:

    [MODEL=DIR] python tools/acceptance/ui_rank.py [FOLDER]      MODEL: a small Hugging Face folder; else one is trained first. FOLDER is new; runs and rankings go there"""
import json, os, time
import ui_pages as ui
from ui_pages import axe, browser, check, go, no_overflow, page, picture

RANKINGS = 40
KILL_AT = 17
folder = ui.new_folder("rank")
MODEL = os.environ.get("MODEL") or ui.small_model(folder, "small")
answers = os.path.join(folder, "rankings", "people", "answers.jsonl")


def lines():
    return [json.loads(line) for line in open(answers) if line.endswith("\n")] if os.path.exists(answers) else []


def ranked():
    return sum(line["event"] == "ranked" for line in lines())


def shown_number(shown):
    return shown.inner_text("main p.note").split(" answered")[0]


def rank(shown, n):
    """One ranking: by keys, by clicks on numbers, or by dragging; every eighth with a tie."""
    before = shown_number(shown)
    count = shown.locator(".answer").count()
    if n % 4 == 3:
        grips = shown.locator(".grip")
        grips.nth(count - 1).scroll_into_view_if_needed()
        low, high = grips.nth(count - 1).bounding_box(), grips.nth(0).bounding_box()
        shown.mouse.move(low["x"] + 4, low["y"] + 4)
        shown.mouse.down()
        shown.mouse.move(high["x"] + 4, high["y"] + 2, steps=4)
        shown.mouse.up()
        shown.click("text=Save (Enter)")
    elif n % 4 == 2:
        for card in range(count):
            if shown.locator(f".answer[data-card='{card}'] .place").inner_text() == "no rank yet":
                shown.click(f".answer[data-card='{card}'] .pick")
        shown.click("text=Save (Enter)")
    else:
        keys = [str(card + 1) for card in range(count - 1)]
        if n % 8 == 0:
            keys.insert(1, "=")
        for key in keys:
            shown.keyboard.press(key)
        shown.keyboard.press("Enter")
    shown.wait_for_function("before => document.querySelector('main p.note').innerText.split(' answered')[0] !== before", arg=before, timeout=20000)


with browser() as chromium:
    with ui.Server(folder) as server:
        shown = page(chromium, server.address)
        go(shown, "#/rank", "text=New rankings")
        axe(shown, "rank-new")
        shown.get_by_label("Name").fill("people")
        shown.get_by_label("or type them").fill("\n".join(f"Once upon a time there was a {animal} and" for animal in [
            "cat", "dog", "bird", "fish", "cow", "duck", "frog", "mouse", "horse", "bear", "fox", "lion", "pig", "sheep", "ant", "bee", "crab", "deer", "goat", "hen",
            "owl", "seal", "snail", "snake", "spider", "tiger", "toad", "whale", "wolf", "worm", "rabbit", "puppy", "kitten", "monkey", "bunny", "turtle", "zebra", "camel", "koala", "panda"]))
        shown.get_by_label("Model 1: folder").fill(MODEL)
        shown.get_by_label("most new tokens").fill("24")
        picture(shown, "rank-new", True)
        shown.click("text=Sample answers and begin")
        shown.get_by_label("Your name").fill("Ann")
        shown.keyboard.press("Enter")
        shown.wait_for_selector(".answer", timeout=120000)
        axe(shown, "rank")
        check("whoever ranks is not told the model", MODEL not in shown.content())
        picture(shown, "rank-light")
        for n in range(KILL_AT):
            rank(shown, n)
        acknowledged = KILL_AT
        shown.keyboard.press("1")
        server.kill()
        check("no answer is lost by kill -9", ranked() >= acknowledged, f"{ranked()} of {acknowledged}")
        mistakes = [text for text in shown.mistakes if "ERR_CONNECTION" not in text]
        check("the page had no mistakes", not mistakes, mistakes)

    with ui.Server(folder) as server:
        shown = page(chromium, server.address)
        go(shown, "#/rank?name=people", "text=Begin")
        shown.get_by_label("Your name").fill("Ann")
        shown.keyboard.press("Enter")
        shown.wait_for_selector(".answer, section[data-done]", timeout=60000)
        done = int(shown_number(shown).split()[-1])
        check("the page goes on where it was", done == ranked(), f"{done} shown, {ranked()} kept")
        if shown.locator("text=Continue sampling").count():
            shown.click("text=Continue sampling")
            shown.wait_for_selector(".answer", timeout=120000)
        n = done
        deadline = time.time() + 600
        while ranked() < RANKINGS and time.time() < deadline:
            if shown.locator(".answer").count() == 0:
                if shown.locator("text=Continue sampling").count():
                    shown.click("text=Continue sampling")
                if shown.locator("text=All done").count():
                    break
                shown.wait_for_timeout(500)
                continue
            rank(shown, n)
            n += 1
        check("40 rankings are made", ranked() == RANKINGS, ranked())
        before = ranked()
        if shown.locator(".answer").count():
            shown.keyboard.press("u")
        else:
            shown.click("text=Undo the last answer")
        shown.wait_for_selector(".answer")
        shown.wait_for_timeout(500)
        check("undo shows the last answer as it was", all("rank" in text for text in shown.locator(".place").all_inner_texts()) and lines()[-1]["event"] == "undone")
        shown.keyboard.press("Enter")
        shown.wait_for_timeout(700)

        go(shown, "#/rank?name=people&view=results", "text=Train on these")
        text = shown.inner_text("main")
        check("agreement with oneself is told", "shown twice" in text and "Ann" in text)
        axe(shown, "rank-results")
        picture(shown, "rank-results-light", True)
        with shown.expect_download() as download:
            shown.click("button:text-is('rankings')")
        rows = [json.loads(line) for line in open(download.value.path())]
        check("rankings are downloaded", len(rows) >= 20 and {"prompt", "responses", "ranks", "labeler"} <= set(rows[0]), len(rows))
        shown.click("text=Make the run file")
        box = shown.get_by_label("Run file", exact=True)
        shown.wait_for_function("() => [...document.querySelectorAll('textarea')].some(box => box.value.includes('type: reward'))", timeout=60000)
        box.fill(box.input_value().replace("num_generations: 8", "num_generations: 4"))
        shown.click("button:text-is('Start')")
        shown.wait_for_selector("text=Started:", timeout=60000)
        rows_file = os.path.join(folder, "people-reward", "best", "data", "rows.jsonl")
        deadline = time.time() + 400
        while not os.path.exists(os.path.join(folder, "people-reward", "best", "done.json")) and time.time() < deadline:
            time.sleep(1)
        rows = sum(1 for _ in open(rows_file)) if os.path.exists(rows_file) else 0
        check("from clicks to a reward model to best of n", rows >= RANKINGS, rows)

        phone = page(chromium, server.address, dark=True, phone=True)
        go(phone, "#/rank?name=people", "text=Begin")
        phone.get_by_label("Your name").fill("Bob")
        phone.click("text=Begin")
        phone.wait_for_selector(".answer")
        no_overflow(phone, "rank on a phone")
        axe(phone, "rank-phone-dark")
        picture(phone, "rank-phone-dark")
        for n in (2, 2):
            rank(phone, n)
        check("a phone ranks by taps", sum(line["event"] == "ranked" and line["person"] == "Bob" for line in lines()) == 2)
        go(shown, "#/rank", "text=New rankings")
        shown.get_by_label("Name").fill("written")
        shown.get_by_label("People", exact=True).select_option("demonstrate")
        shown.get_by_label("Answers", exact=True).select_option("none")
        shown.get_by_label("or type them").fill("Why?\nHow?")
        shown.click("button:text-is('Begin')")
        shown.wait_for_selector("text=Write the best answer")
        check("the name is asked once", shown.inner_text("main p.note").startswith("Ann: 0 answered, 2 to go"))
        shown.get_by_label("Your answer").fill("Because.")
        shown.keyboard.press("Control+Enter")
        shown.wait_for_function("() => document.querySelector('main p.note').innerText.includes('1 answered')")
        shown.click("button:text-is('Undo')")
        shown.wait_for_function("() => document.querySelector('main p.note').innerText.includes('0 answered')")
        check("a written answer is taken back as it was", shown.get_by_label("Your answer").input_value() == "Because.")
        axe(shown, "rank-write")
        dark = page(chromium, server.address, dark=True)
        go(dark, "#/rank?name=people&view=results", "text=Train on these")
        axe(dark, "rank-results-dark")
        picture(dark, "rank-results-dark", True)
        check("no mistakes in any page", not (shown.mistakes + phone.mistakes + dark.mistakes), shown.mistakes + phone.mistakes + dark.mistakes)
ui.finish()
