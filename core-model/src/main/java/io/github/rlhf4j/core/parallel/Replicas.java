package io.github.rlhf4j.core.parallel;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.train.ShardTree;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.LongToDoubleFunction;
import java.util.stream.LongStream;

/**
 * Trains a model by M replicas (DiLoCo, Douillard et al. 2023, arXiv:2311.08105, Algorithm 1). In a round each replica starts from the model, makes H steps of AdamW on rows of its own, and keeps its moments for the next round; the mean of the differences is
 * the gradient of {@link OuterOptimizer}.
 *
 * <p>A replica's round is a pure task of a {@link Cluster}: weights, optimiser and rows in, the same out. So where and by how many workers it is done changes no byte, nor does doing it again. With M = 1, H = 1, an outer learning rate of 1 and no momentum, this is
 * plain training, to the bit.
 *
 * <p>The state is that at the start of the round: a checkpoint in the middle of a round leads to the whole round again, but for the replicas whose results are there.
 *
 * @param <T> a row
 */
public final class Replicas<T> implements Stateful, AutoCloseable {
    private static final int ATTEMPTS = 3;

    private final SharedModel shared;
    private final Cluster cluster;
    private final Settings settings;
    private final Work<T> work;
    private final RoundFolder folder;
    private final NativeMemory memory = new NativeMemory(1 << 16);
    private final Map<String, Tensor> velocity = new LinkedHashMap<>(); // by parameter
    private List<Optional<ReplicaState>> states;
    private long done; // steps of finished rounds
    private long rounds; // finished
    private List<LocalOutcome> outcomes = List.of(); // of the round in progress

    /**
     * What the run file says.
     *
     * @param replicas M, >= 1
     * @param localSteps H, >= 1
     * @param outer the outer step
     * @param difference how differences travel
     */
    public record Settings(int replicas, int localSteps, OuterOptimizer outer, DifferenceType difference) {}

    /**
     * What there is to do.
     *
     * @param steps of the run
     * @param batches the rows of a step, from 1, of all replicas: the first part is the first replica's
     * @param rates the learning rate of a step, from 1
     * @param trainer how each replica trains
     * @param objective what is minimised
     * @param watcher who hears of the steps of a round
     */
    public record Work<T>(
            long steps,
            LongFunction<List<T>> batches,
            LongToDoubleFunction rates,
            TrainerSettings trainer,
            TravellingObjective<T> objective,
            Watcher watcher) {}

    /** Who hears of the steps that replicas make within a round. */
    public interface Watcher {
        /** A round of so many steps, of all replicas that are still to train, begins. */
        Watch begin(long round, long steps);
    }

    /** Of one round. */
    public interface Watch extends AutoCloseable {
        /** So many more steps are done. */
        void advance(long steps);

        @Override
        void close();
    }

    /**
     * Begins.
     *
     * @param cluster where replicas train
     * @param model the weights that replicas start from: evaluated, saved, and changed at the end of each round
     * @param checkpoints the stage's checkpoints, beside which replicas keep their states; workers must see it under the same name
     */
    public Replicas(Cluster cluster, Transformer model, Path checkpoints, Settings settings, Work<T> work) {
        this.cluster = cluster;
        this.settings = settings;
        this.work = work;
        this.folder = new RoundFolder(checkpoints.toAbsolutePath().normalize());
        this.shared = cluster.share("replicas", model);
        this.states = Collections.nCopies(settings.replicas(), Optional.empty());
        if (settings.outer().momentum() > 0) {
            for (Parameter parameter : model.trained().all()) {
                Tensor value = parameter.value();
                velocity.put(parameter.name(), memory.allocate(value.type(), value.rows(), value.columns()));
            }
        }
    }

    /** What a step gave: the first of a round does the round, the last one moves the model. */
    public StepResult step(long step) {
        long last = Math.min(work.steps(), (done / settings.localSteps() + 1) * settings.localSteps());
        if (outcomes.isEmpty()) {
            outcomes = round(done + 1, last);
        }
        StepResult result = mean(Math.toIntExact(step - done - 1));
        if (step == last) {
            move(result.metrics());
            done = step;
        }
        return result;
    }

