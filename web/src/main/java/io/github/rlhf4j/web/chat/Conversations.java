package io.github.rlhf4j.web.chat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.web.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The conversations in a folder, a file each. Safe for several threads. */
final class Conversations implements AutoCloseable {
    private static final String ENDING = ".jsonl";
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);
    private static final int MOST_LISTED = 200;

    private final Path folder;
    private final Clock clock;
    private final Map<String, ChatTree> open = new LinkedHashMap<>();

    Conversations(Path folder, Clock clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /** Begins one, and gives its id. */
    synchronized String begin() {
        String time = LocalDateTime.ofInstant(clock.instant(), ZoneOffset.UTC).format(NAME);
        String id = time;
        for (int number = 2; Files.exists(file(id)); number++) {
            id = time + "-" + number;
        }
        open.put(id, ChatTree.open(file(id), clock));
        return id;
    }

    private Path file(String id) {
        return folder.resolve(id + ENDING);
    }

    /**
     * One of them.
     *
     * @throws UserError where there is none of that id
     */
    synchronized ChatTree get(String id) {
        ChatTree present = open.get(id);
        if (present != null) {
            return present;
        }
        if (!id.matches("[0-9]{8}-[0-9]{6}(-[0-9]{1,6})?") || !Files.isRegularFile(file(id))) {
            throw new UserError("there is no conversation " + id);
        }
        ChatTree opened = ChatTree.open(file(id), clock);
        open.put(id, opened);
        return opened;
    }

    /** {@code [{"id", "title", "messages", "at"}]}, the newest first. */
    ArrayNode list() {
        ArrayNode list = Json.array();
        for (String id : ids()) {
            ObjectNode line = Json.object().put("id", id);
            line.setAll(get(id).summary());
            if (line.path("messages").asInt() > 0) {
                list.add(line);
            }
        }
        return list;
    }

    private List<String> ids() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(ENDING))
                    .map(name -> name.substring(0, name.length() - ENDING.length()))
                    .sorted(Comparator.reverseOrder())
                    .limit(MOST_LISTED)
                    .toList();
        } catch (IOException e) {
            throw new UserError(folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized void close() {
        open.values().forEach(ChatTree::close);
        open.clear();
    }
}
