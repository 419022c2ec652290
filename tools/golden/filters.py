"""Texts with what datatrove's filters say of them, and addresses with what protego allows, for the tests of the module filter.

    python filters.py OUT.json        (datatrove 0.10.1, spacy 3.8, protego 0.7.0)

Words are what white space separates: datatrove's own tokenizer is replaced by str.split, since Gopher's paper names none. Sentences are spaCy's, as datatrove has them.
All texts are made up here, from a fixed seed.
"""
import json
import random
import sys

import datatrove
import protego
from datatrove.data import Document
from datatrove.pipeline.filters import c4_filters, gopher_quality_filter, gopher_repetition_filter

WORDS = ("the be to of and that have with a garden tree water river stone light house road small large green old new walks sees gives "
         "takes finds keeps under over near between morning evening winter summer letter number question answer").split()
random.seed(22)


def sentence(n):
    return " ".join(random.choice(WORDS) for _ in range(n)).capitalize() + random.choice([".", ".", "!", "?"])


def document():
    kind = random.randrange(14)
    lines = [" ".join(sentence(random.randint(4, 12)) for _ in range(random.randint(1, 2))) for _ in range(random.randint(2, 8))]
    if kind == 0:
        lines = [random.choice(lines[:3]) for _ in lines]
    elif kind == 1:
        lines = ["- " + line for line in lines]
    elif kind == 2:
        lines = [line[:-1] + random.choice(["...", "…"]) if random.random() < 0.5 else line for line in lines]
    elif kind == 3:
        lines = [line + " #tag" * random.randint(0, 3) for line in lines]
    elif kind == 4:
        lines = [" ".join(random.choice(["12", "3.5", "---", "7", "tree", "the"]) for _ in range(12)) for _ in lines]
    elif kind == 5:
        lines += ["Lorem ipsum dolor sit amet is here."] if random.random() < 0.5 else ["function() { return; }. And so it goes on here."]
    elif kind == 6:
        lines += ["This page needs Javascript to be turned on.", "We use cookies to make it better for you.", "Too few words."]
    elif kind == 7:
        lines = ["\n".join([line, ""]) for line in lines] + [""] + [lines[0]] * random.randint(0, 4)
    elif kind == 8:
        phrase = " ".join(random.choice(WORDS) for _ in range(random.randint(2, 9)))
        lines = [line + (" " + phrase) * random.randint(0, 6) for line in lines]
    elif kind == 9:
        lines = [" ".join("x" * random.randint(9, 14) for _ in range(10)) + "." for _ in lines]
    elif kind == 10:
        lines = [" ".join(random.choice("a b c I".split()) for _ in range(14)) + "." for _ in lines]
    elif kind == 11:
        lines = [" ".join(word for word in line.split() if word.lower().strip(".!?") not in WORDS[:7]) for line in lines]
    elif kind == 12:
        lines = [line.replace(".", " [1].") + " See it[citation needed]." for line in lines] + ["no end here", "w" * 1001 + " is long enough here."]
    return "\n".join(lines)


def judged(filter_, text):
    doc = Document(text=text, id="x")
    said = filter_.filter(doc)
    return [said if isinstance(said, bool) else said[0], "" if isinstance(said, bool) else said[1], "" if doc.text == text else doc.text]


gopher_quality_filter.split_into_words = gopher_repetition_filter.split_into_words = lambda text, language: text.split()
quality = gopher_quality_filter.GopherQualityFilter()
repetition = gopher_repetition_filter.GopherRepetitionFilter()
c4 = c4_filters.C4QualityFilter(min_num_sentences=3, min_words_per_line=5)
texts = []
for _ in range(150):
    text = document()
    texts.append({"text": text, "quality": judged(quality, text), "repetition": judged(repetition, text), "c4": judged(c4, text)})

PARTS = ["a", "b", "shop", "img", "x.php", "*", "*.jpg", "$", "?q=1", "/", "/", "/"]
robots = []
for _ in range(80):
    lines = []
    for _ in range(random.randint(1, 3)):
        lines += ["User-agent: " + random.choice(["*", "GPTBot", "CCBot", "Other"]) for _ in range(random.randint(1, 2))]
        for _ in range(random.randint(0, 4)):
            path = "/" + "".join(random.choice(PARTS) for _ in range(random.randint(0, 4)))
            path = path.replace("$", "") + ("$" if path.endswith("$") else "")
            lines.append(random.choice(["Disallow: ", "Allow: "]) + path)
        lines.append(random.choice(["", "# a comment", "Sitemap: https://e.org/s.xml", "Crawl-delay: 3"]))
    text = "\n".join(lines)
    parser = protego.Protego.parse(text)
    asked = []
    for _ in range(6):
        url = "https://e.org/" + "".join(random.choice(["a", "b", "shop", "img", "x.php", ".jpg", "/", "?q=1"]) for _ in range(random.randint(0, 5)))
        agent = random.choice(["GPTBot", "CCBot"])
        asked.append([agent, url, parser.can_fetch(url, agent)])
    robots.append({"robots": text, "asked": asked})

with open(sys.argv[1], "w") as out:
    json.dump({"generator": "tools/golden/filters.py, datatrove 0.10.1, protego 0.7.0", "texts": texts, "robots": robots}, out, indent=0, ensure_ascii=True)
print({name: sum(not t[name][0] for t in texts) for name in ("quality", "repetition", "c4")}, sum(not a[2] for r in robots for a in r["asked"]), 6 * len(robots))
from collections import Counter
for name in ("quality", "repetition", "c4"):
    print(Counter(t[name][1] for t in texts))
