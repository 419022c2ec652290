package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.ModelBytes;
import io.github.rlhf4j.core.model.Transformer;

/** A worker's copy of a model, with what is made of it. Other weights of the same shape are read into the same memory. */
final class HeldModel implements AutoCloseable {
    private final Transformer model;
    private final MadeOfModel made;
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
        made = new MadeOfModel(model);
        now = wanted;
    }

    /** Becomes another version; false where it cannot, since the shape is another. */
    boolean become(SentModel wanted, BlobStore blobs) {
        if (wanted.asGenerated() != now.asGenerated()
                || wanted.generationWeights() != now.generationWeights()
                || wanted.compute() != now.compute() // what is made of the model depends on it
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

    MadeOfModel made() {
        return made;
    }

    @Override
    public void close() {
        made.close();
        model.close();
    }
}
