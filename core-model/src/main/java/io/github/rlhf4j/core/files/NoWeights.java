package io.github.rlhf4j.core.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Says in one line why a directory has no weights that can be read. */
final class NoWeights {
    private NoWeights() {}

    static String explain(Path directory) {
        List<String> names = names(directory);
        if (any(names, ".bin", ".pt", ".pth", ".ckpt")) {
            return directory + " holds its weights as pickle files, which can run code and are never read: write"
                    + " model.safetensors with transformers: model.save_pretrained(dir, safe_serialization=True)";
        }
        if (any(names, ".gguf")) {
            return directory + " holds its weights as GGUF: give the GGUF file itself instead of the folder";
        }
        if (any(names, ".h5", ".msgpack", ".onnx")) {
            return directory + " holds weights of another framework only: take the safetensors of the same model";
        }
        return directory + " has neither model.safetensors nor model.safetensors.index.json: give a model's directory";
    }

    private static boolean any(List<String> names, String... endings) {
        return names.stream().anyMatch(name -> Stream.of(endings).anyMatch(name::endsWith));
    }

    private static List<String> names(Path directory) {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.map(path -> path.getFileName().toString()).sorted().collect(Collectors.toList());
        } catch (IOException e) {
            return List.of();
        }
    }
}
