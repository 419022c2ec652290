"""What the program refuses, keeps and survives at its seams, a line a check: files of other people, changed inputs, damaged folders, odd descriptors, hostile data, models that diverge.

Use: seams.py MODEL_DIR [OUT_DIR]      MODEL_DIR: a small Hugging Face language model, such as SHARED_DIR/data/stories260k-hf
RLHF4J names another launcher than ./rlhf4j. Takes a few minutes. Ends with 1 when a check is out.
"""
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from checks import Checks

HOME = Path(__file__).resolve().parents[2]
RLHF4J = os.environ.get('RLHF4J', str(HOME / 'rlhf4j'))
model = Path(sys.argv[1]).resolve()
out = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp()).resolve()
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
os.chdir(out)
checks = Checks()
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it, and what it starts too


def call(*arguments, **more):
    return subprocess.run([RLHF4J, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300, stdin=subprocess.DEVNULL, **more)


def last(done):
    """The last line of the messages."""
    return (done.stderr.strip().splitlines() or [''])[-1][:140]


def refused(name, done, *words, code=2):
    """Exit code 2 and a message that has the words, without a trace."""
    message = done.stderr
    missing = [word for word in words if word not in message]
    checks.that(name, done.returncode == code and not missing and '\tat ' not in message and 'Exception' not in message,
                f'rc {done.returncode}: {last(done)}')


def rows(path, count=24, word='river'):
    text = ''.join(json.dumps({'prompt': f'Tell me about the {word} number {i}.', 'completion': f' The {word} number {i} is long and blue.'}) + '\n' for i in range(count))
    Path(path).write_text(text)


def pairs(path, count=24, word='river'):
    Path(path).write_text(''.join(json.dumps({'prompt': f'Is the {word} {i} long?', 'chosen': f' Yes, {word} {i} is.', 'rejected': f' No, go away {i}.'}) + '\n' for i in range(count)))


def bytes_of(folder):
    """Of the results and logs; an empty log is as good as none."""
    return {path.relative_to(folder): path.read_bytes() for path in sorted(Path(folder).rglob('*'))
            if path.is_file() and path.stat().st_size > 0 and path.name in ('model.safetensors', 'metrics.jsonl', 'samples.jsonl') and 'checkpoints' not in path.parts}


def until(condition, process, seconds=120):
    end = time.time() + seconds
    while process.poll() is None and not condition() and time.time() < end:
        time.sleep(0.01)


rows('sft.jsonl')
pairs('pairs.jsonl')
shutil.copytree(model, 'base', ignore=shutil.ignore_patterns('expected.json'))
for path in Path('base').iterdir():
    path.chmod(0o644)
Path('two.yaml').write_text('''name: two
seed: 3
output_dir: runs
stages:
  sft: {type: sft, model: base, dataset: sft.jsonl, max_steps: 60, save_steps: 10, batch_size: 2, learning_rate: 3e-4, max_length: 64, logging_steps: 1}
  dpo: {type: dpo, model: sft, dataset: pairs.jsonl, max_steps: 60, save_steps: 10, batch_size: 2, learning_rate: 1e-4, max_length: 64, logging_steps: 1}
''')

# 1. --out never takes what is not a file of its own
for command in (('score', '--model', 'base', '--data', 'sft.jsonl'), ('tokenize', '--model', 'base', '--data', 'sft.jsonl'),
                ('generate', '--model', 'base', '--prompt', 'Once', '--max-new-tokens', '4'), ('export', 'sft.jsonl')):
    Path('keep/sub').mkdir(parents=True, exist_ok=True)
    Path('keep/sub/t').write_text('precious')
    done = call(*command, '--out', 'keep')
    checks.that(f'{command[0]} --out FOLDER keeps the folder', done.returncode == 2 and Path('keep/sub/t').read_text() == 'precious', last(done))
Path('target.jsonl').write_text('old\n')
os.symlink('target.jsonl', 'link.jsonl')
done = call('generate', '--model', 'base', '--prompt', 'Once', '--max-new-tokens', '4', '--out', 'link.jsonl')
checks.that('--out LINK stays a link', os.path.islink('link.jsonl'), f'rc {done.returncode}')
done = call('generate', '--model', 'base', '--prompt', 'Once', '--max-new-tokens', '4', '--out', '/dev/null')
checks.that('--out /dev/null stays a device', not Path('/dev/null').is_file() and done.returncode == 0, f'rc {done.returncode}')
refused('generate --out /proc/x.jsonl', call('generate', '--model', 'base', '--prompt', 'Once', '--out', '/proc/x.jsonl'))

# 2. Folders that no run made
Path('proj/src').mkdir(parents=True)
Path('proj/src/a').write_text('precious')
for option in ('--overwrite', '--resume'):
    done = call('run', 'two.yaml', 'output_dir=.', 'name=proj', option)
    checks.that(f'run {option} in a foreign folder', done.returncode == 2 and Path('proj/src/a').exists(), last(done))
Path('p/sft/mine').mkdir(parents=True)
done = call('run', 'two.yaml', 'output_dir=.', 'name=p', '--resume')
checks.that('a foreign folder called like a stage', done.returncode == 2 and Path('p/sft/mine').exists(), last(done))
done = call('run', 'two.yaml', 'output_dir=.', 'name=p', '--only', 'sft')
checks.that('... with --only', Path('p/sft/mine').exists(), f'rc {done.returncode}')
Path('real').mkdir()
Path('real/x').write_text('precious')
os.symlink('real', 'linked')
done = call('run', 'two.yaml', 'output_dir=.', 'name=linked', '--overwrite')
checks.that('a link to a foreign folder, --overwrite', done.returncode == 2 and Path('real/x').exists(), last(done))

# The run that everything else starts from
done = call('run', 'two.yaml')
checks.that('the run', done.returncode == 0, last(done) if done.returncode else '')
good = bytes_of('runs/two')

# 3. --overwrite keeps the old run until the new one's first stage is complete
done = call('run', 'two.yaml', '--overwrite', 'sft.learning_rate=1e30')
checks.that('--overwrite that fails keeps the old run', done.returncode == 2 and bytes_of('runs/two') == good, f'rc {done.returncode}')
process = subprocess.Popen([RLHF4J, 'run', 'two.yaml', '--overwrite', 'sft.max_steps=2000'], stderr=subprocess.DEVNULL)
time.sleep(4)
process.kill()
process.wait()
kept = [folder for folder in [Path('runs/two'), *Path('runs').iterdir(), *Path('runs/two').iterdir()] if folder.is_dir() and bytes_of(folder) == good]
checks.that('--overwrite killed early: the old run is somewhere', bool(kept), ', '.join(map(str, kept)))
shutil.rmtree('runs')
call('run', 'two.yaml')
checks.that('the run again: the same bytes', bytes_of('runs/two') == good)

# 4. A killed --from mixes no runs
process = subprocess.Popen([RLHF4J, 'run', 'two.yaml', '--from', 'sft', 'sft.learning_rate=1e-3'], stderr=subprocess.DEVNULL)
until(lambda: Path('runs/two/.previous').exists() and Path('runs/two/sft/checkpoints/step-30').exists(), process)
process.kill()
process.wait()
done = call('run', 'two.yaml', '--resume', 'sft.learning_rate=1e-3')
other = call('run', 'two.yaml', 'sft.learning_rate=1e-3', 'output_dir=fresh')
checks.that('--from, killed, --resume: as a run from the start', done.returncode == 0 and bytes_of('runs/two') == bytes_of('fresh/two'), f'rc {done.returncode} {other.returncode}')
shutil.rmtree('runs')
shutil.rmtree('fresh')

# 5. What a resumed or reused stage reads has not changed
process = subprocess.Popen([RLHF4J, 'run', 'two.yaml'], stderr=subprocess.DEVNULL)
until(lambda: Path('runs/two/sft/checkpoints/step-30').exists(), process)
process.kill()
process.wait()
rows('sft.jsonl', word='mountain')
refused('--resume with another dataset', call('run', 'two.yaml', '--resume'), 'sft.jsonl')
rows('sft.jsonl')
weights = bytearray(Path('base/model.safetensors').read_bytes())
weights[-3] ^= 1
Path('base/model.safetensors').write_bytes(weights)
refused('--resume with another base model', call('run', 'two.yaml', '--resume'), 'base')
weights[-3] ^= 1
Path('base/model.safetensors').write_bytes(weights)
done = call('run', 'two.yaml', '--resume')
checks.that('--resume with everything as it was', done.returncode == 0 and bytes_of('runs/two') == good, f'rc {done.returncode}')
rows('sft.jsonl', word='mountain')
refused('--from dpo with another dataset of the reused sft', call('run', 'two.yaml', '--from', 'dpo'), 'sft')
rows('sft.jsonl')
weights = bytearray(Path('runs/two/sft/model/model.safetensors').read_bytes())
weights[-3] ^= 1
Path('runs/two/sft/model/model.safetensors').write_bytes(weights)
refused('--from dpo with an altered model of sft', call('run', 'two.yaml', '--from', 'dpo'), 'sft')
weights[-3] ^= 1
Path('runs/two/sft/model/model.safetensors').write_bytes(weights)

# 6. done.json, checkpoints, state
done_file = Path('runs/two/sft/done.json')
whole = done_file.read_text()
for text in ('', '{}', 'null', '[]', 'garbage'):
    done_file.write_text(text)
    done = call('run', 'two.yaml', '--resume')
    sound = done.returncode == 2 or done.returncode == 0 and 'sft' in json.loads(Path('runs/two/summary.json').read_text())['stages'] and bytes_of('runs/two') == good
    checks.that(f'done.json {text!r}', sound, f'rc {done.returncode}: {last(done)}')
    if done.returncode == 2:
        done_file.write_text(whole)
shutil.rmtree('runs')
damages = {
    'checksums cut': lambda step: (step / 'checksums.json').write_bytes((step / 'checksums.json').read_bytes()[:50]),
    'checksums a folder': lambda step: ((step / 'checksums.json').unlink(), (step / 'checksums.json').mkdir()),
    'state {}': lambda step: (step / 'state.json').write_text('{}'),
    'tensors a folder': lambda step: ((step / 'tensors.safetensors').unlink(), (step / 'tensors.safetensors').mkdir()),
}
process = subprocess.Popen([RLHF4J, 'run', 'two.yaml'], stderr=subprocess.DEVNULL)
until(lambda: Path('runs/two/sft/checkpoints/step-30').exists(), process)
process.kill()
process.wait()
shutil.copytree('runs', 'stopped')
for name, damage in damages.items():
    shutil.rmtree('runs')
    shutil.copytree('stopped', 'runs')
    newest = max((step for step in Path('runs/two/sft/checkpoints').glob('step-*')), key=lambda step: int(step.name[5:]))
    damage(newest)
    done = call('run', 'two.yaml', '--resume')
    checks.that(f'checkpoint: {name}', done.returncode == 0 and bytes_of('runs/two') == good, f'rc {done.returncode} {last(done)}')
foreign = {
    'a file in its place': lambda step: (shutil.rmtree(step), step.write_text('x')),
    'a step too large': lambda step: (step.parent / 'step-99999999999999999999').mkdir(),
}
for name, damage in foreign.items():
    shutil.rmtree('runs')
    shutil.copytree('stopped', 'runs')
    damage(Path('runs/two/sft/checkpoints/step-30'))
    refused(f'checkpoint: {name} is nothing that a run makes', call('run', 'two.yaml', '--resume'), 'checkpoints/step-')
shutil.rmtree('runs')
shutil.copytree('stopped', 'runs')
for cached in Path('runs/two/cache').rglob('*'):
    if cached.is_file() and cached.suffix != '.json' and cached.stat().st_size > 200:
        data = bytearray(cached.read_bytes())
        data[len(data) // 2] ^= 3
        cached.write_bytes(data)
done = call('run', 'two.yaml', '--resume')
checks.that('token cache damaged at the same size', done.returncode == 0 and bytes_of('runs/two') == good, f'rc {done.returncode}')

# 7. Signals: a checkpoint, and the same bytes
for name, number, code in (('SIGINT', signal.SIGINT, 130), ('SIGTERM', signal.SIGTERM, 143), ('SIGHUP', signal.SIGHUP, 129)):
    shutil.rmtree('runs')
    process = subprocess.Popen([RLHF4J, 'run', 'two.yaml', 'sft.save_steps=0', 'dpo.save_steps=0'], stderr=subprocess.PIPE, text=True)
    metrics = Path('runs/two/sft/metrics.jsonl')
    until(lambda: metrics.exists() and metrics.read_bytes().count(b'\n') >= 15, process)
    process.send_signal(number)
    process.communicate()
    saved = list(Path('runs/two/sft/checkpoints').glob('stop-*'))
    call('run', 'two.yaml', 'sft.save_steps=0', 'dpo.save_steps=0', '--resume')
    checks.that(f'{name} leaves a checkpoint, resumed to the same bytes', process.returncode == code and bool(saved) and bytes_of('runs/two') == good, f'rc {process.returncode}, {len(saved)} checkpoints')



def in_terminal(*command):
    """Runs a command until it has made 15 steps, then takes its terminal away. The process, with its pid."""
    shutil.rmtree('runs', ignore_errors=True)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    metrics = Path('runs/two/sft/metrics.jsonl')
    os.set_blocking(terminal, False)
    end = time.time() + 120
    while time.time() < end and not (metrics.exists() and metrics.read_bytes().count(b'\n') >= 15):
        try:
            os.read(terminal, 1 << 16)
        except OSError:
            pass
        time.sleep(0.01)
    os.close(terminal)
    return pid


pid = in_terminal(RLHF4J, 'run', 'two.yaml', 'sft.save_steps=0', 'dpo.save_steps=0')
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
saved = list(Path('runs/two/sft/checkpoints').glob('stop-*'))
call('run', 'two.yaml', 'sft.save_steps=0', 'dpo.save_steps=0', '--resume')
checks.that('a terminal that vanishes: a checkpoint, resumed to the same bytes', code == 129 and bool(saved) and bytes_of('runs/two') == good, f'rc {code}, {len(saved)} checkpoints')
pid = in_terminal('sh', '-c', f'nohup "{RLHF4J}" run two.yaml >nohup.out 2>&1 & exec sleep 300')
os.waitpid(pid, 0)
end = time.time() + 120
while time.time() < end and 'talk to it' not in Path('nohup.out').read_text():  # its last line
    time.sleep(0.1)
time.sleep(2)
checks.that('nohup: a terminal that vanishes is no matter', bytes_of('runs/two') == good, f'{len(bytes_of("runs/two"))} files')

# 8. A finished stage goes on
shutil.rmtree('runs')
constant = ['sft.lr_scheduler_type=constant']
call('run', 'two.yaml', 'sft.max_steps=33', 'sft.logging_steps=10', *constant)
done = call('run', 'two.yaml', 'sft.max_steps=60', 'sft.logging_steps=10', *constant, '--resume')
longer = bytes_of('runs/two/sft')
call('run', 'two.yaml', 'sft.max_steps=60', 'sft.logging_steps=10', *constant, 'output_dir=whole')
checks.that('a finished stage extended: as one longer from the start', longer == bytes_of('whole/two/sft'), f'rc {done.returncode} {last(done)}')

# 9. Descriptors: nothing outlives the program
mark = f'SEAMS_MARK={os.getpid()}'


def marked():
    """Processes with the mark in their environment."""
    found = []
    for path in Path('/proc').glob('[0-9]*/environ'):
        try:
            found += [path.parent.name] if mark.encode() in path.read_bytes().split(b'\0') else []
        except OSError:
            pass  # another user's, or gone
    return found


subprocess.run(f'{mark} "{RLHF4J}" inspect sft.jsonl >&- 2>&-', shell=True)
time.sleep(1)
checks.that('>&- 2>&- leaves nothing running', not marked(), f'{len(marked())} processes')

# 10. Data
for label in (-1, 0.5, 2, 'maybe'):
    Path('labels.jsonl').write_text(''.join(json.dumps({'prompt': f'p{i}', 'completion': f' c{i}', 'label': label}) + '\n' for i in range(4)))
    refused(f'label {label!r}', call('run', 'two.yaml', '--only', 'sft', 'sft.dataset=labels.jsonl', 'name=l'), 'label')
Path('bad.jsonl').write_bytes(b'{"text":"a\xff\xfeb"}\n')
refused('invalid UTF-8 in --data', call('tokenize', '--model', 'base', '--data', 'bad.jsonl', '--out', 'x.jsonl'), 'bad.jsonl')
Path('esc.jsonl').write_text(json.dumps({'prompt': '\x1b[2J\x1b]0;owned\x07 hello', 'completion': ' \x9b31m there'}) + '\n')
done = call('inspect', 'esc.jsonl')
checks.that('control characters of data are shown escaped', '\x1b' not in done.stdout + done.stderr and '\x9b' not in done.stdout + done.stderr, f'rc {done.returncode}')

# 11. Divergence is no success
refused('learning rate 1e3', call('run', 'two.yaml', '--only', 'sft', 'name=d1', 'sft.learning_rate=1e3'))
refused('learning rate 3e38, one step', call('run', 'two.yaml', '--only', 'sft', 'name=d2', 'sft.learning_rate=3e38', 'sft.max_steps=1', 'sft.save_steps=0'))

# 12. One line for a mistake
refused('a later stage as the model', call('run', 'two.yaml', 'sft.model=dpo', 'name=m'), 'dpo')
refused('all mistakes at once', call('run', 'two.yaml', 'name=m', 'sft.batch_size=0', 'sft.num_train_epochs=-1', 'sft.lr_scheduler_type=cosin', 'sft.truncation_mode=left', 'sft.beta=0.1', 'dpo.beta=-1', 'dpo.loss_type=sigmiod'),
        'sft.batch_size', 'num_train_epochs', 'cosin', 'truncation_mode', 'sft.beta', 'dpo.beta', 'sigmiod')
done = call('rnu', 'two.yaml')
checks.that('did you mean, commands', done.returncode == 2 and 'run' in done.stderr and 'mean' in done.stderr, last(done))
done = call('generate', '--model', 'base', '--prompt', 'x', '--max-new-token', '4')
checks.that('did you mean, options', done.returncode == 2 and '--max-new-tokens' in done.stderr, last(done))
done = call('generate', '--model', 'runs/two/sft', '--prompt', 'Once', '--max-new-tokens', '4')
checks.that('generate takes a stage folder', done.returncode == 0, last(done))
done = call('verify', '--model', 'base')
checks.that('verify', done.returncode == 0, (done.stdout + done.stderr).strip().splitlines()[-1][:120] if (done.stdout + done.stderr).strip() else '')

checks.end()
