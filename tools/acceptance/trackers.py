"""Trackers beside the programs that they are for: TensorBoard reads the event files, a real MLflow server is told of a run, is away, comes back; trackio's reader and Prometheus' parser.

Use: trackers.py RLHF4J OUT        needs tensorboard, mlflow, pandas and prometheus_client; run it with their Python
"""
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

from checks import Checks

rlhf4j, out = sys.argv[1], Path(sys.argv[2]).resolve()
checks = Checks()
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
port, metrics_port = 5077, 9577
url = f'http://127.0.0.1:{port}'
STEPS = 12
(out / 'run.yaml').write_text(f'''name: tracked
seed: 7
output_dir: {out}/runs
report_to: [tensorboard, csv, mlflow: {{url: "{url}", experiment: acceptance, patience: 20}}, prometheus: {{port: {metrics_port}}}]
stages:
  pretrain:
    type: pretrain
    dataset: {{path: "synthetic:pretrain", limit: 200}}
    tokenizer: {{vocab_size: 400}}
    architecture: {{hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 2, max_position_embeddings: 128}}
    max_length: 64
    batch_size: 8
    max_steps: {STEPS}
    logging_steps: 1
    save_steps: 4
  grpo: {{type: grpo, model: pretrain, dataset: {{path: "synthetic:prompts", limit: 16}}, reward_function: length, max_completion_length: 8, num_generations: 2, batch_size: 2, max_steps: 3}}
''')


def run(*more):
    return subprocess.run([rlhf4j, 'run', str(out / 'run.yaml'), *more], capture_output=True, text=True)


def server():
    process = subprocess.Popen([sys.executable, '-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', str(port), '--backend-store-uri', f'sqlite:///{out}/mlflow.db',
                                '--workers', '1'], cwd=out, stdout=open(out / 'mlflow.log', 'a'), stderr=subprocess.STDOUT, start_new_session=True)
    for _ in range(1200):
        try:
            urllib.request.urlopen(url + '/health', timeout=2).read()
            return process
        except OSError:
            time.sleep(0.5)
    sys.exit('no MLflow server')


def stop(process):
    os.killpg(process.pid, signal.SIGTERM)
    process.wait()


def lines(folder, stage):
    return [json.loads(line) for line in (folder / stage / 'metrics.jsonl').read_text().splitlines()]


# --- A run, watched by Prometheus
mlflow_server = server()
pages = []


def watch():
    while not watched.is_set():
        try:
            pages.append(urllib.request.urlopen(f'http://127.0.0.1:{metrics_port}/metrics', timeout=1).read().decode())
        except OSError:
            pass
        time.sleep(0.02)


watched = threading.Event()
watcher = threading.Thread(target=watch)
watcher.start()
done = run()
watched.set()
watcher.join()
checks.that('a run with four trackers', done.returncode == 0, done.stderr.splitlines()[-1])
folder = out / 'runs/tracked'

from prometheus_client.parser import text_string_to_metric_families
families = {family.name for page in pages for family in text_string_to_metric_families(page)}
checks.that('Prometheus: its own parser reads the page', {'rlhf4j_loss', 'rlhf4j_step', 'rlhf4j_steps'} <= families, f'{len(pages)} pages, {len(families)} families')

# --- TensorBoard
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
for stage in ('pretrain', 'grpo'):
    events = EventAccumulator(str(folder / 'trackers/tensorboard' / stage), size_guidance={'tensors': 0, 'scalars': 0, 'histograms': 0})
    events.Reload()
    expected = [(line['step'], line['loss']) for line in lines(folder, stage) if 'loss' in line]
    read = [(event.step, event.value) for event in events.Scalars('loss')]
    close = len(read) == len(expected) and all(a == c and abs(b - d) <= 1e-6 * abs(d) for (a, b), (c, d) in zip(read, expected))
    checks.that(f'TensorBoard: scalars of {stage}', close, f'{len(read)} points')
histograms = events.Tags()['histograms']
samples = [json.loads(line) for line in (folder / 'grpo/samples.jsonl').read_text().splitlines()]
first = [sample['score'] for sample in samples if sample['step'] == 1]
histogram = events.Histograms('samples/score')[0].histogram_value
checks.that('TensorBoard: a histogram of rewards', histogram.num == len(first) and abs(histogram.sum - sum(first)) < 1e-9 and sum(histogram.bucket) == len(first), ', '.join(histograms))
checks.that('TensorBoard: a histogram of lengths', 'samples/response_characters' in histograms)
text = events.Tensors('samples/0')[0].tensor_proto.string_val[0].decode()
checks.that('TensorBoard: texts', samples[0]['response'].splitlines()[0] in text if samples[0]['response'] else True, repr(text[:60]))

