"""Scalars of two steps as TensorBoard's own writer stores them: core-model/src/test/resources/io/github/rlhf4j/core/train/events.tfevents.

python tools/golden/events.py OUT        with tensorboard 2.21.0
"""
import sys

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

with open(sys.argv[1], "wb") as out:
    writer = RecordWriter(out)
    writer.write(event_pb2.Event(wall_time=1.5, file_version="brain.Event:2").SerializeToString())
    for step, scalars in ((3, {"loss": 2.25, "rewards/chosen": -0.1}), (300, {"eval_loss": 1e-9})):
        values = [summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items()]
        event = event_pb2.Event(wall_time=2.5, step=step, summary=summary_pb2.Summary(value=values))
        writer.write(event.SerializeToString())
