package io.github.rlhf4j.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Answers that others gave, by the content of the question, in a file that only grows: {@code answers/NAME.jsonl} in a stage's folder. A resumed stage, which asks the same again, has them from there.
 *
 * <p>Answers come in any order, but lie in the order of the questions, so that the same run leaves the same bytes. Each is on the disk, in a second file, as soon as it has {@linkplain #arrived come}; when all
 * questions of a call have been answered, they are {@linkplain #settle moved} to the first. A line that a kill left half-written is passed over.
 *
 * <p>Safe for several threads; one object for a file.
 */
public final class KeptAnswers {
    private static final String FOLDER = "answers";

    private final Path file;
    private final Path arriving;
    private final Map<String, JsonNode> answers = new HashMap<>(); // never iterated
    private final Map<String, JsonNode> unsettled = new LinkedHashMap<>();

    private KeptAnswers(Path file) {
        this.file = file;
        this.arriving = file.resolveSibling(file.getFileName() + ".arriving");
    }

    /**
     * Those of a stage.
     *
     * @param directory the stage's folder
     * @param name who is asked
     */
    public static KeptAnswers of(Path directory, String name) {
        KeptAnswers kept =
                new KeptAnswers(directory.resolve(FOLDER).resolve(name.replaceAll("[^A-Za-z0-9_.-]", "_") + ".jsonl"));
        kept.read(kept.file, kept.answers);
        kept.read(kept.arriving, kept.unsettled);
        return kept;
    }

    /** The key of a question: everything that its answer depends on. */
    public static String key(String... texts) {
        Sha256 digest = new Sha256();
        Stream.of(texts).forEach(text -> digest.add(text.length() + ":").add(text));
        return digest.hex();
    }

    /** The answer to a question that has been asked before. */
    public synchronized Optional<JsonNode> get(String key) {
        return Optional.ofNullable(answers.get(key)).or(() -> Optional.ofNullable(unsettled.get(key)));
    }

    /** Keeps an answer that has just come. What is there first stands. */
    public synchronized void arrived(String key, JsonNode answer) {
        if (get(key).isEmpty()) {
            unsettled.put(key, answer);
            append(arriving, line(key, answer));
        }
    }

    /** Says that the questions with these keys, in this order, have been answered. */
    public synchronized void settle(Collection<String> keys) {
        StringBuilder lines = new StringBuilder();
        for (String key : keys) {
            JsonNode answer = unsettled.remove(key);
            if (answer != null && answers.putIfAbsent(key, answer) == null) {
                lines.append(line(key, answer));
            }
        }
        if (lines.length() > 0) {
            append(file, lines.toString());
        }
        if (unsettled.isEmpty()) {
            try {
                Files.deleteIfExists(arriving);
            } catch (IOException e) {
                throw failure(e);
            }
        }
    }

    /** How many are known. */
    public synchronized int size() {
        return answers.size() + unsettled.size();
    }

    private static String line(String key, JsonNode answer) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("key", key);
        node.set("answer", answer);
        return node + "\n";
    }

    private void append(Path to, String lines) {
        try {
            Path folder = Objects.requireNonNull(to.toAbsolutePath().getParent());
            AtomicFiles.createDirectories(folder);
            boolean isNew = !Files.exists(to, LinkOption.NOFOLLOW_LINKS);
            try (FileChannel channel = FileChannel.open(
                    to,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS)) {
                channel.position(wholeLines(channel));
                ByteBuffer bytes = StandardCharsets.UTF_8.encode(lines);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.truncate(channel.position());
                channel.force(false);
            }
            if (isNew) { // its name is on the disk, too
                AtomicFiles.forceDirectory(folder);
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Where the last whole line ends: half of one, which a kill left, is overwritten. */
    private static long wholeLines(FileChannel channel) throws IOException {
        ByteBuffer last = ByteBuffer.allocate(1);
        for (long end = channel.size(); end > 0; end--) {
            channel.read(last.clear(), end - 1);
            if (last.get(0) == '\n') {
                return end;
            }
        }
        return 0;
    }

    private void read(Path from, Map<String, JsonNode> known) {
        if (!Files.isRegularFile(from)) {
            return;
        }
        try {
            byte[] bytes = Files.readAllBytes(from);
            int begin = 0;
            for (int at = 0; at < bytes.length; at++) {
                if (bytes[at] == '\n') {
                    remember(ByteBuffer.wrap(bytes, begin, at - begin), known);
                    begin = at + 1;
                }
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private static void remember(ByteBuffer line, Map<String, JsonNode> known) {
        try {
            JsonNode node = JsonPost.MAPPER.readTree(
                    StandardCharsets.UTF_8.newDecoder().decode(line).toString());
            if (node.path("key").isTextual() && node.has("answer")) {
                known.putIfAbsent(node.get("key").textValue(), node.get("answer"));
            }
        } catch (JsonProcessingException | CharacterCodingException e) {
            // damaged, or half a line that a power cut left behind: its question is asked again
        }
    }

    private UserError failure(IOException e) {
        return new UserError("answers cannot be kept in " + file + ": " + e, e);
    }
}
