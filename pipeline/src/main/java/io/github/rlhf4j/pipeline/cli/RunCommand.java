package io.github.rlhf4j.pipeline.cli;

import io.github.rlhf4j.pipeline.config.RunFile;
import io.github.rlhf4j.pipeline.run.RunPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code run}: the stages of a run file. */
@Command(name = "run", description = "Run the stages of a run file, one after the other.", sortOptions = false)
final class RunCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "CONFIG.yaml", description = "The run file.")
    private Path file = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "stage.key=value",
            description = "Values over the run file's: stage.key=value, or key=value for name, seed and output_dir.")
    private List<String> values = new ArrayList<>();

    RunCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        RunPlan plan = RunPlan.of(RunFile.read(file, values), Assembly.create().stages());
        plan.table().forEach(terminal::line);
        return 0;
    }
}