# --- CSV, as pandas and trackio read it
import pandas
frame = pandas.read_csv(folder / 'trackers/csv/pretrain.csv')
checks.that('CSV: pandas reads what metrics.jsonl has', list(frame['loss'].dropna()) == [line['loss'] for line in lines(folder, 'pretrain') if 'loss' in line], f'{len(frame)} rows')
try:
    os.environ['TRACKIO_DIR'] = str(out / 'trackio')
    import trackio
    trackio.import_csv(str(folder / 'trackers/csv/pretrain.csv'), project='acceptance', name='pretrain')
    checks.that('CSV: trackio imports it', True)
except ImportError:
    print('left out: trackio is not installed')

# --- MLflow
import mlflow
from mlflow import MlflowClient
mlflow.set_tracking_uri(url)
client = MlflowClient(url)


def runs(name):
    experiment = client.get_experiment_by_name('acceptance')
    return [found for found in client.search_runs([experiment.experiment_id]) if found.info.run_name == name]


def history(name):
    found = runs(name)
    return [(point.step, point.value) for point in client.get_metric_history(found[0].info.run_id, 'loss')] if found else []


parent, nested = runs('tracked')[0], runs('tracked/pretrain')[0]
checks.that('MLflow: a run with a nested one for each stage', nested.data.tags.get('mlflow.parentRunId') == parent.info.run_id and parent.info.status == 'FINISHED' and nested.info.status == 'FINISHED')
checks.that('MLflow: parameters', nested.data.params.get('max_steps') == str(STEPS) and parent.data.params.get('seed') == '7', f'{len(nested.data.params)} parameters')
expected = [(line['step'], line['loss']) for line in lines(folder, 'pretrain') if 'loss' in line]
checks.that('MLflow: every step once', sorted(history('tracked/pretrain')) == expected, f'{len(expected)} points')

# --- Killed and resumed: the same runs, nothing twice
victim = subprocess.Popen([rlhf4j, 'run', str(out / 'run.yaml'), 'name=killed', 'pretrain.max_steps=60'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
for _ in range(6000):
    if (out / 'runs/killed/pretrain/checkpoints/step-12').exists():
        break
    time.sleep(0.05)
time.sleep(0.5)
os.killpg(victim.pid, signal.SIGKILL)
victim.wait()
again = run('name=killed', 'pretrain.max_steps=60', '--resume')
killed = out / 'runs/killed'
expected = [(line['step'], line['loss']) for line in lines(killed, 'pretrain') if 'loss' in line]
checks.that('MLflow: a killed run goes on in the same runs', again.returncode == 0 and len(runs('killed')) == 1 and len(runs('killed/pretrain')) == 1 and len(expected) == 60, again.stderr.splitlines()[-1])
checks.that('MLflow: and every step is there once', sorted(history('killed/pretrain')) == expected, f'{len(history("killed/pretrain"))} of {len(expected)}')
rows = list(csv.DictReader((killed / 'trackers/csv/pretrain.csv').open()))
checks.that('CSV: a killed run has every row once', [int(row['step']) for row in rows if row['loss']] == [step for step, _ in expected])

# --- The server is away for the whole run
stop(mlflow_server)
away = run('name=away', 'report_to=[{mlflow: {url: "%s", experiment: acceptance, patience: 1}}]' % url)
told = [line for line in away.stderr.splitlines() if '[mlflow]' in line]
checks.that('MLflow away: the run ends as without it', away.returncode == 0 and len(told) == 2, ' / '.join(told))
mlflow_server = server()
late = run('name=away', 'report_to=[{mlflow: {url: "%s", experiment: acceptance}}]' % url, '--resume')
expected = [(line['step'], line['loss']) for line in lines(out / 'runs/away', 'pretrain') if 'loss' in line]
checks.that('MLflow back: --resume tells it everything', late.returncode == 0 and sorted(history('away/pretrain')) == expected and runs('away')[0].info.status == 'FINISHED', f'{len(expected)} points')
stop(mlflow_server)
plain = run('name=plain', 'report_to=none')
own = [file for stage in ('pretrain', 'grpo') for file in (f'{stage}/metrics.jsonl', f'{stage}/model/model.safetensors')]
checks.that('The run\'s own bytes do not depend on trackers', plain.returncode == 0 and all((out / 'runs' / name / file).read_bytes() == (out / 'runs/plain' / file).read_bytes() for name in ('tracked', 'away') for file in own), ', '.join(own))
checks.end()
