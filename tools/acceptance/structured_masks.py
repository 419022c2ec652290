"""The masks of StructuredMasks beside xgrammar's: the same tokens at every place.

Use: python tools/acceptance/structured_masks.py TOKENIZER_DIR MASKS.jsonl     needs xgrammar
"""
import json
import sys
from pathlib import Path

import numpy
import torch
import xgrammar

files = json.loads(Path(sys.argv[1], "tokenizer.json").read_text(encoding="utf-8"))
added = {token["content"]: token["id"] for token in files["added_tokens"]}
vocabulary = {**files["model"]["vocab"], **added}
words = [""] * (max(vocabulary.values()) + 1)
for word, number in vocabulary.items():
    words[number] = word
special = {token["id"] for token in files["added_tokens"] if token["special"]}
end = min(special)
info = xgrammar.TokenizerInfo(words, xgrammar.VocabType.BYTE_LEVEL, vocab_size=len(words), stop_token_ids=[end])
compiler = xgrammar.GrammarCompiler(info)
grammars, places, different = {}, 0, []
for line in map(json.loads, open(sys.argv[2], encoding="utf-8")):
    regex = line["regex"]
    if regex not in grammars:
        grammars[regex] = compiler.compile_regex(regex)
    matcher = xgrammar.GrammarMatcher(grammars[regex])
    for number in line["ids"]:
        assert matcher.accept_token(number), (regex, line["ids"])
    mask = xgrammar.allocate_token_bitmask(1, len(words))
    matcher.fill_next_token_bitmask(mask)
    bits = numpy.unpackbits(mask.numpy().view(numpy.uint8), bitorder="little")[: len(words)]
    theirs = set(numpy.flatnonzero(bits).tolist()) - (special - {end})  # which it takes for texts
    places += 1
    ours = set(line["allowed"]) | ({end} if line["end"] else set())
    if ours != theirs:
        different.append((regex, line["ids"], sorted(ours - theirs)[:5], sorted(theirs - ours)[:5], [words[i] for i in sorted(ours ^ theirs)[:5]]))
for problem in different[:20]:
    print("DIFFERENT", *problem)
print(f"{'OUT' if different else 'ok'}  {len(grammars)} expressions: the masks of {places - len(different)} of {places} places are xgrammar's")
sys.exit(bool(different))
