package io.github.rlhf4j.web.rank;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.ranking.Mode;
import io.github.rlhf4j.ranking.RankingProject;
import io.github.rlhf4j.ranking.RankingSettings;
import io.github.rlhf4j.web.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The projects of rankings in the folder rankings/, a folder each, opened when first asked for. Safe for several threads. */
public final class RankFolders implements AutoCloseable {
    private static final String VOTES = "chat-votes";
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9_.-]{0,59}";

    private final Path folder;
    private final Clock clock;
    private final Map<String, RankingProject> open = new LinkedHashMap<>();

    /** @param root where rankings/ is */
    public RankFolders(Path root, Clock clock) {
        this.folder = root.resolve("rankings");
        this.clock = clock;
    }

    /** Where a project is. */
    Path path(String name) {
        if (!name.matches(NAME)) {
            throw new UserError(
                    "a name of rankings has 1 to 60 letters, digits, -, _ and ., and begins with a letter or digit,"
                            + " but is "
                            + name);
        }
        return folder.resolve(name);
    }

    /** Begins one. */
    synchronized RankingProject create(String name, RankingSettings settings) {
        RankingProject project = RankingProject.create(path(name), settings, clock);
        open.put(name, project);
        return project;
    }

    /**
     * One of them.
     *
     * @throws UserError where there is none of that name
     */
    synchronized RankingProject get(String name) {
        RankingProject present = open.get(name);
        if (present != null) {
            return present;
        }
        if (!RankingProject.isOne(path(name))) {
            throw new UserError("there are no rankings called " + name);
        }
        RankingProject opened = RankingProject.open(path(name), clock);
        open.put(name, opened);
        return opened;
    }

    /** Where votes in chats go; begun with the first. */
    public synchronized RankingProject votes() {
        return RankingProject.isOne(path(VOTES)) ? get(VOTES) : create(VOTES, RankingSettings.of(Mode.PAIR, 0, 0, 0));
    }

    /** {@code [{"name", "mode", "items", "answers", "people"}]}, by name. */
    ArrayNode list() {
        ArrayNode list = Json.array();
        for (String name : names()) {
            try {
                RankingProject project = get(name);
                list.addObject()
                        .put("name", name)
                        .put("mode", project.settings().mode().text())
                        .put("items", project.items().size())
                        .put("answers", project.answers().size())
                        .put("people", project.people().size());
            } catch (UserError e) {
                list.addObject().put("name", name).put("error", e.getMessage());
            }
        }
        return list;
    }

    private List<String> names() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(folder)) {
            return folders.filter(RankingProject::isOne)
                    .map(path -> path.getFileName().toString())
                    .filter(name -> name.matches(NAME))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UserError(folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized void close() {
        open.values().forEach(RankingProject::close);
        open.clear();
    }
}
