package io.github.rlhf4j.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.pipeline.model.ModelFolder;
import io.github.rlhf4j.pipeline.model.StageModel;
import io.github.rlhf4j.plan.Hardware;
import io.github.rlhf4j.plan.Plan;
import io.github.rlhf4j.plan.PlanOptions;
import io.github.rlhf4j.plan.PlanSubject;
import io.github.rlhf4j.plan.StagePlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code plan}: what a model takes, before there is one. */
@Command(
        name = "plan",
        description =
                "What a model takes: parameters, FLOPs, memory, tokens, time, energy, money and communication. Nothing is loaded.",
        sortOptions = false)
final class PlanCommand implements Callable<Integer> {
    private static final Set<String> OF_PAIRS = Set.of("dpo", "reward", "online_dpo"); // two sequences a row

    private final Terminal terminal;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "NAME|DIR|FILE",
            description =
                    "A model's name, such as llama-2-7b; a family with its sizes; a number of parameters, such as 3B; a model's directory; a config.json; or a run file.")
    private Optional<String> what = Optional.empty();

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "key=value",
            description =
                    "Values over the config.json, such as num_hidden_layers=16; over a run file's, stage.key=value.")
    private List<String> values = new ArrayList<>();

    @Option(names = "--list", description = "Print the models whose names are known.")
    private boolean list;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Mixin
    private PlanFlags flags = new PlanFlags();

    @Mixin
    private HardwareFlags hardware = new HardwareFlags();

    PlanCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (list == what.isPresent()) {
            throw new UserError("plan needs a model: a NAME, DIR or FILE; or --list alone, which prints the names");
        }
        if (list) {
            PlanSubject.list().forEach(terminal::result);
        } else if (isRunFile(what.orElseThrow())) {
            planRun(Path.of(what.orElseThrow()));
        } else {
            planModel(what.orElseThrow());
        }
        terminal.requireWritten();
        return 0;
    }

    private static boolean isRunFile(String given) {
        return (given.endsWith(".yaml") || given.endsWith(".yml")) && Files.exists(Path.of(given));
    }

    private void planModel(String given) {
        PlanOptions options = flags.options();
        PlanSubject subject = subject(given);
        Optional<Hardware> of = hardware.hardware(terminal);
        Plan plan = Plan.of(subject, new PlanOptions(options.workload(), options.training(), of, options.network()));
        if (json) {
            terminal.result(plan.json().toPrettyString());
        } else {
            plan.lines().forEach(terminal::result);
        }
    }

    private PlanSubject subject(String given) {
        Path path = Path.of(given);
        if (Files.isDirectory(path) || ModelFolder.isOne(path)) {
            return PlanSubject.of(path.resolve("config.json").toFile().isFile() ? path : ModelFolder.of(path), values);
        }
        return Files.exists(path) ? PlanSubject.of(path, values) : PlanSubject.named(given, values);
    }

    private void planRun(Path file) {
        if (!flags.given().isEmpty()) {
            throw new UserError(String.join(", ", flags.given()) + ": a run file says itself what it does, so only"
                    + " --hardware and what belongs to it can be given; change its keys by stage.key=value");
        }
        Optional<Hardware> of = hardware.hardware(terminal);
        List<StagePlan> stages = new ArrayList<>();
        try (Rlhf4j rlhf4j = Engine.open(Console.SILENT)) {
            rlhf4j.runFile(file, values.toArray(String[]::new)).models().forEach(model -> stages.add(stage(model)));
        }
        if (json) {
            ObjectNode all = JsonNodeFactory.instance.objectNode();
            ObjectNode byName = all.putObject("stages");
            stages.forEach(stage -> byName.set(stage.name(), stage.json(of)));
            terminal.result(all.toPrettyString());
        } else {
            terminal.result(StagePlan.head());
            stages.forEach(stage -> terminal.result(stage.row(of)));
            terminal.result(StagePlan.foot());
        }
    }

    private static StagePlan stage(StageModel of) {
        return of.trains()
                ? StagePlan.training(
                        of.stage(),
                        of.type(),
                        of.model(),
                        new StagePlan.Keys(
                                of.adapter(),
                                of.weights(),
                                of.gradientCheckpointing(),
                                of.batchSize(),
                                OF_PAIRS.contains(of.type()) ? 2 : 1,
                                of.maxLength(),
                                of.maxSteps(),
                                of.microBatchTokens(),
                                of.bytes()))
                : StagePlan.using(of.stage(), of.type(), of.model());
    }
}
