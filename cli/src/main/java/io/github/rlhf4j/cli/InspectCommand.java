package io.github.rlhf4j.cli;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.inspect.Crawl;
import io.github.rlhf4j.cli.inspect.DataInspection;
import io.github.rlhf4j.cli.inspect.ModelInspection;
import io.github.rlhf4j.cli.inspect.Report;
import io.github.rlhf4j.cli.inspect.RunInspection;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.io.DataFiles;
import io.github.rlhf4j.filter.robots.RobotsFiles;
import io.github.rlhf4j.pipeline.model.GivenModel;
import io.github.rlhf4j.pipeline.model.ModelFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inspect}: what a model's directory or a dataset holds. */
@Command(name = "inspect", description = "Show what a model's directory or a dataset holds.", sortOptions = false)
final class InspectCommand implements Callable<Integer> {
    private static final List<String> AGENTS = List.of("CCBot", "GPTBot", "ClaudeBot", "Google-Extended");

    private final Terminal terminal;

    @Parameters(
            paramLabel = "DIR|FILE",
            description =
                    "A model's directory, a run or its stage; a data file, a folder or a glob of them; or synthetic:<part>.")
    private String what = "";

    @Option(
            names = {"--model", "--tokenizer"},
            paramLabel = "DIR",
            description =
                    "Of a dataset: count tokens as this model's folder has them, and show the first row with its mask.")
    private Optional<Path> model = Optional.empty();

    @Option(
            names = "--assistant-only-loss",
            description =
                    "Of conversations with --model: show the mask that stage sft has with assistant_only_loss: true; without it all turns are trained.")
    private boolean assistantOnlyLoss;

    @Mixin
    private AdapterFlag adapter = new AdapterFlag();

    @Mixin
    private DatasetFlags dataset = new DatasetFlags();

    @Option(
            names = "--robots",
            paramLabel = "FILE",
            description =
                    "Of rows with addresses: what robots.txt takes away. Rows with url (or domain) and robots, or a folder of HOST.txt.")
    private Optional<String> robots = Optional.empty();

    @Option(
            names = "--agent",
            paramLabel = "NAME",
            split = ",",
            description =
                    "With --robots: crawlers that are asked about; CCBot, GPTBot, ClaudeBot and Google-Extended by default.")
    private List<String> agents = List.of();

    @Option(names = "--seed", paramLabel = "N", description = "Of a dataset that is made up: the run's seed.")
    private long seed;

    @Mixin
    private AttentionFlags attention = new AttentionFlags();

    InspectCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        boolean isModel = !what.startsWith("synthetic:") && ModelFolder.isOne(Path.of(what));
        if (attention.isGiven(isModel, what)) {
            attention.show(GivenModel.of(Path.of(what), adapter.folder()), what, terminal);
        } else if (isModel) {
            inspectModel(GivenModel.of(Path.of(what), adapter.folder()));
        } else if (adapter.folder().isPresent()) {
            throw new UserError("--adapter is for models, but " + what + " is no model's directory");
        } else if (!what.startsWith("synthetic:") && RunInspection.isRun(Path.of(what))) {
            RunInspection.of(Path.of(what)).lines().forEach(terminal::result);
        } else {
            try (Rlhf4j rlhf4j = Engine.open(terminal)) {
                new DataInspection(rlhf4j.datasets(), terminal.out()::println, terminal)
                        .print(dataset.spec(what), model.map(InspectCommand::folder), assistantOnlyLoss, seed, crawl());
            }
        }
        terminal.requireWritten();
        return 0;
    }

    private Crawl crawl() {
        if (robots.isEmpty()) {
            if (!agents.isEmpty()) {
                throw new UserError("--agent does nothing without --robots; leave it out");
            }
            return Crawl.NONE;
        }
        return new Crawl(
                RobotsFiles.read(DataFiles.of(List.of(robots.get())).list()), agents.isEmpty() ? AGENTS : agents);
    }

    private static Path folder(Path given) {
        return ModelFolder.isOne(given) ? ModelFolder.of(given) : given;
    }

    private void inspectModel(GivenModel given) {
        Report report = ModelInspection.of(given.directory(), given.adapter());
        report.lines().forEach(terminal::result);
        report.warnings().forEach(terminal::warning);
    }
}
