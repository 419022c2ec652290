package io.github.rlhf4j.cli;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.pipeline.config.RunSchema;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code schema}: the JSON schema of run files. */
@Command(
        name = "schema",
        description = {
            "Print the JSON schema of run files, for editors that complete and check YAML.",
            "Write it to a file, ./rlhf4j schema > rlhf4j.schema.json, and begin a run file with",
            "# yaml-language-server: $schema=rlhf4j.schema.json"
        })
final class SchemaCommand implements Callable<Integer> {
    private final Terminal terminal;

    SchemaCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        PrintStream out = terminal.out();
        try (Rlhf4j rlhf4j = Engine.open(terminal)) {
            out.println(RunSchema.of(rlhf4j.stages(), rlhf4j.trackers(), rlhf4j.boundNames())
                    .toPrettyString());
        }
        return 0;
    }
}
