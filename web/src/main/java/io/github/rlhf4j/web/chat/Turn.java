package io.github.rlhf4j.web.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.Routes;
import java.util.ArrayList;
import java.util.List;

/**
 * One or two answers while they are written. Keeps what has been said, so that a page that connects late, or again, hears all of it; several pages may listen. Safe for several threads.
 *
 * <p>Events: {@code piece} {side, text}; {@code done} {side, message}; {@code failed} {side, error}; then the end.
 */
final class Turn {
    private final String id;
    private final int sides;
    private final List<Said> said = new ArrayList<>();
    private final List<Routes.Sink> sinks = new ArrayList<>();
    private int ended;
    private volatile boolean stopped;

    /** @param sides how many answers are written */
    Turn(String id, int sides) {
        this.id = id;
        this.sides = sides;
    }

    private record Said(String event, ObjectNode data) {}

    String id() {
        return id;
    }

    /** Ends the answers with their next token. */
    void stop() {
        stopped = true;
    }

    boolean isStopped() {
        return stopped;
    }

    void piece(String side, String text) {
        say("piece", Json.object().put("side", side).put("text", text));
    }

    void done(String side, ObjectNode message) {
        ObjectNode data = Json.object().put("side", side);
        data.set("message", message);
        say("done", data);
        end();
    }

    void failed(String side, String error) {
        say("failed", Json.object().put("side", side).put("error", error));
        end();
    }

    private synchronized void say(String event, ObjectNode data) {
        sinks.forEach(sink -> sink.send(event, data));
        said.add(new Said(event, data));
    }

    private synchronized void end() {
        ended++;
        if (ended == sides) {
            sinks.forEach(Turn::end);
            sinks.clear();
            notifyAll();
        }
    }

    private static void end(Routes.Sink sink) {
        sink.send("end", Json.object());
        sink.end();
    }

    synchronized boolean isEnded() {
        return ended == sides;
    }

    /** Waits until all answers have ended, so long at most. */
    synchronized void awaitEnd(long milliseconds) throws InterruptedException {
        long until = System.nanoTime() + milliseconds * 1_000_000;
        for (long left = milliseconds; ended < sides && left > 0; left = (until - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
    }

    /** Tells a page all that was said and what will be. */
    synchronized AutoCloseable listen(Routes.Sink sink) {
        heardTogether().forEach(one -> sink.send(one.event(), one.data()));
        if (ended == sides) {
            end(sink);
            return () -> {};
        }
        sinks.add(sink);
        return () -> leave(sink);
    }

    /** What was said, all pieces of a side as one: a late listener is not told a long answer token by token. */
    private List<Said> heardTogether() {
        List<Said> together = new ArrayList<>();
        for (String side : List.of("A", "B")) {
            StringBuilder text = new StringBuilder();
            said.stream()
                    .filter(one -> one.event().equals("piece")
                            && one.data().path("side").asText().equals(side))
                    .forEach(one -> text.append(one.data().path("text").asText()));
            if (text.length() > 0) {
                together.add(new Said("piece", Json.object().put("side", side).put("text", text.toString())));
            }
        }
        said.stream().filter(one -> !one.event().equals("piece")).forEach(together::add);
        return together;
    }

    private synchronized void leave(Routes.Sink sink) {
        sinks.remove(sink);
    }
}
