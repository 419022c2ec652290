package io.github.rlhf4j.gguf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.GgufWeights;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.files.UserCache;
import io.github.rlhf4j.core.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A GGUF file as a model's folder: config.json, tokenizer and chat template made of its metadata, and a link to the file,
 * whose numbers stay where they are and are expanded as they are read.
 */
public final class GgufModel {
    private static final String FORMAT = "1"; // of the folders: another one where they are made otherwise
    private static final String ENDING = ".gguf";

    private GgufModel() {}

    /** Whether a path is meant to be such a file. */
    public static boolean isOne(Path given) {
        return given.toString().endsWith(ENDING) && Files.isRegularFile(given);
    }

    /**
     * Its folder, in the user's cache, made where it is not there.
     *
     * @throws UserError where the file is malformed or no model that the engine can compute
     */
    public static Path folder(Path file) {
        return folder(file, UserCache.folder("gguf"));
    }

    /** The same in a folder of the caller's. */
    public static Path folder(Path file, Path parent) {
        Path real = file.toAbsolutePath().normalize();
        try (GgufFile open = GgufFile.open(file)) {
            String key = new Sha256()
                    .add(FORMAT + "\n" + real + "\n")
                    .add(real, open.headerBytes())
                    .hex();
            String name = String.valueOf(file.getFileName());
            Path folder =
                    parent.resolve(name.substring(0, name.length() - ENDING.length()) + "-" + key.substring(0, 16));
            if (!Files.isRegularFile(folder.resolve("config.json"))) {
                AtomicFiles.writeDirectory(folder, into -> write(open, into));
            }
            link(folder.resolve(GgufWeights.FILE), real);
            return folder;
        }
    }

    private static void write(GgufFile file, Path into) throws IOException {
        TokenizerFromGguf tokenizer = new TokenizerFromGguf(file.metadata());
        tokenizer.write(into);
        ObjectNode ids = JsonNodeFactory.instance.objectNode();
        tokenizer.bosId().ifPresent(id -> ids.put("bos_token_id", id));
        List<Integer> stops = tokenizer.stopIds();
        if (stops.size() == 1) {
            ids.put("eos_token_id", stops.get(0));
        } else if (!stops.isEmpty()) {
            ArrayNode all = ids.putArray("eos_token_id");
            stops.forEach(all::add);
        }
        tokenizer.padId().ifPresent(id -> ids.put("pad_token_id", id));
        HuggingFaceConfig config = config(file);
        for (String key : List.of("bos_token_id", "eos_token_id", "pad_token_id")) {
            if (ids.has(key)) {
                config = config.with(key, ids.get(key).isArray() ? IntNode.valueOf(stops.get(0)) : ids.get(key));
            }
        }
        AtomicFiles.writeString(into.resolve("generation_config.json"), ids.toPrettyString() + "\n");
        config.write(into.resolve("config.json"));
    }

    private static HuggingFaceConfig config(GgufFile file) {
        try {
            return new ConfigFromGguf(file).read();
        } catch (UserError e) {
            String message = String.valueOf(e.getMessage());
            String source = file.path().toString();
            throw message.startsWith(source) ? e : new UserError(source + ": " + message, e);
        }
    }

    private static void link(Path link, Path file) {
        try {
            if (Files.exists(link) && Files.isSameFile(link, file)) {
                return;
            }
            Files.deleteIfExists(link);
            try {
                Files.createSymbolicLink(link, file);
            } catch (UnsupportedOperationException | IOException e) {
                Files.createLink(link, file); // Windows, without the right to make symbolic ones
            }
        } catch (UnsupportedOperationException | IOException e) {
            throw new UserError("cannot make " + link + ", a link to " + file + ": " + e.getMessage(), e);
        }
    }
}
