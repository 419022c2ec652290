package io.github.rlhf4j.web.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.ranking.AppendLog;
import io.github.rlhf4j.ranking.StoredJson;
import io.github.rlhf4j.web.Json;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A conversation as a tree: each message follows another; what is edited or tried again is a new branch, and nothing is lost. One file of JSON lines that only grows, each line on the disk before it is answered for.
 *
 * <p>Of two models that answered blind, names and settings are told after the vote alone. Safe for several threads.
 */
final class ChatTree implements AutoCloseable {
    private static final Set<String> HIDDEN = Set.of("model", "settings", "tokens", "swapped", "plain");
    private static final int TITLE = 60;

    private final AppendLog log;
    private final Clock clock;
    private final Map<String, ObjectNode> messages = new LinkedHashMap<>();
    private final Map<String, ObjectNode> votes = new LinkedHashMap<>(); // by turn

    private ChatTree(AppendLog log, Clock clock) {
        this.log = log;
        this.clock = clock;
    }

    /**
     * Opens a conversation, or begins one.
     *
     * @throws UserError where the file is damaged
     */
    static ChatTree open(Path file, Clock clock) {
        AppendLog log = AppendLog.open(file);
        try {
            ChatTree tree = new ChatTree(log, clock);
            log.linesAtOpening().forEach(tree::replay);
            return tree;
        } catch (RuntimeException e) {
            log.close();
            throw e;
        }
    }

    private void replay(StoredJson line) {
        if (line.text("event").equals("vote")) {
            line.name("turn");
            line.text("choice");
        } else {
            String parent = line.text("parent");
            if (messages.containsKey(line.name("id"))) {
                throw line.wrong("id", "another one than that of the lines before");
            }
            if (!parent.isEmpty() && !messages.containsKey(parent)) {
                throw line.wrong("parent", "the id of a line before, or empty"); // so that no message follows itself
            }
            line.name("role");
            line.text("content");
        }
        take(line.json());
    }

    private void take(ObjectNode line) {
        if (line.path("event").asText().equals("vote")) {
            votes.put(line.path("turn").asText(), line);
        } else {
            messages.put(line.path("id").asText(), line);
        }
    }

    /**
     * Adds a message.
     *
     * @param parent the message that it follows; empty: it begins the conversation
     * @param more what else is kept with it
     * @throws UserError where there is no such parent
     */
    synchronized ObjectNode add(String parent, String role, String content, ObjectNode more) {
        if (!parent.isEmpty()) {
            message(parent);
        }
        ObjectNode line = Json.object()
                .put("event", "message")
                .put("id", String.valueOf(messages.size() + 1))
                .put("parent", parent)
                .put("role", role)
                .put("content", content);
        line.setAll(more);
        line.put("at", now());
        log.append(List.of(line));
        take(line);
        return line;
    }

    private String now() {
        return Instant.now(clock).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /**
     * Keeps a vote on the two answers of a turn.
     *
     * @param choice A, B or tie; none where one of them failed
     * @throws UserError where there is one already
     */
    synchronized void vote(String turn, String choice, String person) {
        if (votes.containsKey(turn)) {
            throw new UserError("there is a vote on these two answers already");
        }
        ObjectNode line = Json.object()
                .put("event", "vote")
                .put("turn", turn)
                .put("choice", choice)
                .put("person", person)
                .put("at", now());
        log.append(List.of(line));
        take(line);
    }

    /** Says that there will be no vote on a turn. */
    synchronized void reveal(String turn) {
        if (!votes.containsKey(turn)) {
            vote(turn, "none", "");
        }
    }

    /** A message as it is kept. */
    synchronized ObjectNode message(String id) {
        ObjectNode found = messages.get(id);
        if (found == null) {
            throw new UserError("there is no message " + id + " in this conversation");
        }
        return found;
    }

    /** Both answers of a turn, A first. */
    synchronized List<ObjectNode> answers(String turn) {
        return messages.values().stream()
                .filter(line -> !turn.isEmpty() && line.path("turn").asText().equals(turn))
                .sorted(Comparator.comparing(line -> line.path("side").asText()))
                .toList();
    }

    /** The messages from the first to one, without an empty system message. */
    synchronized List<ChatMessage> conversation(String id) {
        List<ChatMessage> conversation = new ArrayList<>();
        for (String at = id; !at.isEmpty(); at = message(at).path("parent").asText()) {
            ObjectNode line = message(at);
            String role = line.path("role").asText();
            String content = line.path("content").asText();
            if (!role.equals("system") || !content.isEmpty()) {
                conversation.add(new ChatMessage(role, content));
            }
        }
        Collections.reverse(conversation);
        return conversation;
    }

    /** Messages and votes so far: more after each turn, also one that failed. */
    synchronized int size() {
        return messages.size() + votes.size();
    }

    /** All messages, as the page may see them. */
    synchronized ArrayNode json() {
        ArrayNode list = Json.array();
        messages.values().forEach(line -> list.add(shown(line)));
        return list;
    }

    /** A message as the page may see it. */
    synchronized ObjectNode shown(ObjectNode line) {
        String turn = line.path("turn").asText();
        JsonNode vote = votes.get(turn);
        ObjectNode shown = line.deepCopy();
        if (vote != null) {
            shown.put("vote", vote.path("choice").asText());
        } else if (line.path("blind").asBoolean()) {
            shown.remove(HIDDEN);
        }
        return shown;
    }

    /** What the list of conversations says of it: the beginning of the first thing that was asked. */
    synchronized ObjectNode summary() {
        String title = messages.values().stream()
                .filter(line -> line.path("role").asText().equals("user"))
                .map(line -> line.path("content").asText().strip())
                .findFirst()
                .orElse("");
        String last =
                messages.values().stream().map(line -> line.path("at").asText()).reduce("", (first, second) -> second);
        return Json.object()
                .put("title", cut(title))
                .put("messages", messages.size())
                .put("at", last);
    }

    private static String cut(String title) {
        return title.codePointCount(0, title.length()) > TITLE
                ? title.substring(0, title.offsetByCodePoints(0, TITLE - 1)) + "…"
                : title;
    }

    @Override
    public synchronized void close() {
        log.close();
    }
}
