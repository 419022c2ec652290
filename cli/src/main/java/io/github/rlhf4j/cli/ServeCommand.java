package io.github.rlhf4j.cli;

import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.generation.Speculation;
import io.github.rlhf4j.serve.ModelServer;
import io.github.rlhf4j.serve.ServeSettings;
import io.github.rlhf4j.server.Limits;
import io.github.rlhf4j.server.WebServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code serve}: a model behind OpenAI's interface. */
@Command(
        name = "serve",
        description = "Serve a model to programs that know OpenAI's interface; docs/serve.md says what it answers.",
        sortOptions = false)
final class ServeCommand implements Callable<Integer> {
    private static final int SPARE_REQUESTS = 8; // threads for signs of life while the queue is full

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

    @Option(
            names = "--served-model-name",
            paramLabel = "NAME",
            description = "What clients call it; by default the folder's name.")
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8000",
            description = "0: any that is free (${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--host",
            paramLabel = "H",
            defaultValue = "127.0.0.1",
            description =
                    "The address to listen on (${DEFAULT-VALUE}); another one than this machine's own needs a key.")
    private String host = "";

    @Mixin
    private KeyFlags key = new KeyFlags();

    @Option(
            names = "--allowed-origin",
            paramLabel = "URL",
            description =
                    "Pages of this origin may ask too, such as http://localhost:3000; may be given several times.")
    private List<String> origins = new ArrayList<>();

    @Option(
            names = "--max-batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "Most sequences written at once (${DEFAULT-VALUE}).")
    private int maxBatch;

    @Option(
            names = "--max-queue",
            paramLabel = "N",
            defaultValue = "128",
            description = "Most requests that wait; more are answered with status 429 (${DEFAULT-VALUE}).")
    private int maxQueue;

    @Option(
            names = "--max-step-tokens",
            paramLabel = "N",
            defaultValue = "512",
            description = "Most tokens computed at once; a longer prompt takes several steps (${DEFAULT-VALUE}).")
    private int maxStepTokens;

    @Option(names = "--no-prefix-caching", description = "Compute equal beginnings of prompts again.")
    private boolean noPrefixCaching;

    @Option(
            names = "--max-context",
            paramLabel = "N",
            defaultValue = "0",
            description = "Most tokens of prompt and continuation; 0, the default: the model's.")
    private int maxContext;

    @Option(
            names = "--cache-mib",
            paramLabel = "N",
            defaultValue = "1024",
            description = "Memory for keys and values, in MiB (${DEFAULT-VALUE}).")
    private int cacheMib;

    @Option(
            names = "--max-body-mib",
            paramLabel = "N",
            defaultValue = "8",
            description = "Largest request, in MiB (${DEFAULT-VALUE}).")
    private int bodyMib;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of requests without a seed of their own (${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--grace",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long running requests may take to finish after Ctrl-C (${DEFAULT-VALUE}).")
    private int grace;

    @Mixin
    private KernelOptions arithmetic = new KernelOptions();

    ServeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        Serving.check("--cache-mib", cacheMib, 1, 1 << 20);
        Serving.check("--max-body-mib", bodyMib, 1, 1024);
        Serving.check("--grace", grace, 0, 86_400);
        ServeSettings settings = settings(Speculation.NONE); // wrong ones are known before a model is read
        speculation.check();
        WebServer.Builder web = web().check();
        try (Rlhf4j rlhf4j = arithmetic.engine(terminal);
                SpeculationFlags.Open guesses = speculation.open(rlhf4j);
                LanguageModel open = weights.apply(adapter.open(rlhf4j, model));
                ModelServer server =
                        ModelServer.start(open.transformer(), open.tokenizer(), settings(guesses.speculation()), web)) {
            terminal.line("serving " + settings.name() + " at " + server.origin() + "/v1 (context " + server.context()
                    + " tokens, cache " + server.cacheTokens() + " tokens); Ctrl-C ends it");
            return Serving.untilSignal(terminal, grace, server::stop);
        }
    }

    private ServeSettings settings(Speculation guesses) {
        ServeSettings.Steps steps = new ServeSettings.Steps(maxStepTokens, !noPrefixCaching, guesses);
        return new ServeSettings(servedName(), maxBatch, maxQueue, maxContext, (long) cacheMib << 20, seed, steps);
    }

    private String servedName() {
        Path named = adapter.folder().orElse(model).toAbsolutePath().normalize().getFileName();
        return name.orElse(named == null ? "model" : named.toString());
    }

    private WebServer.Builder web() {
        Limits usual = Limits.DEFAULT;
        WebServer.Builder web = WebServer.builder()
                .host(host)
                .port(port)
                .limits(new Limits(
                        bodyMib << 20,
                        maxBatch + maxQueue + SPARE_REQUESTS,
                        Math.max(usual.connections(), 2 * (maxBatch + maxQueue)),
                        usual.patience()));
        origins.forEach(web::origin);
        return Serving.guarded(web, host, key);
    }
}
