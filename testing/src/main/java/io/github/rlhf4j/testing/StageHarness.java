package io.github.rlhf4j.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Module;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageRun;
import io.github.rlhf4j.core.stage.StoppedException;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.DatasetsModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Runs stages in a folder, as the program runs them: with a check of the config, logs, checkpoints and resumption.
 *
 * <pre>
 *  StageHarness harness = new StageHarness(folder, new MyModule());
 *  ModelReference model = harness.model("start", TinyModel.llama());
 *  DatasetSpec pairs = harness.data(TinyData.PAIRS);
 *  StageOutput output = harness.run("mine", MyTrainer.class, new MyConfig(model, pairs, ...));
 *  output.metric("loss");    // of each step
 *  output.weights();         // bytes
 * </pre>
 *
 * <p>The kernels have one thread, the seed is 5 and the clock stands still, so two runs of one config give the same bytes. Not thread-safe.
 */
public final class StageHarness {
    private static final long SEED = 5;

    private final Path folder;
    private final Injector injector;
    private Kernels kernels = new CpuKernels(1);
    private final List<String> said = new ArrayList<>();
    private Function<Kernels, Cluster> place = InProcessCluster::new;

    /** @param modules what the stages need besides {@link DatasetsModule} */
    public StageHarness(Path folder, Module... modules) {
        this.folder = folder;
        List<Module> all = new ArrayList<>(List.of(modules));
        all.add(new DatasetsModule());
        this.injector = Guice.createInjector(all);
    }

    /** Where everything is. */
    public Path folder() {
        return folder;
    }

    /** One thread. */
    public Kernels kernels() {
        return kernels;
    }

    /** The injector's object of a type, such as a stage. */
    public <T> T instance(Class<T> type) {
        return injector.getInstance(type);
    }

    /** Notes and, with {@code warning: } in front, warnings of all runs so far, each with {@code [stage] } before it. May be cleared. */
    public List<String> said() {
        return said;
    }

    /** Roll-outs, scores and reference log-probs are computed there from now on, such as on an {@link IsolatedCluster}. */
    public void computeOn(Function<Kernels, Cluster> other) {
        place = other;
    }

    /** Everything is computed with those from now on, such as {@link SpoiledKernels}, which are made of those until now. */
    public void computeWith(UnaryOperator<Kernels> others) {
        kernels = others.apply(kernels);
    }

    /** Writes a file into the folder. */
    public Path write(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a small dataset into the folder. */
    public DatasetSpec data(TinyData data) {
        return data.write(folder);
    }

    /** Writes a small model into the folder. */
    public ModelReference model(String name, TinyModel model) {
        return new ModelReference(name, model.write(folder.resolve(name)));
    }

    /** The model in that folder, or the one that the stage of that name made. */
    public ModelReference model(String name) {
        Path made = folder.resolve(name).resolve("model");
        return new ModelReference(name, Files.isDirectory(made) ? made : folder.resolve(name));
    }

    /** Runs a stage from its beginning. */
    public <C extends Record> StageOutput run(String name, Class<? extends Stage<C>> type, C config) {
        return run(name, type, config, false, Interruption.NONE);
    }

    /** Runs a stage from its newest checkpoint. */
    public <C extends Record> StageOutput resume(String name, Class<? extends Stage<C>> type, C config) {
        return run(name, type, config, true, Interruption.NONE);
    }

    /** Runs a stage that is stopped after a step as by Ctrl-C: with a checkpoint. */
    public <C extends Record> StageOutput stopAfter(long step, String name, Class<? extends Stage<C>> type, C config) {
        return run(name, type, config, false, new Interruption(step, false));
    }

    /** Runs a stage that is killed after a step: of what was to come nothing happens, and no checkpoint is written that was not due. */
    public <C extends Record> StageOutput killAfter(long step, String name, Class<? extends Stage<C>> type, C config) {
        return run(name, type, config, false, new Interruption(step, true));
    }

    private <C extends Record> StageOutput run(
            String name, Class<? extends Stage<C>> type, C config, boolean resume, Interruption interruption) {
        Path directory = folder.resolve(name);
        StepCounter steps = new StepCounter(name, said, interruption);
        Stage<C> stage = injector.getInstance(type);
        stage.check(config);
        Map<String, Object> summary = Map.of();
        try (StageRun run = StageRun.builder(directory, kernels)
                .seed(SEED)
                .dataSeed(SEED)
                .console(steps)
                .resume(resume)
                .nanoTime(() -> 0)
                .build()) {
            run.stopOn(steps);
            run.useCluster(place.apply(kernels));
            stage.run(config, run);
            summary = run.summary();
        } catch (StoppedException | Killed e) {
            if (interruption.equals(Interruption.NONE)) {
                throw e;
            }
        }
        return new StageOutput(directory, new ObjectMapper().valueToTree(summary));
    }
}
