package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.ShardTree;
import io.github.rlhf4j.core.train.ShardTree.Node;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.core.wire.WireWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Synchronous data parallelism: a step's rows in V shards, whose gradients are added along {@link ShardTree}; normalisers and randomness are the whole step's, so up to rounding it is the step without shards. Where there are workers, each computes nodes of the tree; how
 * many there are changes no byte.
 *
 * @param <T> a row
 */
public final class Shards<T> implements ModelTrainer.GradientSource, AutoCloseable {
    private static final int ATTEMPTS = 3;

    private final Cluster cluster;
    private final SharedModel shared;
    private final ModelTrainer trainer;
    private final int shards;
    private final TrainerSettings settings;
    private final Path folder;
    private final ShardTree tree;
    private Optional<TravellingObjective<T>> objective = Optional.empty();

    /**
     * Begins.
     *
     * @param cluster where gradients are computed
     * @param trainer makes the steps
     * @param shards V
     * @param settings of the trainer, for workers
     * @param checkpoints the stage's, beside which gradients of a step are for a while; workers must see it under the same name
     */
    public Shards(Cluster cluster, ModelTrainer trainer, int shards, TrainerSettings settings, Path checkpoints) {
        this.cluster = cluster;
        this.trainer = trainer;
        this.shards = shards;
        this.settings = settings;
        this.folder =
                checkpoints.toAbsolutePath().normalize().resolve("replicas").resolve("shards");
        this.shared = cluster.share("shards", trainer.model());
        this.tree = new ShardTree(trainer, shards);
    }

    /** What the next steps minimise: the objective of their one term. */
    public void minimise(TravellingObjective<T> next) {
        objective = Optional.of(next);
    }

    @Override
    public ModelTrainer.TermResult compute(ModelTrainer same, List<WeightedObjective<?>> terms, StepMetrics metrics) {
        List<ShardOutcome.Shard> all = isHere() ? here(terms.get(0)) : elsewhere(terms.get(0));
        double loss = 0;
        long tokens = 0;
        for (ShardOutcome.Shard shard : all) {
            loss += shard.result().loss();
            tokens += shard.result().tokens();
            metrics.addAll(shard.metrics());
        }
        return new ModelTrainer.TermResult(loss, tokens);
    }

    /** Statistics of routers do not travel. */
    private boolean isHere() {
        return !cluster.hasWorkers() || trainer.model().config().feedForward().experts() >= 2;
    }

    private <E> List<ShardOutcome.Shard> here(WeightedObjective<E> term) {
        return ShardWorker.compute(trainer, tree, new Node(0, shards), shards, term);
    }

    @SuppressWarnings("unchecked") // the loop's rows are the objective's
    private List<ShardOutcome.Shard> elsewhere(WeightedObjective<?> term) {
        List<T> rows = (List<T>) term.examples();
        TravellingObjective<T> minimised = objective.orElseThrow();
        shared.changed();
        WireWriter packed = new WireWriter();
        minimised.write(rows, packed);
        byte[] objectiveAndRows = packed.bytes();
        List<Node> nodes = nodes(rows.size());
        Map<Node, ShardOutcome> done = new LinkedHashMap<>();
        for (int attempt = 0; done.size() < nodes.size(); attempt++) {
            if (attempt == ATTEMPTS) {
                throw new UserError("step " + (trainer.steps() + 1) + ": the gradients in " + folder
                        + " are not there, or are not what workers say they are, after " + ATTEMPTS
                        + " attempts; workers must see this folder under the same name");
            }
            List<Node> missing =
                    nodes.stream().filter(node -> !done.containsKey(node)).toList();
            List<byte[]> results = cluster.map(
                    "step " + (trainer.steps() + 1),
                    missing.stream()
                            .map(node -> work(node, minimised.name(), objectiveAndRows)
                                    .toBytes())
                            .toList(),
                    new ShardTask(shared.version()));
            for (int i = 0; i < missing.size(); i++) {
                ShardOutcome outcome = ShardOutcome.of(results.get(i));
                Path file = file(missing.get(i));
                if (RoundFolder.is(file, outcome.sha256())) {
                    done.put(missing.get(i), outcome);
                }
            }
        }
        tree.add(new Node(0, shards), rows.size(), node -> {
            ShardOutcome outcome = done.get(node);
            if (outcome == null) {
                return false;
            }
            GradientFile.read(file(node), outcome.sha256(), trainer.model());
            return true;
        });
        return nodes.stream()
                .flatMap(node -> Objects.requireNonNull(done.get(node)).shards().stream())
                .toList();
    }

    private ShardWork work(Node node, String reader, byte[] packed) {
        return new ShardWork(file(node), settings, trainer.steps() + 1, node, shards, reader, packed);
    }

    private Path file(Node node) {
        return folder.resolve("shards-" + (node.lo() + 1) + "-" + node.hi() + ".gradient");
    }

    /** As many nodes of one level, about, as there are workers, since each node's gradient is as large as the model; those with rows, from left to right. */
    private List<Node> nodes(int rows) {
        List<Node> level = List.of(new Node(0, shards));
        while (level.size() < cluster.workers() && level.stream().anyMatch(node -> !node.isLeaf())) {
            List<Node> next = new ArrayList<>();
            level.forEach(node -> next.addAll(node.isLeaf() ? List.of(node) : node.halves()));
            level = next;
        }
        return level.stream()
                .filter(node -> !ShardTree.isEmpty(node, shards, rows))
                .toList();
    }

    @Override
    public void close() {
        tree.close();
        shared.close();
        AtomicFiles.delete(folder);
        RoundFolder.deleteIfEmpty(Objects.requireNonNull(folder.getParent()));
    }
}
