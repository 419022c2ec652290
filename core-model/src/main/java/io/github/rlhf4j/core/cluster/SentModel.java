package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.kernels.Compute;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A version of a model by the digests of its bytes.
 *
 * @param version as tasks name it
 * @param weights shape and weights
 * @param adapter its adapter, where it has one
 * @param adapterIsOn whether that counts
 * @param asGenerated whether forward passes compute in the order of generation
 * @param generationWeights what generation multiplies by
 * @param compute what large products of scoring compute with
 */
record SentModel(
        ModelVersion version,
        Blob weights,
        Optional<Blob> adapter,
        boolean adapterIsOn,
        boolean asGenerated,
        WeightType generationWeights,
        Compute compute) {
    List<Blob> blobs() {
        List<Blob> blobs = new ArrayList<>(List.of(weights));
        adapter.ifPresent(blobs::add);
        return blobs;
    }

    void write(WireWriter out) {
        version.write(out);
        out.putReference(weights).putOptional(adapter, WireWriter::putReference);
        out.putBoolean(adapterIsOn).putBoolean(asGenerated);
        out.putText(generationWeights.name()).putText(compute.name());
    }

    static SentModel read(WireReader in) {
        return new SentModel(
                ModelVersion.read(in),
                in.getReference(),
                in.getOptional(WireReader::getReference),
                in.getBoolean(),
                in.getBoolean(),
                WeightType.valueOf(in.getText()),
                Compute.valueOf(in.getText()));
    }
}
