"""Texts that are hard on a tokenizer: all scripts, emoji, control characters, runs of spaces, special tokens inside the text, lone surrogates.

Use: import. A function of a seed, the number of texts and the special tokens, without any library.
"""
import random
import unicodedata

SCRIPTS = [(0x20, 0x7E), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x52F), (0x531, 0x58F), (0x591, 0x5F4), (0x600, 0x6FF),
           (0x700, 0x74A), (0x780, 0x7B1), (0x900, 0x97F), (0x980, 0x9FE), (0xA01, 0xA76), (0xB01, 0xB77), (0xB82, 0xBFA), (0xC00, 0xC7F), (0xD00, 0xD7F),
           (0xE01, 0xE5B), (0xE81, 0xEDF), (0xF00, 0xFDA), (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1100, 0x11FF), (0x1200, 0x137C), (0x13A0, 0x13FD),
           (0x1400, 0x167F), (0x1780, 0x17F9), (0x1820, 0x1878), (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x2070, 0x20BF), (0x2100, 0x23FF), (0x2500, 0x27BF),
           (0x2E80, 0x2FDF), (0x3000, 0x30FF), (0x3105, 0x312F), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA48C), (0xAC00, 0xD7A3), (0xE000, 0xF8FF),
           (0xF900, 0xFAFF), (0xFB00, 0xFDFF), (0xFE00, 0xFEFF), (0xFF01, 0xFFEF), (0xFFF0, 0xFFFF), (0x10000, 0x100FF), (0x12000, 0x123FF),
           (0x13000, 0x1342F), (0x1D400, 0x1D7FF), (0x1F000, 0x1FAFF), (0x20000, 0x2A6DF), (0xE0000, 0xE01EF), (0x10FF00, 0x10FFFD)]
WORDS = '''the of and to in it was he she they Once upon a time there's don't I'll we've 12 345 6,789.01 3.14e-10 http://example.org/a?b=c&d=%20 user@host
def return None self.x += 1; <html> </div> {"a": [1, null]} $x^2$ #tag @name C++ e.g. U.S.A. Straße naïve Ελλάδα Москва мир 日本語 こんにちは 中文 한국어 עברית العربية हिन्दी ไทย'''.split()
EMOJI = ['🙂', '👨‍👩‍👧‍👦', '🇩🇪', '👍🏽', '❤️', '1️⃣', '🏴‍☠️', '🧑🏿‍🚀', '©', '™', '\u200d', '\ufe0f']
ENDS = ['', ' ', '  ', '\n', '\n\n', '\t', ' \n', '\r\n', '\u3000', '\u00a0']


def piece(rng, specials):
    kind = rng.randrange(12)
    if kind < 3:
        return ' '.join(rng.choice(WORDS) for _ in range(rng.randint(1, 12)))
    if kind < 6:
        low, high = rng.choice(SCRIPTS)
        return ''.join(chr(rng.randint(low, high)) for _ in range(rng.randint(1, 15)))
    if kind == 6:
        return rng.choice(' \t\n\r\u00a0\u2003\u3000') * rng.choice([1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 33, 64, 129])
    if kind == 7:
        return ''.join(rng.choice(EMOJI) for _ in range(rng.randint(1, 4)))
    if kind == 8:
        return ''.join(chr(rng.choice([*range(0, 32), *range(0x7F, 0xA0), 0x200B, 0x2028, 0xFEFF])) for _ in range(rng.randint(1, 5)))
    if kind == 9:
        special = rng.choice(specials)
        return rng.choice([special, special * 2, special[:-1], ' ' + special, special + ' ', special[1:]])
    if kind == 10:
        return rng.choice(['\ud83d', '\ude42', '\udfff', '\ud800', 'a\udc00b', '\ud83d\ud83d'])
    text = ''.join(rng.choice(WORDS) for _ in range(3))
    return rng.choice([text.upper(), text[::-1], unicodedata.normalize('NFD', text), str(rng.getrandbits(rng.randint(1, 200))), 'aA' * rng.randint(1, 40)])


def texts(seed, count, specials):
    rng = random.Random(seed)
    for _ in range(count):
        yield ''.join(piece(rng, specials) + rng.choice(ENDS) for _ in range(rng.randint(0, 7)))


