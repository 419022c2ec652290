package io.github.rlhf4j.server;

import io.github.rlhf4j.core.files.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Files beside a class, such as pages and scripts: with a type, and an ETag so that a browser asks for each once. */
final class ClassPathFiles implements Handler {
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("html", "text/html; charset=utf-8"),
            Map.entry("js", "text/javascript; charset=utf-8"),
            Map.entry("mjs", "text/javascript; charset=utf-8"),
            Map.entry("css", "text/css; charset=utf-8"),
            Map.entry("json", "application/json"),
            Map.entry("map", "application/json"),
            Map.entry("txt", "text/plain; charset=utf-8"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("png", "image/png"),
            Map.entry("ico", "image/x-icon"),
            Map.entry("woff2", "font/woff2"));

    private final Class<?> anchor;
    private final String folder;
    private final Map<String, Entry> known = new ConcurrentHashMap<>(); // by name; only files that exist

    /** @param folder beside {@code anchor}, without a slash at its ends */
    ClassPathFiles(Class<?> anchor, String folder) {
        this.anchor = anchor;
        this.folder = folder;
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Entry(String type, byte[] bytes, String tag) {}

    @Override
    public Answer handle(Call call) throws IOException {
        return file(call.variable("file"), call);
    }

    Answer file(String name, Call call) throws IOException {
        Entry entry = entry(name).orElseThrow(() -> new HttpFailure(404, "there is no such page"));
        boolean same = call.header("if-none-match").orElse("").contains(entry.tag());
        Answer answer = same ? Answer.bytes(304, "", new byte[0]) : Answer.bytes(200, entry.type(), entry.bytes());
        return answer.with("ETag", entry.tag()).with("Cache-Control", "no-cache");
    }

    private Optional<Entry> entry(String name) throws IOException {
        Entry present = known.get(name);
        if (present != null) {
            return Optional.of(present);
        }
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type == null || !isPlain(name)) {
            return Optional.empty();
        }
        try (InputStream in = anchor.getResourceAsStream(folder + "/" + name)) {
            if (in == null) {
                return Optional.empty();
            }
            byte[] bytes = in.readAllBytes();
            Entry entry =
                    new Entry(type, bytes, "\"" + new Sha256().add(bytes).hex().substring(0, 32) + "\"");
            known.put(name, entry);
            return Optional.of(entry);
        }
    }

    /** Whether a name leads nowhere but down, by letters, digits, dots, minus and underscores. */
    private static boolean isPlain(String name) {
        for (String part : name.split("/", -1)) {
            if (!part.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*")) {
                return false;
            }
        }
        return true;
    }
}
