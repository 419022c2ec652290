package io.github.rlhf4j.core.stage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A stage's lines for the person who watches, which stay in messages.jsonl: {@code {"level": "note"|"warning"|"check", "message": ...}}, a check with {@code "passed"}. A resumed stage continues with the
 * file and does not repeat what is in it.
 */
final class StageMessages implements AutoCloseable {
    private final String stage;
    private final Console console;
    private final Path file;
    private final boolean resumed;
    private final Set<Map<String, Object>> known = new HashSet<>();
    private @Nullable JsonLines lines;
    private StageListener listener = StageListener.NONE;

    StageMessages(String stage, Console console, Path directory, boolean resumed) {
        this.stage = stage;
        this.console = console;
        this.file = directory.resolve("messages.jsonl");
        this.resumed = resumed;
    }

    void listen(StageListener newListener) {
        listener = newListener;
    }

    void note(String line) {
        console.line("[" + stage + "] " + line);
        keep(StageListener.Level.NOTE, line, Map.of());
    }

    void warn(String line) {
        console.warning("[" + stage + "] " + line);
        keep(StageListener.Level.WARNING, line, Map.of());
    }

    void check(String what, boolean passed, String detail) {
        console.line("[" + stage + "] self-check " + (passed ? "ok    " : "FAILED ") + what + ": " + detail);
        keep(StageListener.Level.CHECK, what + ": " + detail, Map.of("passed", passed));
    }

    private void keep(StageListener.Level level, String message, Map<String, Object> more) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("level", level.name().toLowerCase(Locale.ROOT));
        line.put("message", message);
        line.putAll(more);
        JsonLines open = lines == null ? open() : lines;
        lines = open;
        if (known.add(line)) {
            open.write(line);
        }
        listener.onMessage(level, message);
    }

    private JsonLines open() {
        return JsonLines.open(file, resumed && Files.isRegularFile(file) ? wholeLines() : 0);
    }

    /** Bytes of the lines that are whole; what they say is known. */
    private long wholeLines() {
        try {
            String text = Files.readString(file);
            String whole = text.substring(0, text.lastIndexOf('\n') + 1);
            whole.lines().forEach(this::know);
            return whole.getBytes(StandardCharsets.UTF_8).length;
        } catch (CharacterCodingException e) {
            throw new UserError(
                    file + " is damaged: it is no UTF-8; put it back, or run the stage again: --from " + stage, e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private void know(String line) {
        try {
            known.add(new ObjectMapper().readValue(line, new TypeReference<Map<String, Object>>() {}));
        } catch (JsonProcessingException e) {
            // not a line of ours: nothing that would be repeated
        }
    }

    void sync() {
        if (lines != null) {
            lines.sync();
        }
    }

    @Override
    public void close() {
        if (lines != null) {
            lines.close();
        }
    }
}
