package io.github.rlhf4j.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Answers by key in a file that only grows: a line {"key":, "ranks":} each. A line that a kill left half-written, or that says no ranks, is passed over. Several processes may share it: what is there first
 * stands.
 */
final class AnswerFile {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path path;
    private final Map<String, List<Integer>> answers = new HashMap<>(); // never iterated
    private long read; // bytes

    private AnswerFile(Path path) {
        this.path = path;
    }

    static AnswerFile open(Path path) {
        AnswerFile file = new AnswerFile(path);
        if (Files.isRegularFile(path)) {
            file.locked(channel -> {});
        }
        return file;
    }

    Path path() {
        return path;
    }

    /** A known answer of {@code size} ranks. */
    Optional<List<Integer>> get(String key, int size) {
        return Optional.ofNullable(answers.get(key)).filter(ranks -> ranks.size() == size);
    }

    /** Appends those that nobody has answered meanwhile; they are on the disk when this returns. */
    void add(Map<String, List<Integer>> more) {
        locked(channel -> {
            StringBuilder lines = new StringBuilder();
            for (Map.Entry<String, List<Integer>> answer : more.entrySet()) {
                boolean isNew = get(answer.getKey(), answer.getValue().size()).isEmpty();
                if (isNew) {
                    answers.put(answer.getKey(), answer.getValue());
                    lines.append(line(answer.getKey(), answer.getValue())).append('\n');
                }
            }
            append(channel, lines.toString());
        });
    }

    private static String line(String key, List<Integer> ranks) {
        ObjectNode node = MAPPER.createObjectNode().put("key", key);
        ranks.forEach(node.putArray("ranks")::add);
        return node.toString();
    }

    private void append(FileChannel channel, String lines) throws IOException {
        boolean isWhole = channel.size() == 0 || lastByte(channel) == '\n';
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(isWhole ? lines : "\n" + lines);
        channel.position(channel.size());
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        channel.force(false);
        read = channel.size();
    }

    private static byte lastByte(FileChannel channel) throws IOException {
        ByteBuffer last = ByteBuffer.allocate(1);
        channel.read(last, channel.size() - 1);
        return last.get(0);
    }

    private interface Action {
        void run(FileChannel channel) throws IOException;
    }

    /** Reads what others have added and then acts, while no other process does. */
    private void locked(Action action) {
        synchronized (AnswerFile.class) {
            try {
                Files.createDirectories(path.toAbsolutePath().getParent());
                try (FileChannel channel = FileChannel.open(
                        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    channel.lock(); // until the channel is closed
                    readNew(channel);
                    action.run(channel);
                }
            } catch (IOException e) {
                throw new UserError(
                        "the answers of judges cannot be kept in " + path + ": " + e
                                + "; RLHF4J_CACHE_DIR names another folder",
                        e);
            }
        }
    }

    private void readNew(FileChannel channel) throws IOException {
        if (channel.size() < read) {
            read = 0; // somebody made it shorter
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size() - read));
        while (bytes.hasRemaining() && channel.read(bytes, read + bytes.position()) > 0) {}
        for (String line : new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).split("\n")) {
            remember(line);
        }
        read = channel.size();
    }

    private void remember(String line) {
        try {
            JsonNode node = MAPPER.readTree(line);
            List<Integer> ranks = new ArrayList<>();
            for (JsonNode rank : node.path("ranks")) {
                ranks.add(rank.canConvertToInt() ? rank.intValue() : 0);
            }
            boolean isSound = node.path("key").isTextual()
                    && ranks.size() >= 2
                    && ranks.stream().allMatch(rank -> rank >= 1);
            if (isSound) {
                answers.putIfAbsent(node.get("key").textValue(), List.copyOf(ranks));
            }
        } catch (JsonProcessingException e) {
            // half a line, which a kill left behind: its question is asked again
        }
    }
}
