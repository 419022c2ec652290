package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A model's gradients in a file, float32, in the order of its parameters. */
final class GradientFile {
    private GradientFile() {}

    /** @return the file's SHA-256 */
    static String write(Path file, Transformer model) {
        Sha256 digest = new Sha256();
        AtomicFiles.writeStream(
                file,
                out -> WeightPieces.write(gradients(model), bytes -> {
                    digest.add(bytes.duplicate());
                    out.write(bytes.array(), 0, bytes.limit());
                }));
        return digest.hex();
    }

    /**
     * Puts what was written into a model's gradients.
     *
     * @param sha256 of the file, as {@link #write} gave it: another worker may have written it since it was looked at
     * @throws UserError where it is another's
     */
    static void read(Path file, String sha256, Transformer model) {
        Sha256 digest = new Sha256();
        List<Tensor> gradients = gradients(model);
        float[] values = new float[WeightPieces.LONGEST];
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * WeightPieces.LONGEST);
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            WeightPieces.visit(gradients, (tensor, row, from, count) -> {
                in.readFully(bytes.array(), 0, Float.BYTES * count);
                bytes.clear();
                digest.add(bytes.duplicate().limit(Float.BYTES * count));
                bytes.asFloatBuffer().get(values, 0, count);
                WeightPieces.put(gradients.get(tensor), row, from, values, count);
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        if (!digest.hex().equals(sha256)) {
            throw new UserError(file + " was written again while it was read; continue with --resume");
        }
    }

    private static List<Tensor> gradients(Transformer model) {
        return model.trained().all().stream()
                .map(Parameter::gradient)
                .flatMap(Optional::stream)
                .toList();
    }
}
