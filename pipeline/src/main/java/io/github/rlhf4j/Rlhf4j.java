package io.github.rlhf4j;

import com.google.inject.Module;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.WeightFormat;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.KernelsFactory;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.pipeline.config.BoundNames;
import io.github.rlhf4j.pipeline.model.GivenModel;
import io.github.rlhf4j.pipeline.model.ModelExport;
import io.github.rlhf4j.tracking.TrackerFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * The engine: trains, evaluates and opens models. The command line is made of this class.
 *
 * <p>A stage with the shipped defaults:
 *
 * <pre>{@code
 * try (Rlhf4j rlhf4j = Rlhf4j.create()) {
 *     Run run = rlhf4j.stage("dpo")
 *             .model(Path.of("SmolLM2-135M-Instruct"))
 *             .dataset(Path.of("pairs.jsonl"))
 *             .set("beta", 0.2)
 *             .output(Path.of("runs/first"))
 *             .run();
 *     System.out.println(run.stage("dpo").metric("loss"));
 *     try (LanguageModel model = run.model()) {
 *         System.out.println(model.generate("The capital of France is"));
 *     }
 * }
 * }</pre>
 *
 * <p>Several stages, each of which may name an earlier one as its model:
 *
 * <pre>{@code
 * rlhf4j.newRun(Path.of("runs/chain")).seed(7)
 *         .stage("sft").model(base).dataset(texts).set("learning_rate", 1e-5)
 *         .stage("dpo").model("sft").dataset(pairs)
 *         .run();
 * }</pre>
 *
 * <p>The keys are those of run files: docs/config.md has them all. A mistake in what was given is one {@link UserError}, whose message names the key, and says what it must be.
 *
 * <p>Memory and threads. An engine has worker threads and a little native memory from the first run or model on. {@link #close} frees them, and closes the models that are still open; a model's weights
 * are native memory, which {@link LanguageModel#close} frees. A run frees what it takes when it ends. Engines and runs may be used by several threads: two runs at once, in different folders, share the
 * worker threads and wait for each other's calculations; their results are those of each alone, but peak_rss_mb is of the process. Nothing ends the process, handles signals or writes to standard output, and
 * only warnings go to standard error, where slf4j has no provider; a shutdown hook removes files that were half written when the JVM ends.
 */
public final class Rlhf4j implements AutoCloseable {
    private final List<Module> modules;
    private final Assembly assembly;
    private final EngineKernels kernels;
    private final Console console;
    private final Set<AutoCloseable> models = new LinkedHashSet<>();
    private final Set<Thread> running = new LinkedHashSet<>();
    private boolean closed;

    private Rlhf4j(Builder builder) {
        this.modules = List.copyOf(builder.modules);
        this.console = builder.console.orElseGet(LoggedConsole::new);
        this.assembly = new Assembly(modules);
        this.kernels = new EngineKernels(assembly.kernels(), builder.kernels, builder.threads, console);
    }

    /**
     * An engine with the user's modules beside the built-in ones, on all processors.
     *
     * @param modules that bind datasets, rewards, losses, judges or stages: see docs/extending.md. Modules on the class path are not looked for: {@link Builder#classPathModules}
     */
    public static Rlhf4j create(Module... modules) {
        return builder().modules(modules).build();
    }

    /** Begins an engine with other than the usual threads, kernels or console. */
    public static Builder builder() {
        return new Builder();
    }

    /** What an engine is made of. */
    public static final class Builder {
        private final List<Module> modules = new ArrayList<>();
        private String kernels = "cpu";
        private int threads;
        private Optional<Console> console = Optional.empty();

        private Builder() {}

        /** Adds modules of the user's. */
        public Builder modules(Module... more) {
            modules.addAll(List.of(more));
            return this;
        }

        /** Adds the modules that META-INF/services on the class path names, as the command line does. */
        public Builder classPathModules() {
            ServiceLoader.load(Module.class).forEach(modules::add);
            return this;
        }

        /** What computes: {@code cpu}, the default, {@code nd4j}, or what a module has bound. */
        public Builder kernels(String name) {
            kernels = name;
            return this;
        }

        /** Worker threads; 0, the default: one for each processor. Results do not depend on it. */
        public Builder threads(int count) {
            threads = count;
            return this;
        }

        /** Where lines, warnings and progress for a person go; by default warnings go to slf4j, and lines too, at level trace. */
        public Builder console(Console newConsole) {
            console = Optional.of(newConsole);
            return this;
        }

        /**
         * The engine.
         *
         * @throws UserError where kernels or threads are not possible
         */
        public Rlhf4j build() {
            return new Rlhf4j(this);
        }
    }

    /**
     * A run of one stage, in runs/&lt;type&gt;/ unless {@link RunBuilder#output} names another folder.
     *
     * @param type such as {@code sft}, {@code reward}, {@code dpo} or {@code ppo}; also the stage's name
     */
    public RunBuilder stage(String type) {
        return newRun(Path.of("runs", type)).stage(type);
    }

    /**
     * A run whose stages are given in Java.
     *
     * @param folder where its results go; its last name is the run's
     */
    public RunBuilder newRun(Path folder) {
        return RunBuilder.inJava(this, folder);
    }

    /**
     * The run of a run file, to which more can be said in Java.
     *
     * @param values over the file's, as on the command line: {@code stage.key=value}, or {@code key=value} for the run's own
     */
    public RunBuilder runFile(Path file, String... values) {
        return RunBuilder.ofFile(this, file, List.of(values));
    }

    /**
     * Runs a run file.
     *
     * @throws UserError as {@link RunBuilder#run}
     */
    public Run run(Path file, String... values) {
        return runFile(file, values).run();
    }

    /**
     * The results of a run that was made earlier.
     *
     * @throws UserError when the folder holds none
     */
    public Run open(Path folder) {
        return Run.read(this, folder);
    }

    /**
     * Opens a language model.
     *
     * @param folder a Hugging Face folder, or that of a run's stage
     * @throws UserError when it is none, or one that cannot be computed
     */
    public LanguageModel languageModel(Path folder) {
        return opened(LanguageModel.open(GivenModel.of(folder, Optional.empty()), kernels(), this::forget));
    }

    /**
     * Opens a language model with an adapter.
     *
     * @param folder of the base: a Hugging Face folder, or that of a run's stage
     * @param adapter as peft saves it, or the folder of a run's stage that trained one
     * @throws UserError when one of them is none, or they do not fit
     */
    public LanguageModel languageModel(Path folder, Path adapter) {
        return opened(LanguageModel.open(GivenModel.of(folder, Optional.of(adapter)), kernels(), this::forget));
    }

    /**
     * Opens a reward model.
     *
     * @param folder a Hugging Face folder, or that of a run's stage
     * @throws UserError when it is none, or one that cannot be computed
     */
    public RewardModel rewardModel(Path folder) {
        return opened(RewardModel.open(GivenModel.of(folder, Optional.empty()), kernels(), this::forget));
    }

    /**
     * Opens a reward model with an adapter, as {@link #languageModel(Path, Path)}.
     *
     * @throws UserError when one of the folders is none, or they do not fit
     */
    public RewardModel rewardModel(Path folder, Path adapter) {
        return opened(RewardModel.open(GivenModel.of(folder, Optional.of(adapter)), kernels(), this::forget));
    }

    /**
     * Writes a model with its adapter merged as a whole Hugging Face folder, float32.
     *
     * @param folder of the base
     * @param adapter as of {@link #languageModel(Path, Path)}
     * @param to a folder that does not exist
     * @throws UserError when one of the folders is none, they do not fit, or {@code to} exists
     */
    public void merge(Path folder, Path adapter, Path to) {
        ModelExport.write(GivenModel.of(folder, Optional.of(adapter)), to, WeightFormat.DEFAULT, kernels());
    }

    /** Opens datasets, as stages do. */
    public Datasets datasets() {
        return assembly.datasets();
    }

    /** The stages by type, the user's included. */
    public Map<String, Stage<?>> stages() {
        return assembly.stages();
    }

    /** What makes trackers, by the names that {@code report_to} has for them, the user's included. */
    public Map<String, TrackerFactory> trackers() {
        return assembly.trackers();
    }

    /** The names that modules bind, by the keys of run files that take them: losses, reward functions, judges. */
    public BoundNames boundNames() {
        return assembly.boundNames();
    }

    /** The kernels of this engine, for models of the caller's own; they last until {@link #close}. */
    public synchronized Kernels kernels() {
        if (closed) {
            throw new IllegalStateException("this engine is closed");
        }
        return kernels.get();
    }

    /** What makes its kernels, with any number of threads. */
    public KernelsFactory kernelsFactory() {
        return kernels.factory();
    }

    Console console() {
        return console;
    }

    /** With modules for one run alone. */
    Assembly assembly(List<Module> more) {
        if (more.isEmpty()) {
            return assembly;
        }
        List<Module> all = new ArrayList<>(modules);
        all.addAll(more);
        return new Assembly(all);
    }

    private synchronized <M extends AutoCloseable> M opened(M model) {
        models.add(model);
        return model;
    }

    private synchronized void forget(AutoCloseable model) {
        models.remove(model);
    }

    /** A run begins in this thread. */
    synchronized void enter() {
        if (closed) {
            throw new IllegalStateException("this engine is closed");
        }
        if (!running.add(Thread.currentThread())) {
            throw new IllegalStateException("a listener cannot start a run of the engine whose run it listens to");
        }
    }

    /** It has ended. */
    synchronized void leave() {
        running.remove(Thread.currentThread());
        notifyAll();
    }

    /** Whether runs shall end. */
    synchronized boolean isClosing() {
        return closed;
    }

    /** Asks runs in other threads to stop after their step, waits for them, closes the models that are open and ends the worker threads. */
    @Override
    public void close() {
        List<AutoCloseable> open;
        synchronized (this) {
            if (running.contains(Thread.currentThread())) {
                throw new IllegalStateException("a listener cannot close the engine whose run it listens to");
            }
            closed = true;
            awaitRuns();
            open = List.copyOf(models);
        }
        for (AutoCloseable model : open) {
            try {
                model.close();
            } catch (Exception e) {
                throw new IllegalStateException("a model cannot be closed", e);
            }
        }
        kernels.close();
    }

    private void awaitRuns() {
        boolean interrupted = false;
        while (!running.isEmpty()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
