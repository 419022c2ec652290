package io.github.rlhf4j.filter.robots;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.io.DataFile;
import io.github.rlhf4j.datasets.io.ReadOptions;
import io.github.rlhf4j.datasets.io.Row;
import io.github.rlhf4j.datasets.io.RowSource;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The robots.txt files of many hosts: rows with {@code url}, {@code domain} or {@code host}, {@code robots} (the file's text) and perhaps {@code status} (the server's answer), or texts in files called as the host, such as {@code
 * example.com.txt}. A host without a file allows everything, as does one that answered 4xx; one that answered 5xx allows nothing (RFC 9309, section 2.3.1).
 */
public final class RobotsFiles {
    private static final List<String> HOST_COLUMNS = List.of("url", "domain", "host");
    private static final List<String> TEXT_COLUMNS = List.of("robots", "robots_txt", "text", "content");
    private static final int CLIENT_ERROR = 400;
    private static final int SERVER_ERROR = 500;

    private final Map<String, RobotsTxt> byHost = new HashMap<>();

    /**
     * Reads files of rows or of texts.
     *
     * @throws UserError naming file and line of what is no such row
     */
    public static RobotsFiles read(List<DataFile> files) {
        RobotsFiles robots = new RobotsFiles();
        for (DataFile file : files) {
            String name = String.valueOf(file.path().getFileName());
            boolean isText = name.matches("(?i).*\\.(txt|text)");
            try (RowSource rows = file.rows(ReadOptions.ALL)) {
                while (rows.hasNext()) {
                    Row row = rows.next();
                    if (isText) {
                        String host = name.substring(0, name.lastIndexOf('.'));
                        robots.put(host(host, row), row.columns().path("text").asText());
                    } else {
                        robots.put(row);
                    }
                }
            }
        }
        return robots;
    }

    /** Adds the file of a host. */
    public void put(String host, String text) {
        byHost.put(host, RobotsTxt.parse(text));
    }

    private void put(Row row) {
        ObjectNode columns = row.columns();
        String given = first(HOST_COLUMNS, row)
                .filter(JsonNode::isTextual)
                .orElseThrow(() -> wrong(row, "needs a text in one of the columns " + HOST_COLUMNS))
                .textValue();
        String host = host(given, row);
        int status = columns.path("status").asInt(0);
        if (status >= SERVER_ERROR) {
            byHost.put(host, RobotsTxt.allowingNothing());
        } else if (status >= CLIENT_ERROR) {
            byHost.put(host, RobotsTxt.allowingAll());
        } else {
            put(
                    host,
                    first(TEXT_COLUMNS, row)
                            .filter(JsonNode::isTextual)
                            .orElseThrow(
                                    () -> wrong(row, "needs robots.txt's text in one of the columns " + TEXT_COLUMNS))
                            .textValue());
        }
    }

    private static Optional<JsonNode> first(List<String> names, Row row) {
        return names.stream()
                .map(name -> row.columns().path(name))
                .filter(value -> !value.isMissingNode() && !value.isNull())
                .findFirst();
    }

    private static String host(String given, Row row) {
        return WebAddress.host(given).orElseThrow(() -> wrong(row, "\"" + given + "\" is no address and no host"));
    }

    private static UserError wrong(Row row, String what) {
        return new UserError(Path.of(row.file()) + " line " + row.line() + ": a record of robots.txt " + what);
    }

    /** Hosts whose file is known. */
    public int size() {
        return byHost.size();
    }

    /** Whether a crawler may fetch an address; what is none may be. */
    public boolean allows(String agent, String url) {
        Optional<RobotsTxt> robots = WebAddress.host(url).map(byHost::get);
        return robots.isEmpty() || robots.get().allows(agent, url);
    }

    /** Writes them. */
    public void write(WireWriter out) {
        out.putList(List.copyOf(new TreeMap<>(byHost).entrySet()), (to, host) -> {
            to.putText(host.getKey());
            host.getValue().write(to);
        });
    }

    /** Reads what {@link #write} wrote. */
    public static RobotsFiles read(WireReader in) {
        RobotsFiles robots = new RobotsFiles();
        in.getList(from -> robots.byHost.put(from.getText(), RobotsTxt.read(from)));
        return robots;
    }
}
