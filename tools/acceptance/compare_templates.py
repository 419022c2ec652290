"""Compares chat templates as our program renders them with transformers' apply_chat_template: texts, ids and assistant masks; a line for each template.

Use: compare_templates.py write LINES SMOLLM2_DIR [TEMPLATE.jinja ...]       conversations under each template, as lines for `rlhf4j tokenize --keep-going`
     compare_templates.py compare LINES OURS SMOLLM2_DIR
"""
import json
import logging
import os
import sys

from checks import Checks

CALL = dict(role='assistant', content='', tool_calls=[dict(type='function', id='call00001', function=dict(
    name='weather', arguments=dict(city='Zürich', days=2, units=['C', 'F'], more=None, exact=True)))])
RESULT = dict(role='tool', name='weather', tool_call_id='call00001', content='{"temperature": 21.5}')
TOOLS = [dict(type='function', function=dict(name='weather', description='The weather "there" & <then>.', parameters=dict(
    type='object', required=['city'], properties=dict(
        city=dict(type='string', description='A city'), days=dict(type='integer', description='Days', minimum=1),
        units=dict(type='array', items=dict(type='string', enum=['C', 'F']), description='Units')))))]


def chat(*turns):
    return [dict(role=role, content=content) for role, content in turns]


CONVERSATIONS = {
    'user': chat(('user', 'Hello, who are you?')),
    'one turn': chat(('user', 'Hi'), ('assistant', 'Hello! 🙂')),
    'system': chat(('system', 'You are kind.'), ('user', 'Hi'), ('assistant', 'Hello.')),
    'turns': chat(('system', 'Be brief.'), ('user', 'One?'), ('assistant', 'Two.'), ('user', 'Three?'), ('assistant', 'Four.'), ('user', 'Five?')),
    'ended turns': chat(('user', 'One?'), ('assistant', 'Two.'), ('user', 'Three?'), ('assistant', 'Four.')),
    'empty': chat(('system', ''), ('user', ''), ('assistant', '')),
    'spaces': chat(('user', '  a\n\n b \t'), ('assistant', '\n\n  x  \n'), ('user', '\n')),
    'scripts': chat(('user', 'Was heißt „наука“? 日本語 العربية'), ('assistant', 'é {{ not }} {% code %} <b>&amp;</b> "quoted" \\n')),
    'thinking': chat(('user', 'Why?'), ('assistant', '<think>\nBecause.\n</think>\n\nSo.'), ('user', 'Sure?'), ('assistant', '<think>Yes</think>Yes.')),
    'system alone': chat(('system', 'Only this.')),
    'assistant first': chat(('assistant', 'I begin.'), ('user', 'Fine.')),
    'two users': chat(('user', 'a'), ('user', 'b'), ('assistant', 'c')),
}
WITH_TOOLS = {
    'tools': chat(('system', 'Use tools.'), ('user', 'Weather?')),
    'call': [*chat(('user', 'Weather in Zürich?')), CALL, RESULT],
    'answered call': [*chat(('system', 'Use tools.'), ('user', 'Weather?')), CALL, RESULT, *chat(('assistant', 'Warm.'))],
}


def lines(name, source):
    for title, messages in CONVERSATIONS.items():
        for prompt in (False, True):
            yield dict(name=name, title=title, line=dict(messages=messages, add_generation_prompt=prompt, chat_template=source))
    if 'tool' in source:
        for title, messages in WITH_TOOLS.items():
            for prompt in (False, True):
                yield dict(name=name, title=title, line=dict(messages=messages, tools=TOOLS, add_generation_prompt=prompt, chat_template=source))


def theirs(tokenizer, line):
    """Text, ids and mask; or the error. The mask exists where the template marks what is generated."""
    settings = dict(line)
    messages = settings.pop('messages')
    try:
        text = tokenizer.apply_chat_template(messages, tokenize=False, **settings)
    except Exception as error:  # noqa: BLE001 a template may raise anything
        return dict(error=repr(error))
    result = dict(text=text, ids=tokenizer(text, add_special_tokens=False).input_ids)
    if '{% generation' in line['chat_template'].replace('{%-', '{%') and not line['add_generation_prompt']:
        encoded = tokenizer.apply_chat_template(messages, tokenize=True, return_dict=True, return_assistant_tokens_mask=True, **settings)
        result['assistant_masks'] = encoded['assistant_masks']
    return result


def differs(mine, other):
    if 'error' in other or 'error' in mine:
        return ('error' in other) != ('error' in mine)
    return any(mine.get(key) != value for key, value in other.items())


def compare(cases, ours, directory):
    os.environ['TRANSFORMERS_VERBOSITY'] = 'error'
    logging.disable(logging.WARNING)
    from transformers import AutoTokenizer
    tokenizer = AutoTokenizer.from_pretrained(directory)
    found = {}
    for case, mine in zip(cases, ours, strict=True):
        other = theirs(tokenizer, case['line'])
        counts = found.setdefault(case['name'], dict(renders=0, refused=0, masks=0, wrong=[]))
        counts['renders'] += 1
        counts['refused'] += 'error' in other
        counts['masks'] += 'assistant_masks' in other
        if differs(mine, other):
            counts['wrong'].append(case['title'] + (': ' + mine['error'] if 'error' in mine else ''))
            if len(counts['wrong']) == 1:
                print(json.dumps(dict(case=case['title'], template=case['name'], ours=mine, theirs=other))[:3000], file=sys.stderr)
    checks = Checks()
    for name, counts in found.items():
        wrong = counts['wrong']
        detail = f'{counts["renders"]} renders ({counts["refused"]} refused by both), {counts["masks"]} masks, {len(wrong)} differ'
        checks.line(not wrong, f'template {name}', detail + (f', first: {wrong[0]}' if wrong else ''))
    total = sum(counts['renders'] for counts in found.values())
    checks.line(checks.failed == 0, 'templates', f'{len(found)} templates, {total} renders, {sum(len(c["wrong"]) for c in found.values())} differ')
    checks.end()


def read(path):
    with open(path, encoding='utf-8') as file:
        return [json.loads(line) for line in file]


if sys.argv[1] == 'write':
    templates = {path.split('/')[-1][:-len('.jinja')]: open(path, encoding='utf-8').read() for path in sys.argv[4:]}
    templates['smollm2'] = open(sys.argv[3] + '/chat_template.jinja', encoding='utf-8').read()
    with open(sys.argv[2], 'w', encoding='utf-8') as cases, open(sys.argv[2] + '.given', 'w', encoding='utf-8') as given:
        for name, source in templates.items():
            for case in lines(name, source):
                cases.write(json.dumps(case) + '\n')
                given.write(json.dumps(case['line']) + '\n')
else:
    compare(read(sys.argv[2]), read(sys.argv[3]), sys.argv[4])
