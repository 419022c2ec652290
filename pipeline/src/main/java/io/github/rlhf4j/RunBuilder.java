package io.github.rlhf4j;

import com.google.inject.AbstractModule;
import com.google.inject.Binder;
import com.google.inject.Module;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Compute;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.StopRequest;
import io.github.rlhf4j.core.stage.StoppedException;
import io.github.rlhf4j.datasets.DatasetSource;
import io.github.rlhf4j.datasets.DatasetsModule;
import io.github.rlhf4j.dpo.DpoModule;
import io.github.rlhf4j.dpo.PreferenceLossFactory;
import io.github.rlhf4j.pipeline.config.ClusterKeys;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.JavaValue;
import io.github.rlhf4j.pipeline.config.Problems;
import io.github.rlhf4j.pipeline.config.ReportTo;
import io.github.rlhf4j.pipeline.config.RunDraft;
import io.github.rlhf4j.pipeline.config.RunFile;
import io.github.rlhf4j.pipeline.model.StageModel;
import io.github.rlhf4j.pipeline.run.RunOptions;
import io.github.rlhf4j.pipeline.run.RunPlan;
import io.github.rlhf4j.pipeline.run.Runner;
import io.github.rlhf4j.rollout.RewardBinder;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.tracking.TrackedRun;
import io.github.rlhf4j.tracking.Tracker;
import io.github.rlhf4j.tracking.Trackers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A run before it runs: stages with their keys, one after the other as in a run file, and who listens.
 *
 * <pre>{@code
 * Run run = rlhf4j.newRun(Path.of("runs/chain"))
 *         .seed(7)
 *         .stage("sft").model(base).dataset(texts).set("learning_rate", 1e-5).set("max_steps", 200)
 *         .stage("ppo").model("sft").dataset(prompts).reward("short", answer -> -answer.tokens())
 *         .listen(listener)
 *         .run();
 * }</pre>
 *
 * <p>What messages call --resume, --overwrite, --from, --only and name=... are {@link #resume}, {@link #overwrite}, {@link #from}, {@link #only} and {@link #output} here.
 *
 * <p>{@link #stage} begins a stage, and {@link #model}, {@link #dataset}, {@link #set} and what binds objects are about the stage begun last. Nothing is read or checked before {@link #check} or {@link
 * #run}, each of which may be called again. Not for several threads at once.
 */
public final class RunBuilder {
    private final Rlhf4j engine;
    private final Supplier<RunDraft> beginning;
    private final List<Consumer<RunDraft>> edits = new ArrayList<>();
    private final Map<String, Module> bound = new LinkedHashMap<>();
    private final List<RunListener> listeners = new ArrayList<>();
    private StopRequest stop = StopRequest.NEVER;
    private String current = "";
    private Optional<String> from = Optional.empty();
    private Optional<String> only = Optional.empty();
    private boolean resume;
    private boolean overwrite;

    private RunBuilder(Rlhf4j engine, Supplier<RunDraft> beginning) {
        this.engine = engine;
        this.beginning = beginning;
    }

    static RunBuilder inJava(Rlhf4j engine, Path folder) {
        return new RunBuilder(engine, RunDraft::empty).output(folder);
    }

    static RunBuilder ofFile(Rlhf4j engine, Path file, List<String> values) {
        return new RunBuilder(engine, () -> {
            RunDraft draft = RunDraft.read(file);
            values.forEach(draft::lay);
            return draft;
        });
    }

    /**
     * Begins a stage whose name is its type; or goes back to the stage of that name, where there is one.
     *
     * @param type such as {@code pretrain}, {@code sft}, {@code reward}, {@code dpo}, {@code kto}, {@code ppo} or {@code evaluate}
     */
    public RunBuilder stage(String type) {
        current = type;
        return edit(draft -> {
            if (!draft.hasStage(type)) {
                draft.stage(type, type);
            }
        });
    }

    /**
     * Begins a stage.
     *
     * @param name by which later stages and results know it: a-z, 0-9, _ and -
     * @param type as of {@link #stage(String)}
     */
    public RunBuilder stage(String name, String type) {
        current = name;
        return edit(draft -> draft.stage(name, type));
    }

    /** The model that the stage begins with: a Hugging Face folder, or the folder of another run's stage. */
    public RunBuilder model(Path folder) {
        String stage = current;
        return set("model", folder).edit(draft -> {
            boolean isNamedAsAStage = !folder.isAbsolute() && draft.hasStage(String.valueOf(folder.getName(0)));
            if (isNamedAsAStage) {
                draft.set(stage, "model", JavaValue.of(Path.of(".").resolve(folder)));
            }
        });
    }

    /** The same; the name of an earlier stage of this run means what that has made, and {@code ppo/ema} a part of it. */
    public RunBuilder model(String folderOrStage) {
        return set("model", folderOrStage);
    }

    /** The stage's dataset: a file, or a folder of files. */
    public RunBuilder dataset(Path file) {
        return set("dataset", file);
    }

    /** The same as a run file says it: a path, {@code synthetic:demonstrations}, or {@code name:location} of what a module has bound. {@code set("dataset.limit", 100)} and the like continue from it. */
    public RunBuilder dataset(String what) {
        return set("dataset", what);
    }

    /**
     * The stage's dataset as an object.
     *
     * @param name a name for it, in messages and in the stored configuration: a-z, 0-9, _ and -, at least two
     */
    public RunBuilder dataset(String name, DatasetSource source) {
        return bind(
                        "dataset " + name,
                        binder -> DatasetsModule.datasetBinder(binder).bind(name, source))
                .set("dataset", name + ":");
    }

    /**
     * Of a stage of type {@code ppo}: the reward of each answer, higher is better.
     *
     * @param name a name for it, in messages and in the stored configuration
     * @param reward a finite score; the same for the same answer. Called by one thread
     */
    public RunBuilder reward(String name, ToDoubleFunction<RewardFunction.Answer> reward) {
        return rewardFunction(name, RewardFunction.each(reward));
    }

    /** As {@link #reward}, for a function that judges many answers at once. */
    public RunBuilder rewardFunction(String name, RewardFunction reward) {
        return bind(
                        "reward " + name,
                        binder -> RewardBinder.rewardBinder(binder).bind(name, reward))
                .set("reward_function", name);
    }

    /**
     * Of a stage of type {@code dpo}: a loss of one's own.
     *
     * @param name a name for it, in messages and in the stored configuration
     */
    public RunBuilder loss(String name, PreferenceLossFactory loss) {
        return bind(
                        "loss " + name,
                        binder -> DpoModule.preferenceLossBinder(binder).bind(name, loss))
                .set("loss_type", name);
    }

    /**
     * Sets a key of the stage.
     *
     * @param key as in a run file, with dots for a key below it: {@code learning_rate}, {@code dataset.limit}
     * @param value a number, a boolean, a text, a path, an enum's constant, a list or an array of such, a map from texts to such; null for no value
     * @throws UserError when the value is something else
     */
    public RunBuilder set(String key, @Nullable Object value) {
        if (current.isEmpty()) {
            throw new UserError(key + " belongs to a stage: begin one with stage(type) first");
        }
        String stage = current;
        var given = JavaValue.of(value);
        return edit(draft -> draft.set(stage, key, given));
    }

    /** Sets several keys of the stage. */
    public RunBuilder set(Map<String, ?> values) {
        values.forEach(this::set);
        return this;
    }

    /**
     * Lays a value over the run's, as on the command line.
     *
     * @param key {@code stage.key}, with dots for a key below it, or a key of the run's own
     * @param value as of {@link #set(String, Object)}, or a value as it was read
     */
    public RunBuilder lay(String key, @Nullable Object value) {
        ConfigValue given = value instanceof ConfigValue read ? read : JavaValue.of(value);
        return edit(draft -> draft.lay(key, given));
    }

    /** One run of a file that has a section {@code experiment}: the section is left out. */
    public RunBuilder withoutExperiment() {
        return edit(RunDraft::takeExperiment);
    }

    /** Without workers, whatever the run file says of {@code cluster}: for a run that is one itself. */
    public RunBuilder withoutCluster() {
        return edit(RunDraft::takeCluster);
    }

    /** The run's seed, of which those of its stages are derived; 0 by default. */
    public RunBuilder seed(long seed) {
        var given = JavaValue.of(seed);
        return edit(draft -> draft.set("seed", given));
    }

    /** Where the results go: the run's folder, in which each stage has one. Its last name is the run's: letters, digits, _, - and dots. */
    public RunBuilder output(Path folder) {
        Path absolute = folder.toAbsolutePath().normalize();
        Path given = folder.normalize();
        Path parent = given.getParent() == null ? Path.of(".") : given.getParent();
        return edit(draft -> {
            draft.set("name", JavaValue.of(String.valueOf(absolute.getFileName())));
            draft.set("output_dir", JavaValue.of(parent));
        });
    }

    /**
     * Where roll-outs, scores and other pure work are done: {@code threads:2}, {@code processes:2}, or a master of Spark where its module is on the class path. Results do not depend on it. {@code lay("cluster.threads", 2)} and the like say more.
     */
    public RunBuilder cluster(String master) {
        return lay("cluster.master", master);
    }

    /** Adds a listener. */
    public RunBuilder listen(RunListener listener) {
        listeners.add(listener);
        return this;
    }

    /**
     * Asked after each step whether to stop: {@code stopOn(() -> wanted.get())}. A run that is stopped writes a checkpoint and ends with {@link StoppedException}; {@link #resume} continues from there.
     */
    public RunBuilder stopOn(StopRequest request) {
        stop = request;
        return this;
    }

    /** Go on where this run was stopped or interrupted; stages that are complete are not run again. */
    public RunBuilder resume() {
        resume = true;
        return this;
    }

    /** Replace a run that is in the folder already. */
    public RunBuilder overwrite() {
        overwrite = true;
        return this;
    }

    /** Run from this stage on, reusing the results of earlier ones. */
    public RunBuilder from(String stage) {
        from = Optional.of(stage);
        return this;
    }

    /** Run this stage alone, reusing the results of those it reads. */
    public RunBuilder only(String stage) {
        only = Optional.of(stage);
        return this;
    }

    /**
     * Checks everything that can be checked without running: keys and their ranges, files, models, data. The console shows the plan.
     *
     * @return every key with its value and where it is from, and warnings
     * @throws UserError with a line for each mistake
     */
    public RunPlan check() {
        RunPlan plan = plan();
        show(plan);
        return plan;
    }

    /**
     * As {@link #check}, but the console shows nothing.
     *
     * @throws UserError with a line for each mistake
     */
    public RunPlan plan() {
        return plan(engine.assembly(List.copyOf(bound.values())), options());
    }

    /**
     * Checks as {@link #check} does, and tells what models the stages begin with.
     *
     * @return those whose files tell their shape, in the order of the stages
     * @throws UserError with a line for each mistake
     */
    public List<StageModel> models() {
        return check().models();
    }

    /**
     * Checks as {@link #check} does, and tells what each stage takes of memory, about, in a line.
     *
     * @return of the stages whose model is known
     * @throws UserError with a line for each mistake
     */
    public List<String> memory() {
        return check().memory();
    }

    /**
     * Runs the stages.
     *
     * @return what they made
     * @throws UserError with a line for each mistake in what was given; nothing has run where it is found by {@link #check}
     * @throws StoppedException when {@link #stopOn} or {@link Rlhf4j#close} asked for it
     * @throws io.github.rlhf4j.core.stage.SelfCheckFailure when a stage finds that it computes what it should not
     */
    public Run run() {
        RunOptions options = options();
        Assembly assembly = engine.assembly(List.copyOf(bound.values()));
        engine.enter();
        try {
            RunPlan plan = plan(assembly, options);
            show(plan);
            Console console = engine.console();
            Kernels kernels = engine.kernels();
            console.line("arithmetic: " + kernels.description());
            compute(kernels, plan.runFile().compute(), console);
            Path folder = plan.runFile().directory();
            Trackers trackers = trackers(plan, assembly, console);
            Listeners observer = new Listeners(engine, folder, listeners, trackers, plan.configs());
            observer.start();
            Runner runner = new Runner(kernels, assembly.datasets(), console, new EngineStop(engine, stop), observer);
            Tracker.Outcome outcome = Tracker.Outcome.FAILED;
            try (RunCluster cluster = cluster(plan.runFile(), kernels, console)) {
                if (cluster != null) {
                    runner.computeOn(cluster::forStage);
                }
                runner.run(plan, options);
                outcome = Tracker.Outcome.FINISHED;
            } catch (StoppedException e) {
                outcome = Tracker.Outcome.STOPPED;
                throw e;
            } finally {
                kernels.computeWith(Compute.FLOAT32);
                trackers.end(outcome);
            }
            return engine.open(folder);
        } finally {
            engine.leave();
        }
    }

    private static void compute(Kernels kernels, Compute compute, Console console) {
        if (kernels.computeWith(compute) && compute == Compute.BFLOAT16) {
            console.line("compute: products of training in bfloat16 with float32 sums");
        } else if (compute == Compute.BFLOAT16) {
            console.warning(
                    "compute: bfloat16 needs a processor with AVX512_BF16 or AMX, and oneDNN; this run computes in"
                            + " float32");
        }
    }

    private static Trackers trackers(RunPlan plan, Assembly assembly, Console console) {
        RunFile run = plan.runFile();
        return new Trackers(
                new TrackedRun(run.name(), run.seed(), run.directory(), console),
                ReportTo.read(run, assembly.trackers(), new Problems()));
    }

    private static @Nullable RunCluster cluster(RunFile run, Kernels kernels, Console console) {
        return ClusterKeys.read(run, new Problems())
                .map(config -> RunCluster.open(config, kernels, console))
                .orElse(null);
    }

    private RunOptions options() {
        return new RunOptions(from, only, resume, overwrite);
    }

    private RunPlan plan(Assembly assembly, RunOptions options) {
        RunDraft draft = beginning.get();
        edits.forEach(edit -> edit.accept(draft));
        RunFile run = draft.finish();
        Problems problems = new Problems();
        ReportTo.read(run, assembly.trackers(), problems);
        ClusterKeys.read(run, problems);
        RunPlan plan = RunPlan.of(run, assembly.stages(), problems);
        Runner.requireStages(plan, options);
        return plan;
    }

    private void show(RunPlan plan) {
        plan.table().forEach(engine.console()::line);
        plan.warnings().forEach(engine.console()::warning);
    }

    private RunBuilder edit(Consumer<RunDraft> edit) {
        edits.add(edit);
        return this;
    }

    private RunBuilder bind(String what, Consumer<Binder> binding) {
        bound.put(what, new AbstractModule() {
            @Override
            protected void configure() {
                binding.accept(binder());
            }
        });
        return this;
    }

    /** The caller's wish, or that of an engine that is being closed. */
    private record EngineStop(Rlhf4j engine, StopRequest wish) implements StopRequest {
        @Override
        public boolean isRequested() {
            return wish.isRequested() || engine.isClosing();
        }

        @Override
        public void working(String what) {
            wish.working(what);
        }

        @Override
        public void idle() {
            wish.idle();
        }
    }
}
