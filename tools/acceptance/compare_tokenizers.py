"""Compares ids and decoded texts of our program with those of Python's tokenizers on generated texts; a line for each tokenizer and check.

Use: compare_tokenizers.py write DIR LINES SEED COUNT        texts for the tokenizer of DIR, as lines for `rlhf4j tokenize`
     compare_tokenizers.py ids LINES OURS BACK               our ids, as lines to be decoded
     compare_tokenizers.py compare NAME DIR LINES OURS DECODED
"""
import json
import re
import sys

from checks import Checks
from generated_texts import texts


def read(path):
    with open(path, encoding='utf-8') as file:
        return [json.loads(line) for line in file]


def write(path, rows):
    with open(path, 'w', encoding='utf-8') as file:
        file.writelines(json.dumps(row) + '\n' for row in rows)


def specials(directory):
    added = json.load(open(directory + '/tokenizer.json', encoding='utf-8'))['added_tokens']
    return [token['content'] for token in added if token['special']]


def compare(name, directory, lines, ours, decoded):
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(directory + '/tokenizer.json')
    tokenizer.no_truncation()
    tokenizer.no_padding()
    bos = tokenizer.encode('').ids[:1]
    wrong = dict(ids=0, split=0, special=0, decoded=0, streamed=0)
    counts = dict.fromkeys(wrong, 0)
    for row, mine, back in zip(lines, ours, decoded, strict=True):
        text = re.sub('[\ud800-\udfff]', '\ufffd', row['text'])
        special, split = row['add_special_tokens'], row['split_special_tokens']
        tokenizer.encode_special_tokens = split
        theirs = tokenizer.encode(text, add_special_tokens=special).ids
        if bos and special and not split and theirs[1:2] == bos:  # never doubled here
            theirs = theirs[1:]
        kind = 'split' if split else 'special' if special else 'ids'
        counts[kind] += 1
        wrong[kind] += theirs != mine['ids']
        for key, value in (('decoded', back['text']), ('streamed', ''.join(back['pieces']))):
            counts[key] += 1
            wrong[key] += tokenizer.decode(mine['ids'], skip_special_tokens=True) != value
    checks = Checks()
    titles = dict(ids='ids', special='ids, BOS as the tokenizer adds it', split='ids, split_special_tokens', decoded='decoded', streamed='decoded as a stream')
    for key, title in titles.items():
        checks.line(wrong[key] == 0, f'{name}: {title}', f'{counts[key]} texts, {wrong[key]} differ')
    checks.end()


if sys.argv[1] == 'write':
    directory, path, seed, count = sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
    drawn = list(texts(seed, count, specials(directory)))
    write(path, [dict(text=text, add_special_tokens=special, split_special_tokens=split)
                 for special, split, some in ((False, False, drawn), (True, False, drawn[::3]), (False, True, drawn[1::3])) for text in some])
elif sys.argv[1] == 'ids':
    write(sys.argv[3], [dict(ids=row['ids']) for row in read(sys.argv[2])])
else:
    compare(sys.argv[2], sys.argv[3], *(read(path) for path in sys.argv[4:7]))
