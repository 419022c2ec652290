"""The page Chat: an answer that streams and is stopped, tried again, its tokens; hostile texts; two models side by side, blind, and a vote; attention; a phone; axe. Called by ui.sh:

    [MODEL=DIR MODEL2=DIR] python tools/acceptance/ui_chat.py [FOLDER]      small Hugging Face folders; else two are trained first"""
import json, os
import ui_pages as ui
from ui_pages import axe, browser, check, go, no_overflow, page, picture

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> {{7*7}} \u202Egpj.exe \u001b[2J"
folder = ui.new_folder("chat")
MODEL = os.environ.get("MODEL") or ui.small_model(folder, "small")
SECOND = os.environ.get("MODEL2") or (MODEL if os.environ.get("MODEL") else ui.small_model(folder, "other", seed=8))


def send(shown, text):
    box = shown.get_by_label("Message (Enter")
    box.fill(text)
    box.press("Enter")


def settle(shown):
    shown.wait_for_function("() => !document.querySelector('.coming') && !document.querySelector('.composer button.main').disabled", timeout=120000)
    shown.wait_for_timeout(300)


with browser() as chromium, ui.Server(folder) as server:
    shown = page(chromium, server.address)
    go(shown, "#/chat", "text=System prompt and sampling")
    shown.get_by_label("Model: folder", exact=True).fill(MODEL)
    shown.click("text=System prompt and sampling")
    shown.get_by_label("System prompt").fill("Be kind.")
    shown.get_by_label("most new tokens").fill("40")
    send(shown, "Once upon a time")
    settle(shown)
    first = shown.locator(".message.assistant .written").last.inner_text()
    check("a model answers", len(first) > 0, first[:40])
    shown.click("button:has-text('Retry')")
    shown.wait_for_selector("text=2/2", timeout=120000)
    settle(shown)
    check("another try is another branch", shown.locator(".message.assistant").count() == 1)
    shown.click("button[aria-label='Earlier version']")
    check("the earlier branch is kept", shown.locator(".message.assistant .written").last.inner_text() == first)

    shown.click("button:has-text('Probabilities')")
    shown.hover(".token >> nth=2")
    told = shown.inner_text(".alternatives")
    check("a token tells its probability and its rivals", "%" in told and shown.locator(".alternatives tr").count() == 5, told.split("\n")[0])
    shown.focus(".token >> nth=0")
    shown.keyboard.press("ArrowRight")
    check("tokens are reached by the keyboard", shown.inner_text(".alternatives") != told)
    axe(shown, "chat")
    picture(shown, "chat-light")
    shown.click("button:has-text('Probabilities')")
    with shown.context.expect_page() as opened:
        shown.click("a:has-text('Attention')")
    opened.value.wait_for_selector("canvas", timeout=20000)
    check("attention of the turn is drawn", opened.value.locator("canvas").count() >= 2 and "Attention of" in opened.value.title())
    check("attention's page has no way to this server", opened.value.evaluate("() => fetch('/api/pages').then(() => false, () => true)"))
    opened.value.close()

    shown.get_by_label("most new tokens").fill("400")
    # Stop as soon as there is a first word: the page's own clock, since a small model is faster than a click from here
    shown.evaluate("""() => {
      const stop = [...document.querySelectorAll('.composer button')].find(button => button.innerText === 'Stop' || button.textContent === 'Stop');
      const looks = new MutationObserver(() => {
        if (!stop.hidden && document.querySelector('.coming')?.textContent) {
          looks.disconnect();
          stop.click();
        }
      });
      looks.observe(document.querySelector('[aria-label=Conversation]'), {childList: true, subtree: true, characterData: true});
    }""")
    send(shown, "Tell me a long story")
    settle(shown)
    check("an answer is stopped", "stopped" in shown.locator(".message.assistant header").last.inner_text(), shown.locator(".message.assistant header").last.inner_text().split("\n")[1:3])

    shown.get_by_label("most new tokens").fill("30")
    send(shown, HOSTILE)
    settle(shown)
    said = shown.locator(".message.user .written").last
    check("hostile texts are texts", "<script>alert(1)</script><img src=x onerror=alert(2)>" in said.inner_text() and "202E" in said.inner_text() and "001B" in said.inner_text(), said.inner_text())
    check("nothing of them became an element", shown.locator(".message img, .message script").count() == 0)

    go(shown, "#/chat?new=1", "text=System prompt and sampling")
    shown.check("text=two models side by side")
    shown.get_by_label("Model: folder", exact=True).fill(MODEL)
    shown.get_by_label("Second model: folder").fill(SECOND)
    send(shown, "The dog")
    shown.wait_for_selector("[data-vote=A]", timeout=120000)
    heads = shown.locator(".sides .message header").all_inner_texts()
    check("two answers are blind", all(head.startswith("Answer ") for head in heads), [head.split("\n")[0] for head in heads])
    axe(shown, "chat-two")
    picture(shown, "chat-two-light")
    shown.click("[data-vote=B]")
    shown.wait_for_selector("text=B was better")
    check("names are told after the vote", all(name in shown.inner_text(".sides") for name in (MODEL, SECOND)))
    answers = [json.loads(line) for line in open(os.path.join(folder, "rankings", "chat-votes", "answers.jsonl"))]
    check("the vote is a ranking", sum(line["event"] == "ranked" for line in answers) == 1)
    send(shown, "And then")
    shown.wait_for_selector("[data-vote=A]", timeout=120000)
    shown.reload()
    shown.wait_for_selector("[data-vote=A]")
    check("a conversation is there after a reload, still blind", SECOND not in shown.locator(".sides").last.inner_text() or SECOND == MODEL)

    phone = page(chromium, server.address, dark=True, phone=True)
    go(phone, "#/chat?id=" + shown.url.split("id=")[1], ".message")
    no_overflow(phone, "chat on a phone")
    axe(phone, "chat-phone-dark")
    picture(phone, "chat-phone-dark")
    check("no mistakes in any page", not (shown.mistakes + phone.mistakes), shown.mistakes + phone.mistakes)
ui.finish()
