package io.github.rlhf4j.testing.disk;

import io.github.rlhf4j.core.files.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Contents of files by their digest, in a folder of their own. */
final class Contents {
    private final Path folder;

    Contents(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /** Keeps what a file holds now; its digest. */
    String put(Path file) throws IOException {
        return put(Files.readAllBytes(file));
    }

    String put(byte[] bytes) throws IOException {
        String digest = new Sha256().add(bytes).hex();
        Path kept = folder.resolve(digest);
        if (!Files.exists(kept)) {
            Files.write(kept, bytes);
        }
        return digest;
    }

    byte[] get(String digest) throws IOException {
        return Files.readAllBytes(folder.resolve(digest));
    }
}
