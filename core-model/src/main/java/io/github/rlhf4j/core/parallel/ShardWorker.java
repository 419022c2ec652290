package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.cluster.Worker;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.ShardTree;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.WeightedObjective;
import java.util.ArrayList;
import java.util.List;

/** A worker's own copy of the model, with gradients: nothing of one step is left in the next. */
final class ShardWorker implements Worker.Kept {
    private final Transformer model;
    private final ModelTrainer trainer;
    private final ShardTree tree;

    /** @param like a model of the same shape, which is copied */
    ShardWorker(Transformer like, TrainerSettings settings, int shards) {
        model = like.copy(false);
        trainer = settings.trainer(model);
        tree = new ShardTree(trainer, shards);
    }

    /** @param weights those of the step; not modified */
    ShardOutcome run(ShardWork work, Transformer weights) {
        model.copyWeightsFrom(weights);
        trainer.useRandomness(work.settings().dropoutKey());
        trainer.setSteps(work.step() - 1);
        List<ShardOutcome.Shard> done = compute(
                trainer,
                tree,
                work.node(),
                work.shards(),
                ObjectiveReaders.read(work.objective(), work.packed()).term());
        return new ShardOutcome(GradientFile.write(work.file(), model), done);
    }

    /** Puts a node's gradient into the trainer's model: what its shards gave, in order, of those that have rows. */
    static <E> List<ShardOutcome.Shard> compute(
            ModelTrainer trainer, ShardTree tree, ShardTree.Node node, int shards, WeightedObjective<E> term) {
        int rows = term.examples().size();
        List<ShardOutcome.Shard> done = new ArrayList<>();
        tree.add(node, rows, part -> {
            if (!part.isLeaf()) {
                return false;
            }
            StepMetrics metrics = new StepMetrics();
            int from = ShardTree.first(part.lo(), shards, rows);
            int to = ShardTree.first(part.hi(), shards, rows);
            done.add(new ShardOutcome.Shard(trainer.gradientOf(term, from, to, metrics), metrics));
            return true;
        });
        return done;
    }

    @Override
    public void close() {
        tree.close();
        trainer.close();
        model.close();
    }
}
