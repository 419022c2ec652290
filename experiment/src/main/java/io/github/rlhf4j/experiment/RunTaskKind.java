package io.github.rlhf4j.experiment;

import io.github.rlhf4j.core.cluster.TaskKind;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.pipeline.config.ConfigWire;
import java.nio.file.Path;

/** Orders travel as the run file's name and what is laid over it; results stay in the run's folder. */
public final class RunTaskKind implements TaskKind<RunTask, RunOrder, RunTask.Outcome> {
    @Override
    public String name() {
        return "run";
    }

    @Override
    public Class<RunTask> type() {
        return RunTask.class;
    }

    @Override
    public void writeTask(RunTask task, WireWriter out) {
        // it has no settings
    }

    @Override
    public RunTask readTask(WireReader in) {
        return new RunTask();
    }

    @Override
    public void writeInput(RunOrder order, WireWriter out) {
        out.putText(order.file().toString()).putList(order.arguments(), WireWriter::putText);
        ConfigWire.write(out, order.setting());
        out.putText(order.folder().toString())
                .putText(order.label())
                .putInt(order.threads())
                .putInt(order.processors());
    }

    @Override
    public RunOrder readInput(WireReader in) {
        return new RunOrder(
                Path.of(in.getText()),
                in.getList(WireReader::getText),
                ConfigWire.read(in),
                Path.of(in.getText()),
                in.getText(),
                in.getInt(),
                in.getInt());
    }

    @Override
    public void writeOutput(RunTask.Outcome outcome, WireWriter out) {
        out.putBoolean(outcome.isStopped()).putList(outcome.lines(), WireWriter::putText);
    }

    @Override
    public RunTask.Outcome readOutput(WireReader in) {
        return new RunTask.Outcome(in.getBoolean(), in.getList(WireReader::getText));
    }
}
