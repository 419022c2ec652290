package io.github.rlhf4j.cli;

import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.server.Limits;
import io.github.rlhf4j.server.WebServer;
import io.github.rlhf4j.tinker.BaseModel;
import io.github.rlhf4j.tinker.TinkerServer;
import io.github.rlhf4j.tinker.TinkerSettings;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tinker}: models that the Tinker SDK trains and samples from. */
@Command(
        name = "tinker",
        description =
                "Let programs that use the Tinker SDK train and sample here; docs/tinker.md says what it answers.",
        sortOptions = false)
final class TinkerCommand implements Callable<Integer> {
    private static final int REQUESTS = 160; // threads: 64 samples, as many trainings, and signs of life

    private final Terminal terminal;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "[NAME=]DIR",
            description =
                    "A Hugging Face directory, or a run's stage; clients call it by its folder, or by NAME, such as Qwen/Qwen3-0.6B. May be given several times.")
    private List<String> models = new ArrayList<>();

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = "runs/tinker",
            description = "Where what clients save is kept (${DEFAULT-VALUE}).")
    private Path folder = Path.of("");

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8001",
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
            names = "--max-batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "Most sequences of one model written at once, at least 16 (${DEFAULT-VALUE}).")
    private int maxBatch;

    @Option(
            names = "--max-samplers",
            paramLabel = "N",
            defaultValue = "4",
            description = "Most models ready to sample at once, each a copy of its weights (${DEFAULT-VALUE}).")
    private int maxSamplers;

    @Option(
            names = "--cache-mib",
            paramLabel = "N",
            defaultValue = "1024",
            description = "Memory for keys and values of all of them, in MiB (${DEFAULT-VALUE}).")
    private int cacheMib;

    @Option(
            names = "--max-body-mib",
            paramLabel = "N",
            defaultValue = "64",
            description = "Largest request, in MiB (${DEFAULT-VALUE}).")
    private int bodyMib;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of adapters and samples whose request has none (${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--grace",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long running requests may take to finish after Ctrl-C (${DEFAULT-VALUE}).")
    private int grace;

    @Mixin
    private KernelOptions arithmetic = new KernelOptions();

    TinkerCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        Serving.check("--cache-mib", cacheMib, 1, 1 << 20);
        Serving.check("--max-body-mib", bodyMib, 1, 1024);
        Serving.check("--grace", grace, 0, 86_400);
        TinkerSettings settings = new TinkerSettings(folder, seed, maxBatch, maxSamplers, (long) cacheMib << 20);
        WebServer.Builder web = web().check();
        Deque<LanguageModel> open = new ArrayDeque<>();
        try (Rlhf4j rlhf4j = arithmetic.engine(terminal)) {
            try {
                List<BaseModel> bases = new ArrayList<>();
                for (String model : models) {
                    bases.add(open(rlhf4j, model, open));
                }
                return serve(bases, settings, web);
            } finally {
                open.forEach(LanguageModel::close);
            }
        }
    }

    private static BaseModel open(Rlhf4j rlhf4j, String said, Deque<LanguageModel> open) {
        int equals = said.indexOf('=');
        Path place = Path.of(said.substring(equals + 1));
        LanguageModel model = rlhf4j.languageModel(place);
        open.push(model);
        Path read = model.folder().toAbsolutePath().normalize();
        String name = equals > 0 ? said.substring(0, equals) : read.toString();
        return new BaseModel(name, name, read, model.transformer(), model.tokenizer());
    }

    private int serve(List<BaseModel> bases, TinkerSettings settings, WebServer.Builder web)
            throws InterruptedException {
        try (TinkerServer server = TinkerServer.start(bases, settings, web)) {
            bases.forEach(base -> terminal.line("base_model \"" + base.name() + "\""));
            terminal.line("base_url " + server.origin() + ", saved in " + folder + "; Ctrl-C ends it");
            return Serving.untilSignal(terminal, grace, server::stop);
        }
    }

    private WebServer.Builder web() {
        Limits usual = Limits.DEFAULT;
        WebServer.Builder web = WebServer.builder()
                .host(host)
                .port(port)
                .limits(new Limits(bodyMib << 20, REQUESTS, usual.connections(), usual.patience()));
        return Serving.guarded(web, host, key);
    }
}
