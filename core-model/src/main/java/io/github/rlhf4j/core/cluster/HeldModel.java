package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.ModelBytes;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.OptimizerSettings;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A worker's copy of a model, with what is made of it when it is first asked for. Other weights of the same shape are read into the same memory. */
final class HeldModel implements AutoCloseable {
    private final Transformer model;
    private final Map<Integer, BatchScorer> scorers = new HashMap<>();
    private final Map<String, Worker.Kept> kept = new HashMap<>();
    private @Nullable Generator generator;
    private SentModel now;

    HeldModel(SentModel wanted, BlobStore blobs, Kernels kernels) {
        model = ModelBytes.readWeights(blobs.get(wanted.weights()).reader(), kernels);
        try {
            wanted.adapter()
                    .ifPresent(adapter ->
                            ModelBytes.readAdapterInto(model, blobs.get(adapter).reader()));
            turn(wanted);
            if (wanted.asGenerated()) {
                model.computeAsGenerated();
            }
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
        now = wanted;
    }

    /** Becomes another version; false where it cannot, since the shape is another. */
    boolean become(SentModel wanted, BlobStore blobs) {
        if (wanted.asGenerated() != now.asGenerated()
                || wanted.generationWeights() != now.generationWeights()
                || wanted.adapter().isPresent() != now.adapter().isPresent()) {
            return false;
        }
        try {
            if (!wanted.weights().equals(now.weights())) {
                ModelBytes.readWeightsInto(model, blobs.get(wanted.weights()).reader());
            }
            if (!wanted.adapter().equals(now.adapter())) {
                wanted.adapter()
                        .ifPresent(adapter -> ModelBytes.readAdapterInto(
                                model, blobs.get(adapter).reader()));
            }
        } catch (ModelBytes.OtherShape e) {
            return false;
        }
        turn(wanted);
        now = wanted;
        return true;
    }

    private void turn(SentModel wanted) {
        model.generateWith(wanted.generationWeights());
        if (!model.kernels().computeWith(wanted.compute())) {
            throw new UserError(
                    "compute: bfloat16 needs a processor with AVX512_BF16 or AMX, and oneDNN, on every worker: leave"
                            + " out compute, or the worker");
        }
        if (model.adapter().isPresent()) {
            model.useAdapter(wanted.adapterIsOn());
        }
    }

    Transformer model() {
        return model;
    }

    Generator generator() {
        Generator made = generator;
        if (made == null) {
            made = new Generator(model);
            generator = made;
        }
        return made;
    }

    BatchScorer scorer(int microBatchTokens) {
        return scorers.computeIfAbsent(
                microBatchTokens > 0 ? microBatchTokens : OptimizerSettings.defaultMicroBatchTokens(model),
                tokens -> new BatchScorer(model, tokens));
    }

    @SuppressWarnings("unchecked")
    <R extends Worker.Kept> R kept(String key, Supplier<R> make) {
        return (R) kept.computeIfAbsent(key, missing -> make.get());
    }

    @Override
    public void close() {
        kept.values().forEach(Worker.Kept::close);
        if (generator != null) {
            generator.close();
        }
        model.close();
    }
}
