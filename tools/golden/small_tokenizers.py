"""Two small tokenizers and what Python's tokenizers makes of generated texts: core-model/src/test/resources/io/github/rlhf4j/core/tokenizer/*.

python tools/golden/small_tokenizers.py OUT        with tokenizers 0.23.3

byte-level: NFC and GPT-2's pre-tokeniser. metaspace: a space in front of the first word only, and bytes for what it does not hold. Merges are those of a few words.
A line of expected.jsonl: a text, its ids, and the ids decoded. Where it holds special tokens, a line follows with the ids with these split, and those of the text as a user's message of ChatML, where only
ChatML's own special tokens are tokens. The last come from a copy of the tokenizer whose special tokens have other texts.
"""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'acceptance'))

import tokenizers
from generated_texts import texts

WORDS = 'the and they there time once upon def return None self href user start end im don http 12 345 Straße мир こんにちは 中文'.split()
SPECIAL = ['<s>', '</s>', '<|im_start|>', '<|im_end|>', '※', '[mask]']
COUNT = 150


def bytes_to_unicode():
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in kept]
    return {**{byte: chr(byte) for byte in kept}, **{byte: chr(256 + i) for i, byte in enumerate(others)}}


def merged(vocab, words):
    """Merges that build each word from its left."""
    merges = []
    for word in words:
        left = word[0]
        for right in word[1:]:
            if left + right not in vocab:
                vocab.append(left + right)
                merges.append([left, right])
            left += right
    return merges


def tokenizer_json(vocab, merges, **parts):
    added = [dict(id=len(vocab) + i, content=text, single_word=False, lstrip=text == '[mask]', rstrip=False, normalized=text == '<think>', special=text in SPECIAL)
             for i, text in enumerate([*SPECIAL, '<think>'])]
    model = dict(type='BPE', dropout=None, unk_token=None, continuing_subword_prefix=None, end_of_word_suffix=None, fuse_unk=False, byte_fallback=False, ignore_merges=False)
    model.update(parts.pop('model', {}), vocab={token: i for i, token in enumerate(vocab)}, merges=merges)
    bos = dict(id='<s>', ids=[added[0]['id']], tokens=['<s>'])
    sequence = [dict(Sequence=dict(id='A', type_id=0))]
    post = dict(type='TemplateProcessing', single=[dict(SpecialToken=dict(id='<s>', type_id=0)), *sequence], pair=[*sequence, dict(Sequence=dict(id='B', type_id=1))], special_tokens={'<s>': bos})
    return dict(version='1.0', truncation=None, padding=None, added_tokens=added, normalizer=None, **parts, post_processor=post, model=model)


def byte_level():
    letters = bytes_to_unicode()
    vocab = list(letters.values())
    spelled = [''.join(letters[byte] for byte in word.encode()) for spaced in WORDS for word in (spaced, ' ' + spaced)]
    merges = merged(vocab, [letters[32] * 8, *spelled])
    step = dict(type='ByteLevel', add_prefix_space=False, trim_offsets=True, use_regex=True)
    return {**tokenizer_json(vocab, merges, pre_tokenizer=step, decoder=step), 'normalizer': dict(type='NFC')}


def metaspace():
    vocab = ['<unk>', *(f'<0x{byte:02X}>' for byte in range(256)), '▁', *map(chr, range(33, 127)), *sorted({c for word in WORDS for c in word if ord(c) > 126})]
    merges = merged(vocab, ['▁' * 8, *(word for spaced in WORDS for word in (spaced, '▁' + spaced))])
    step = dict(type='Metaspace', replacement='▁', prepend_scheme='first', split=False)
    decoders = [dict(type='Replace', pattern=dict(String='▁'), content=' '), dict(type='ByteFallback'), dict(type='Fuse'), dict(type='Strip', content=' ', start=1, stop=0)]
    return tokenizer_json(vocab, merges, pre_tokenizer=step, decoder=dict(type='Sequence', decoders=decoders), model=dict(unk_token='<unk>', fuse_unk=True, byte_fallback=True))


def hidden(text):
    return ''.join(chr(0xF1000 + ord(c)) for c in text)


def with_hidden_specials(source):
    copy = json.loads(json.dumps(source))
    for token in copy['added_tokens']:
        if token['special']:
            token['content'] = hidden(token['content'])
    copy['post_processor'] = None
    return tokenizers.Tokenizer.from_str(json.dumps(copy))


def rows(source, seed):
    plain, split = (tokenizers.Tokenizer.from_str(json.dumps(source)) for _ in range(2))
    chat = with_hidden_specials(source)
    split.encode_special_tokens = True
    start, end = hidden('<|im_start|>'), hidden('<|im_end|>')
    for text in texts(seed, COUNT, [*SPECIAL, '<think>']):
        valid = re.sub('[\ud800-\udfff]', '\ufffd', text)
        ids = plain.encode(valid, add_special_tokens=False).ids
        yield dict(text=text, ids=ids, decoded=plain.decode(ids, skip_special_tokens=True))
        if any(special in text for special in SPECIAL):
            yield dict(text=text, split=split.encode(valid, add_special_tokens=False).ids, chat=chat.encode(f'{start}user\n{valid}{end}\n', add_special_tokens=False).ids)


for seed, (name, source) in enumerate({'byte-level': byte_level(), 'metaspace': metaspace()}.items()):
    folder = os.path.join(sys.argv[1], name)
    os.makedirs(folder, exist_ok=True)
    with open(folder + '/tokenizer.json', 'w') as file:
        json.dump(source, file, separators=(',', ':'))
    with open(folder + '/expected.jsonl', 'w') as file:
        file.write(json.dumps(dict(tokenizers=tokenizers.__version__)) + '\n')
        file.writelines(json.dumps(row, separators=(',', ':')) + '\n' for row in rows(source, seed))
