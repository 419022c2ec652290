package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.ParameterStorage;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Adds the gradients of a step's V shards along a fixed binary tree, whoever computes its nodes:
 *
 * <pre>  node(lo, hi) = node(lo, middle) + node(middle, hi),   middle = (lo + hi + 1) / 2</pre>
 *
 * <p>A shard without examples adds nothing. Besides the model's gradients there is one sum for each level of the tree.
 *
 * <p>Owns the memory of the sums until {@link #close}.
 */
public final class ShardTree implements AutoCloseable {
    private final ModelTrainer trainer;
    private final int shards;
    private final NativeMemory memory = new NativeMemory(1 << 16);
    private final List<List<Tensor>> sums = new ArrayList<>(); // by depth

    /** A node of the tree: shards from {@code lo} to before {@code hi}. */
    public record Node(int lo, int hi) {
        int middle() {
            return (lo + hi + 1) >>> 1;
        }

        /** The two below it. */
        public List<Node> halves() {
            return List.of(new Node(lo, middle()), new Node(middle(), hi));
        }

        /** Whether it is one shard. */
        public boolean isLeaf() {
            return hi - lo == 1;
        }
    }

    /** What puts the gradients of some nodes into the model: of all leaves at least that have examples. */
    public interface Nodes {
        /** Puts a node's gradient into the model; false where it is the sum of its halves. */
        boolean load(Node node);
    }

    /** @param shards V, >= 1 */
    public ShardTree(ModelTrainer trainer, int shards) {
        this.trainer = trainer;
        this.shards = shards;
    }

    /** The first example of a shard, of so many examples; of shard V: their number. */
    public static int first(int shard, int shards, int examples) {
        return (int) ((long) examples * shard / shards);
    }

    /** Whether a node has examples. */
    public static boolean isEmpty(Node node, int shards, int examples) {
        return first(node.lo(), shards, examples) == first(node.hi(), shards, examples);
    }

    /** Puts the gradient of a node into the model. */
    public void add(Node node, int examples, Nodes nodes) {
        add(node, 0, examples, nodes);
    }

    private void add(Node node, int depth, int examples, Nodes nodes) {
        if (nodes.load(node)) {
            return;
        }
        List<Node> halves = node.halves().stream()
                .filter(half -> !isEmpty(half, shards, examples))
                .toList();
        add(halves.get(0), depth + 1, examples, nodes);
        if (halves.size() == 2) {
            Kernels kernels = trainer.model().kernels();
            List<Tensor> gradients = gradients();
            List<Tensor> left = sum(depth);
            for (int i = 0; i < left.size(); i++) {
                kernels.copy(left.get(i), gradients.get(i));
            }
            add(halves.get(1), depth + 1, examples, nodes);
            for (int i = 0; i < left.size(); i++) {
                kernels.addScaled(gradients.get(i), left.get(i), 1);
            }
        }
    }

    private List<Tensor> sum(int depth) {
        while (sums.size() <= depth) {
            sums.add(gradients().stream()
                    .map(gradient -> memory.allocate(gradient.type(), gradient.rows(), gradient.columns()))
                    .toList());
        }
        return sums.get(depth);
    }

    private List<Tensor> gradients() {
        return trainer.model().trained().storages().stream()
                .map(ParameterStorage::gradient)
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public void close() {
        memory.close();
    }
}
