package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.tensor.WeightType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All weights of a model, in few long runs of native memory, which it owns until {@link #close}: first those that decay, then biases and norms.
 *
 * <p>Gradients exist after {@link #enableGradients}; the backward pass adds into them.
 */
public final class ParameterStore implements AutoCloseable {
    private static final int ALIGNMENT = 16; // elements
    private static final long LARGEST_SLAB = 1 << 27; // elements

    private final ParameterLayout layout;
    private final Kernels kernels;
    private final NativeMemory memory = new NativeMemory(1 << 16);
    private @Nullable NativeMemory gradientMemory;
    private final List<Slab> slabs = new ArrayList<>();
    private final WeightType weights; // of what is compactable
    private @Nullable NativeMemory transposeMemory;
    private List<Transposed> transposes = List.of();
    private final Map<String, FusedParameter> matrices = new LinkedHashMap<>(); // in the layout's order
    private final Map<String, Parameter> byName = new LinkedHashMap<>();
    private List<ParameterStorage> storages = List.of();
    private boolean kept;

    private record Transposed(FusedParameter matrix, Tensor transpose) {}

    private record Slab(Tensor values, boolean decays, List<FusedParameter> matrices) {}

    private final @Nullable ParameterStore owner; // of the weights, where they are another's
    private final @Nullable ParameterStore base; // of the matrices that are another model's

    ParameterStore(ParameterLayout layout, Kernels kernels) {
        this(layout, kernels, WeightType.FLOAT32);
    }

    /** @param weights how matrices are held; where that is not float32, they are frozen */
    ParameterStore(ParameterLayout layout, Kernels kernels, WeightType weights) {
        this(layout, kernels, weights, null, null);
    }

    private ParameterStore(
            ParameterLayout layout,
            Kernels kernels,
            WeightType weights,
            @Nullable ParameterStore owner,
            @Nullable ParameterStore base) {
        this.base = base;
        this.layout = layout;
        this.kernels = kernels;
        this.weights = weights;
        this.owner = owner;
        Map<String, FusedParameter> placed = new LinkedHashMap<>();
        place(full(true), true, placed);
        place(full(false), false, placed);
        layout.matrices().stream().filter(this::isShared).forEach(matrix -> placed.put(matrix.key(), shared(matrix)));
        layout.matrices().stream().filter(this::isCompact).forEach(matrix -> placed.put(matrix.key(), compact(matrix)));
        for (ParameterLayout.Matrix matrix : layout.matrices()) {
            FusedParameter fused = placed.get(matrix.key());
            if (fused == null) {
                throw new IllegalStateException("no place for " + matrix.key());
            }
            matrices.put(matrix.key(), fused);
            fused.parts().forEach(part -> byName.put(part.name(), part));
        }
        rebuildStorages(name -> false);
    }

    /** The same weights, on other kernels and with gradients of their own; it must be closed before this one. */
    ParameterStore sharing(Kernels others) {
        return new ParameterStore(layout, others, weights, this, base);
    }

    /** The weights of another model with these matrices: what both have is this store's, and frozen there, but for a scalar head, which each has of its own. It must be closed before this one. */
    ParameterStore sharing(ParameterLayout other) {
        return new ParameterStore(other, kernels, weights, null, this);
    }

    /** Whether a matrix is another model's. */
    boolean isShared(ParameterLayout.Matrix matrix) {
        return base != null && base.hasMatrix(matrix.key()) && !matrix.isReadHead();
    }

    private FusedParameter shared(ParameterLayout.Matrix matrix) {
        ParameterStore of = base;
        if (of == null) {
            throw new IllegalStateException("nothing is shared");
        }
        return FusedParameter.sharing(kernels, matrix, of.matrix(matrix.key()));
    }

    private boolean isCompact(ParameterLayout.Matrix matrix) {
        return weights.isCompact() && matrix.isCompactable() && !isShared(matrix);
    }

    private List<ParameterLayout.Matrix> full(boolean decay) {
        return layout.matrices().stream()
                .filter(matrix -> matrix.decays() == decay && !isCompact(matrix) && !isShared(matrix))
                .toList();
    }

    private FusedParameter compact(ParameterLayout.Matrix matrix) {
        CompactMatrix others = owner == null ? null : owner.matrix(matrix.key()).compact();
        return new FusedParameter(
                kernels,
                matrix,
                others == null ? CompactMatrix.allocate(memory, weights, matrix.rows(), matrix.columns()) : others);
    }

    Kernels kernels() {
        return kernels;
    }

    /** How matrices are held. */
    public WeightType weights() {
        return weights;
    }

    private void place(List<ParameterLayout.Matrix> wanted, boolean decays, Map<String, FusedParameter> placed) {
        int next = 0;
        while (next < wanted.size()) {
            int first = next;
            long total = 0;
            while (next < wanted.size() && (next == first || total + padded(wanted.get(next)) <= LARGEST_SLAB)) {
                total += padded(wanted.get(next++));
            }
            Tensor values = owner == null
                    ? memory.allocate(kernels.type(), 1, Math.toIntExact(total))
                    : owner.slabs.get(slabs.size()).values();
            List<FusedParameter> members = new ArrayList<>();
            int offset = 0;
            for (ParameterLayout.Matrix matrix : wanted.subList(first, next)) {
                FusedParameter fused = new FusedParameter(
                        kernels, matrix, values, offset, owner == null ? null : owner.matrix(matrix.key()));
                members.add(fused);
                placed.put(matrix.key(), fused);
                offset += (int) padded(matrix);
            }
            slabs.add(new Slab(values, decays, members));
        }
    }

    private static long padded(ParameterLayout.Matrix matrix) {
        return ((long) matrix.rows() * matrix.columns() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** All parameters, in Hugging Face's order: embedding, layers, final norm, heads. */
    public List<Parameter> all() {
        return List.copyOf(byName.values());
    }

    /** The parameter of that name. */
    public Parameter get(String name) {
        Parameter parameter = byName.get(name);
        if (parameter == null) {
            throw new IllegalArgumentException("no parameter " + name);
        }
        return parameter;
    }

    /** Whether there is a parameter of that name. */
    public boolean contains(String name) {
        return byName.containsKey(name);
    }

    /** The runs of weights that the optimiser goes through. */
    public List<ParameterStorage> storages() {
        return storages;
    }

    /** Number of weights; a tied head counts once. */
    public long count() {
        return matrices.values().stream().mapToLong(FusedParameter::size).sum();
    }

    /** Native bytes of weights, gradients and transposes. */
    public long bytes() {
        return memory.bytes()
                + (gradientMemory == null ? 0 : gradientMemory.bytes())
                + (transposeMemory == null ? 0 : transposeMemory.bytes());
    }

    /** Gives every parameter a gradient of zero. */
    public void enableGradients() {
        enableGradients(name -> true);
    }

    /**
     * Gives the parameters that {@code trainable} accepts a gradient of zero; the others are frozen and cost nothing.
     *
     * @throws IllegalArgumentException where only some parts of one matrix (query, key and value; gate and up) are trainable
     */
    public void enableGradients(Predicate<String> trainable) {
        if (byName.keySet().stream().anyMatch(trainable)) {
            requireChangeable();
        }
        rebuildStorages(trainable);
    }

    /** Refuses from now on what would change weights: gradients, and other weights in their place. */
    void keep() {
        kept = true;
        matrices.values().forEach(FusedParameter::keep);
    }

    /** @throws IllegalStateException where weights stay what they are */
    void requireChangeable() {
        if (kept) {
            throw new IllegalStateException("the weights of this model are to stay what they are: keepWeights");
        }
    }

    private void rebuildStorages(Predicate<String> trainable) {
        if (gradientMemory != null) {
            gradientMemory.close();
        }
        NativeMemory fresh = new NativeMemory(1 << 16);
        gradientMemory = fresh;
        List<ParameterStorage> runs = new ArrayList<>();
        refuseTrainable(trainable);
        for (Slab slab : slabs) {
            int next = 0;
            while (next < slab.matrices().size()) {
                int first = next;
                boolean trains = isTrainable(slab.matrices().get(first), trainable);
                while (next < slab.matrices().size()
                        && isTrainable(slab.matrices().get(next), trainable) == trains) {
                    next++;
                }
                runs.add(run(slab, first, next, trains ? fresh : null));
            }
        }
        storages = List.copyOf(runs);
    }

    private void refuseTrainable(Predicate<String> trainable) {
        for (ParameterLayout.Matrix matrix : layout.matrices()) {
            if ((isCompact(matrix) || isShared(matrix))
                    && matrix.parts().stream().anyMatch(part -> trainable.test(part.name()))) {
                throw new IllegalStateException(
                        matrix.key() + " is held in fewer bits, or is another model's, so it cannot be trained");
            }
        }
    }

    private ParameterStorage run(Slab slab, int first, int next, @Nullable NativeMemory gradients) {
        List<FusedParameter> members = slab.matrices().subList(first, next);
        int from = members.get(0).slabOffset();
        int to = next < slab.matrices().size()
                ? slab.matrices().get(next).slabOffset()
                : slab.values().columns();
        Tensor gradient = gradients == null ? null : gradients.allocate(kernels.type(), 1, to - from);
        List<Parameter> parameters =
                members.stream().flatMap(member -> member.parts().stream()).toList();
        ParameterStorage storage =
                new ParameterStorage(slab.values().columns(from, to), gradient, from, slab.decays(), parameters);
        members.forEach(member -> member.useGradient(storage));
        return storage;
    }

    private static boolean isTrainable(FusedParameter fused, Predicate<String> trainable) {
        long count = fused.parts().stream()
                .filter(part -> trainable.test(part.name()))
                .count();
        if (count != 0 && count != fused.parts().size()) {
            throw new IllegalArgumentException(
                    "the parts " + fused.parts() + " of one matrix must all be trainable or all frozen");
        }
        return count > 0;
    }

    /** Sets all gradients to zero. */
    public void zeroGradients() {
        for (ParameterStorage storage : storages) {
            if (!storage.decays()) {
                storage.rawGradient().ifPresent(kernels::zero);
            }
        }
        matrices.values().stream().filter(FusedParameter::decays).forEach(FusedParameter::clearGradient);
    }

    /** Adds the gradients of a store of the same layout, whose own are then used up. */
    void addGradients(ParameterStore other) {
        for (int i = 0; i < storages.size(); i++) {
            Tensor more = other.storages.get(i).gradient().orElse(null);
            if (more != null) {
                storages.get(i).gradient().ifPresent(gradient -> kernels.addScaled(gradient, more, 1));
            }
        }
    }

    /**
     * Runs {@code work} with the transposes of the matrices that layers multiply by, for stores that share these weights too: no weight may change meanwhile. They take as much memory as the matrices, from the first time on.
     */
    void withTransposes(Runnable work) {
        if (transposeMemory == null) {
            transposes = newTransposes();
        }
        try {
            for (Transposed each : transposes) {
                kernels.transpose(each.transpose(), each.matrix().value());
                each.matrix().useTranspose(each.transpose());
            }
            work.run();
        } finally {
            transposes.forEach(each -> each.matrix().useTranspose(null));
        }
    }

    /** In one block, which Linux backs with large pages: lines of a transpose lie far apart. */
    private List<Transposed> newTransposes() {
        List<FusedParameter> multiplying = matrices.values().stream()
                .filter(matrix -> matrix.multiplies() && matrix.compact() == null)
                .toList();
        NativeMemory fresh = new NativeMemory(multiplying.stream()
                .mapToLong(matrix -> padded(matrix.matrix()) * kernels.type().bytes())
                .sum());
        transposeMemory = fresh;
        return multiplying.stream()
                .map(matrix -> new Transposed(
                        matrix,
                        fresh.allocate(
                                kernels.type(),
                                matrix.matrix().columns(),
                                matrix.matrix().rows())))
                .toList();
    }

    /** Copies the weights of a store of the same layout, but for those that are another model's. */
    public void copyFrom(ParameterStore other) {
        requireChangeable();
        checkSameLayout(other);
        for (FusedParameter fused : matrices.values()) {
            if (!isShared(fused.matrix())) {
                fused.copyFrom(other.matrix(fused.matrix().key()));
            }
        }
    }

    /** {@code weights = keep weights + (1 - keep) other}: moving averages, and TR-DPO's reference. What is compact is frozen in both, and stays. */
    public void mixFrom(ParameterStore other, double keep) {
        requireChangeable();
        checkSameLayout(other);
        for (int i = 0; i < slabs.size(); i++) {
            kernels.mix(slabs.get(i).values(), other.slabs.get(i).values(), keep);
        }
    }

    private void checkSameLayout(ParameterStore other) {
        if (!byName.keySet().equals(other.byName.keySet()) || count() != other.count() || weights != other.weights) {
            throw new IllegalArgumentException("the two models have different parameters");
        }
    }

    /** The matrix of a key of {@link ParameterLayout}. */
    FusedParameter matrix(String key) {
        FusedParameter matrix = matrices.get(key);
        if (matrix == null) {
            throw new IllegalArgumentException("no matrix " + key);
        }
        return matrix;
    }

    boolean hasMatrix(String key) {
        return matrices.containsKey(key);
    }

    Iterable<FusedParameter> fused() {
        return matrices.values();
    }

    @Override
    public void close() {
        memory.close();
        if (gradientMemory != null) {
            gradientMemory.close();
        }
        if (transposeMemory != null) {
            transposeMemory.close();
        }
    }
}
