package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Compute;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.pipeline.config.ConfigBinder;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import io.github.rlhf4j.pipeline.config.Origin;
import io.github.rlhf4j.pipeline.config.Problems;
import io.github.rlhf4j.pipeline.config.RunFile;
import io.github.rlhf4j.pipeline.config.StageDefaults;
import io.github.rlhf4j.pipeline.model.StageModel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A run whose stages are all bound and checked, before the first of them starts.
 *
 * @param runFile what was given
 * @param stages in the order of the file
 * @param models that the stages begin with, of those whose files tell their shape
 * @param needs what training stages will take, by name, as far as that is known
 * @param warnings about what may not work
 * @param memory what each stage takes of it, about, where its model is known
 */
public record RunPlan(
        RunFile runFile,
        List<PlannedStage> stages,
        List<StageModel> models,
        Map<String, StageNeeds> needs,
        List<String> warnings,
        List<String> memory) {
    public RunPlan {
        memory = List.copyOf(memory);
        stages = List.copyOf(stages);
        models = List.copyOf(models);
        needs = Map.copyOf(needs);
        warnings = List.copyOf(warnings);
    }

    /**
     * Binds every stage to its config and checks all that can be checked without running.
     *
     * @param types the bound stages by type
     * @throws UserError with a line for everything that is wrong, of all stages
     */
    public static RunPlan of(RunFile runFile, Map<String, Stage<?>> types) {
        return of(runFile, types, new Problems());
    }

    /**
     * The same, with what was found wrong beside the stages.
     *
     * @throws UserError with a line for everything that is wrong, of all stages and in {@code problems}
     */
    public static RunPlan of(RunFile runFile, Map<String, Stage<?>> types, Problems problems) {
        Planner planner = new Planner(runFile, types);
        problems.lines().forEach(planner.problems::add);
        List<PlannedStage> planned = new ArrayList<>();
        runFile.stages().forEach((name, given) -> planner.plan(name, given).ifPresent(planned::add));
        planner.problems.throwIfAny();
        return new RunPlan(
                runFile,
                planned,
                planner.models(planned),
                planner.memory.needs(),
                planner.warnings,
                planner.memory.lines());
    }

    /** What each stage runs with, by its name, in the order of the run. */
    public Map<String, EffectiveConfig> configs() {
        Map<String, EffectiveConfig> configs = new LinkedHashMap<>();
        stages.forEach(stage -> configs.put(stage.name(), stage.effective()));
        return configs;
    }

    /** A digest of all that each stage's result depends on, by its name: two runs with equal digests of a stage need it once. */
    public Map<String, String> digests() {
        return StageDigests.of(this);
    }

    /** The effective configuration of all stages with origins, for the terminal. */
    public List<String> table() {
        List<String> lines = new ArrayList<>();
        StringBuilder run = new StringBuilder("run:");
        runFile.run()
                .entries()
                .forEach((key, value) -> run.append(" ")
                        .append(key)
                        .append("=")
                        .append(value.toLine())
                        .append(" (")
                        .append(value.origin())
                        .append(")"));
        lines.add(run.toString());
        stages.forEach(stage -> lines.addAll(stage.effective().table(stage.name())));
        return lines;
    }

    /** The type of a stage whose type is a mistake. */
    static final String UNKNOWN = "?";

    /** Plans one stage after the other, in order. */
    private static final class Planner {
        private final RunFile runFile;
        private final Map<String, Stage<?>> types;
        private final Map<String, String> earlier = new LinkedHashMap<>();
        private final Set<String> withoutAdapter = new HashSet<>();
        private final ModelOutlines outlines = new ModelOutlines();
        private final StageDatasets datasets = new StageDatasets();
        private final Problems problems = new Problems();
        private final Set<String> mistakes = new HashSet<>();
        private final MemoryCheck memory;
        private final List<String> warnings = new ArrayList<>();

        Planner(RunFile runFile, Map<String, Stage<?>> types) {
            this.runFile = runFile;
            memory = new MemoryCheck(MemoryCheck.boundOfProcess(), runFile.compute());
            this.types = types;
        }

        List<StageModel> models(List<PlannedStage> planned) {
            List<StageModel> models = new ArrayList<>();
            planned.forEach(stage -> memory.shape(stage.name())
                    .ifPresent(model -> models.add(StageModels.of(
                            stage, model, Optional.ofNullable(memory.needs().get(stage.name()))))));
            return models;
        }

        Optional<PlannedStage> plan(String name, ConfigValue.Entries given) {
            Optional<String> type = type(name, given);
            Stage<?> stage = type.map(types::get).orElse(null);
            if (stage == null) {
                earlier.put(name, UNKNOWN);
                return Optional.empty();
            }
            Optional<PlannedStage> planned = bind(name, type.get(), stage, given);
            earlier.put(name, type.get());
            return planned;
        }

        private Optional<String> type(String name, ConfigValue.Entries given) {
            ConfigValue value = given.entries().get("type");
            Set<String> known = new TreeSet<>(types.keySet());
            if (value == null) {
                problems.add(name + ".type is missing; it must be one of " + String.join(", ", known));
                return Optional.empty();
            }
            if (value instanceof ConfigValue.Scalar scalar && known.contains(scalar.text())) {
                return Optional.of(scalar.text());
            }
            problems.add(name + ".type must be one of " + String.join(", ", known) + ", but is " + value.toLine()
                    + (value instanceof ConfigValue.Scalar scalar ? Suggestion.phrase(scalar.text(), known) : "") + " ("
                    + value.origin() + ")");
            return Optional.empty();
        }

        private <C extends Record> Optional<PlannedStage> bind(
                String name, String type, Stage<C> stage, ConfigValue.Entries given) {
            ModelInputs inputs = new ModelInputs(
                    runFile.directory(), earlier, runFile.stages().keySet(), withoutAdapter, outlines, datasets);
            ConfigValue.Entries keys = given.without("type").without("seed");
            ConfigValue.Entries defaults = StageDefaults.of(stage.getClass(), type, keys);
            long seed = seed(name, given.entries().get("seed"));
            ConfigBinder binder = new ConfigBinder(inputs, inputs::resolve, stage::keys, problems);
            Optional<C> config = binder.bind(stage.configType(), stage.keys(), defaults, keys, name);
            if (config.isEmpty()) {
                datasets.addUnknown(name);
                binder.checkRest(
                        stage.configType(),
                        rest -> PlannedStage.Work.of(stage, rest).check(),
                        mistake -> report(name, mistake));
                return Optional.empty();
            }
            if (!ConfigInputs.trainsAdapter(config.get())) {
                withoutAdapter.add(name);
            }
            new ModelChecks(name, type, inputs, outlines, problems).check(keys);
            PlannedStage.Work work = PlannedStage.Work.of(stage, config.get());
            check(name, work);
            EffectiveConfig effective = effective(given, defaults, keys, seed);
            if (runFile.compute() != Compute.FLOAT32) { // so that a stage is not gone on with in another one
                ConfigValue compute =
                        Objects.requireNonNull(runFile.run().entries().get(RunFile.COMPUTE));
                effective = new EffectiveConfig(effective.entries().with(RunFile.COMPUTE, compute));
            }
            checkModel(name, type, config.get(), effective);
            return Optional.of(new PlannedStage(name, type, work, effective, seed, inputs.used()));
        }

        private void checkModel(String name, String type, Record config, EffectiveConfig effective) {
            try {
                memory.check(name, config, effective.entries(), earlier.keySet())
                        .ifPresent(warnings::add);
                memory.shape(name)
                        .ifPresent(model -> AdapterCheck.mistakes(config, type, model)
                                .forEach(mistake -> problems.add(name + "." + mistake)));
            } catch (UserError e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }

        private void check(String name, PlannedStage.Work work) {
            try {
                work.check();
                work.outline().ifPresent(outline -> outlines.add(name, outline));
                work.dataFormat().ifPresent(format -> datasets.add(name, format));
            } catch (ConfigException | UserError e) {
                datasets.addUnknown(name);
                report(name, e);
            }
        }

        private void report(String name, RuntimeException mistake) {
            if (mistake instanceof ConfigException) {
                problems.add(name + "." + mistake.getMessage());
            } else if (mistakes.add(String.valueOf(mistake.getMessage()))) { // stages may share a bad file
                problems.add("stage " + name + ": " + mistake.getMessage());
            }
        }

        private long seed(String name, @Nullable ConfigValue value) {
            if (value == null) {
                return CounterRandom.of(runFile.seed()).derive(name).bits(0) >>> 33;
            }
            if (value instanceof ConfigValue.Scalar scalar && scalar.text().matches("[0-9]{1,18}")) {
                return Long.parseLong(scalar.text());
            }
            problems.add(
                    name + ".seed must be a whole number >= 0, but is " + value.toLine() + " (" + value.origin() + ")");
            return 0;
        }

        private static EffectiveConfig effective(
                ConfigValue.Entries given, ConfigValue.Entries defaults, ConfigValue.Entries keys, long seed) {
            Map<String, ConfigValue> all = new LinkedHashMap<>();
            all.put("type", given.entries().get("type"));
            ConfigValue derived = new ConfigValue.Scalar(String.valueOf(seed), false, Origin.RUN_SEED);
            all.put("seed", given.entries().getOrDefault("seed", derived));
            all.putAll(keys.entries());
            defaults.overlaidBy(keys).entries().forEach(all::put);
            return new EffectiveConfig(new ConfigValue.Entries(all, given.origin()));
        }
    }
}
