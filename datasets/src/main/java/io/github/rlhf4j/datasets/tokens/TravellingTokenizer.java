package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.cluster.Worker;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A tokenizer that came as the bytes of its files. */
public final class TravellingTokenizer implements Worker.Kept {
    private final HuggingFaceTokenizer tokenizer;

    private TravellingTokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** The files of a folder that a tokenizer is made of, those of these names that are there. */
    public static Blob blob(Path folder, List<String> names) {
        List<String> there = names.stream()
                .filter(name -> Files.exists(folder.resolve(name)))
                .toList();
        return new WireWriter()
                .putList(there, (out, name) -> {
                    try {
                        out.putText(name).putBytes(Files.readAllBytes(folder.resolve(name)));
                    } catch (IOException e) {
                        throw new UncheckedIOException("cannot read " + folder.resolve(name), e);
                    }
                })
                .blob();
    }

    /** What {@link #blob} has; files are on the disk as long as they are read. */
    static TravellingTokenizer read(WireReader in) {
        List<Path> written = new ArrayList<>();
        try {
            Path folder = Files.createTempDirectory("rlhf4j-tokenizer");
            try {
                in.getList(from -> {
                    Path file = folder.resolve(from.getText());
                    if (!folder.equals(file.getParent())) {
                        throw new IllegalStateException("no name of a file: " + file);
                    }
                    written.add(file);
                    try {
                        return Files.write(file, from.getBytes());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
                return new TravellingTokenizer(HuggingFaceTokenizer.open(folder));
            } finally {
                for (Path file : written) {
                    Files.deleteIfExists(file);
                }
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a tokenizer's files in java.io.tmpdir", e);
        }
    }

    RecordTokenizer tokens(boolean splitSpecialTokens) {
        return new RecordTokenizer(tokenizer, ChatEncoder.NONE, splitSpecialTokens, false);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