    /** 1. Each replica for itself, but for those whose results are there. */
    private List<LocalOutcome> round(long first, long last) {
        folder.tidy(rounds);
        List<RoundRows> rows = rows(first, last);
        List<byte[]> inputs = inputs(first, last, rows);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            List<Optional<LocalOutcome>> found = new ArrayList<>();
            List<byte[]> missing = new ArrayList<>();
            for (int replica = 0; replica < inputs.size(); replica++) {
                found.add(folder.result(rounds + 1, replica, inputs.get(replica)));
                if (found.get(replica).isEmpty()) {
                    missing.add(inputs.get(replica));
                }
            }
            if (missing.isEmpty()) {
                return found.stream().flatMap(Optional::stream).toList();
            }
            if (attempt > 0 && !rows.stream().allMatch(RoundRows::isWhole)) { // they went with the results
                rows(first, last);
            }
            train(missing, last - first + 1);
        }
        throw new UserError("round " + (rounds + 1) + ": what replicas wrote to " + folder.of(rounds + 1)
                + " is not there, or is not what they say it is, after " + ATTEMPTS
                + " attempts; workers must see this folder under the same name");
    }

    private void train(List<byte[]> inputs, long steps) {
        try (Watch watch = work.watcher().begin(rounds + 1, steps * inputs.size())) {
            cluster.map("round " + (rounds + 1), inputs, new RoundTask(shared.version()), watch::advance);
        }
    }

    /** Writes what replicas learn from. */
    private List<RoundRows> rows(long first, long last) {
        return RoundRows.write(
                folder.rows(rounds + 1),
                settings.replicas(),
                Math.toIntExact(last - first + 1),
                step -> work.batches().apply(first + step),
                work.objective());
    }

    private List<byte[]> inputs(long first, long last, List<RoundRows> rows) {
        double[] rates =
                LongStream.rangeClosed(first, last).mapToDouble(work.rates()).toArray();
        String start = WeightDigest.of(LocalTrainer.values(shared.model()));
        List<byte[]> inputs = new ArrayList<>();
        for (int replica = 0; replica < settings.replicas(); replica++) {
            LocalRound round = new LocalRound(
                    folder.files(rounds + 1, replica),
                    start,
                    states.get(replica),
                    work.trainer().with(randomness(replica)),
                    settings.difference(),
                    first,
                    rates,
                    work.objective().name(),
                    rows.get(replica));
            inputs.add(round.toBytes());
        }
        return inputs;
    }

    /** The first replica draws what the only one would. */
    private CounterRandom randomness(int replica) {
        return replica == 0
                ? work.trainer().dropoutKey()
                : work.trainer().dropoutKey().derive("replica").derive(replica);
    }

    /** Parts of a batch that differ by one row at most. */
    static <T> List<T> share(List<T> batch, int part, int parts) {
        return batch.subList(
                ShardTree.first(part, parts, batch.size()), ShardTree.first(part + 1, parts, batch.size()));
    }

    /** 2. What is logged of a step: means over the replicas that had rows. */
    private StepResult mean(int step) {
        StepMetrics metrics = new StepMetrics();
        double loss = 0;
        double norm = 0;
        double rate = 0;
        long tokens = 0;
        int count = 0;
        for (int replica = 0; replica < outcomes.size(); replica++) {
            Optional<StepResult> of = outcomes.get(replica).steps().get(step);
            if (of.isPresent()) {
                StepResult result = of.get();
                count++;
                loss += result.loss();
                norm += result.gradientNorm();
                rate = result.learningRate();
                tokens += result.tokens();
                metrics.join(result.metrics());
            }
        }
        if (settings.replicas() > 1) {
            for (int replica = 0; replica < outcomes.size(); replica++) {
                String name = "loss_replica_" + (replica + 1);
                outcomes.get(replica).steps().get(step).ifPresent(result -> metrics.set(name, result.loss()));
            }
        }
        return new StepResult(loss / count, norm / count, rate, tokens, metrics);
    }

    /** 3. The mean of the differences moves the model. */
    private void move(StepMetrics metrics) {
        List<Path> differences = outcomes.stream().map(LocalOutcome::difference).toList();
        double norm = new OuterMove(shared.model(), velocity, settings).apply(differences);
        rounds++;
        states = outcomes.stream().map(outcome -> Optional.of(outcome.state())).toList();
        outcomes = List.of();
        shared.changed();
        long bytes = WeightPieces.bytes(LocalTrainer.values(shared.model()), settings.difference());
        metrics.set("outer_step", rounds);
        metrics.set("outer_gradient_norm", norm);
        metrics.set("bytes_sent", (double) settings.replicas() * bytes);
    }

    /** Removes what no checkpoint needs; after the last step. */
    public void finish() {
        folder.tidy(Long.MAX_VALUE);
    }

    @Override
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Parameter parameter : shared.model().trained().all()) {
            tensors.put("model." + parameter.name(), parameter.value());
        }
        velocity.forEach((name, tensor) -> tensors.put("outer_momentum." + name, tensor));
        return tensors;
    }

    @Override
    public void save(ObjectNode state) {
        state.put("steps", done);
        state.put("rounds", rounds);
        ArrayNode replicas = state.putArray("replicas");
        for (Optional<ReplicaState> replica : states) {
            ObjectNode node = replicas.addObject();
            replica.ifPresent(known -> {
                node.put("file", folder.name(known.file()));
                node.put("sha256", known.sha256());
                node.put("updates", known.updates());
            });
        }
    }

    /** @throws IllegalStateException where a replica's state is not there: then the checkpoint is of no use */
    @Override
    public void restore(ObjectNode state) {
        List<Optional<ReplicaState>> restored = new ArrayList<>();
        state.get("replicas")
                .forEach(node -> restored.add(
                        node.isEmpty()
                                ? Optional.empty()
                                : Optional.of(folder.sound(new ReplicaState(
                                        folder.file(node.get("file").asText()),
                                        node.get("sha256").asText(),
                                        node.get("updates").asLong())))));
        if (restored.size() != settings.replicas()) {
            throw new IllegalStateException("it is of " + restored.size() + " replicas");
        }
        states = restored;
        done = state.get("steps").asLong();
        rounds = state.get("rounds").asLong();
        outcomes = List.of();
        shared.changed();
    }

    @Override
    public void close() {
        shared.close();
        memory.close();
    }
}
