package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;

/** SHA-256 of weights in memory. */
final class WeightDigest {
    private WeightDigest() {}

    static String of(List<Tensor> tensors) {
        Sha256 digest = new Sha256();
        float[] values = new float[WeightPieces.LONGEST];
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * WeightPieces.LONGEST);
        try {
            WeightPieces.visit(tensors, (tensor, row, from, count) -> {
                WeightPieces.get(tensors.get(tensor), row, from, values, count);
                bytes.clear();
                bytes.asFloatBuffer().put(values, 0, count);
                digest.add(bytes.limit(Float.BYTES * count));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return digest.hex();
    }
}
