package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** SHA-256 of weights in memory. */
final class WeightDigest {
    private WeightDigest() {}

    static String of(List<Tensor> tensors) {
        Sha256 digest = new Sha256();
        try {
            WeightPieces.write(tensors, digest::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return digest.hex();
    }
}
