package io.github.rlhf4j.cli;

import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.terminal.Interrupts;
import io.github.rlhf4j.cli.terminal.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chat}: a conversation at the terminal; answers appear as they are written. */
@Command(
        name = "chat",
        description = "Talk to a model: a line is a message. /help lists the commands; Ctrl-C stops an answer.",
        sortOptions = false)
final class ChatCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "A Hugging Face directory, or a run's stage.")
    private Path model = Path.of("");

    @Mixin
    private AdapterFlag adapter = new AdapterFlag();

    @Mixin
    private WeightsFlag weights = new WeightsFlag();

    @Mixin
    private SpeculationFlags speculation = new SpeculationFlags();

    @Mixin
    private SamplingFlags sampling = new SamplingFlags();

    @Mixin
    private StructuredFlags structured = new StructuredFlags();

    @Option(names = "--system", paramLabel = "TEXT", description = "A system message before the first turn.")
    private String system = "";

    @Mixin
    private KernelOptions arithmetic = new KernelOptions();

    ChatCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        speculation.check();
        try (Rlhf4j rlhf4j = arithmetic.engine(terminal);
                SpeculationFlags.Open guesses = speculation.open(rlhf4j);
                LanguageModel open = weights.apply(adapter.open(rlhf4j, model))) {
            open.generator().speculate(guesses.speculation());
            ChatSession session = new ChatSession(terminal, open, structured.held(sampling.options(1, true)));
            session.setSystem(system);
            if (terminal.isInteractive()) {
                Interrupts.handle(session::interrupt);
            }
            session.run(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
        }
        return 0;
    }
}
