package io.github.rlhf4j.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.server.EventSink;
import io.github.rlhf4j.server.EventSource;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Events of other threads on their way to one listener, in the listener's thread. One that is too slow is cut off; a browser then asks again, and is told everything anew. */
final class EventStream implements EventSource {
    private static final int MOST_WAITING = 5_000;
    private static final long LOOK_MILLIS = 500;
    private static final int LOOKS_UNTIL_ALIVE = 20;

    private final Function<Routes.Sink, AutoCloseable> beginning;
    private final BlockingQueue<Event> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private volatile boolean ended;

    EventStream(Function<Routes.Sink, AutoCloseable> beginning) {
        this.beginning = beginning;
    }

    private record Event(String name, JsonNode data) {}

    /** Takes events from any thread. */
    private final class Mailbox implements Routes.Sink {
        @Override
        public void send(String event, JsonNode data) {
            if (!waiting.offer(new Event(event, data))) {
                ended = true;
            }
        }

        @Override
        public void end() {
            ended = true;
        }
    }

    @Override
    public void run(EventSink events) throws IOException, InterruptedException {
        AutoCloseable watch = beginning.apply(new Mailbox());
        try {
            events.keepAlive(); // so that the listener knows that it is heard
            for (int looks = 1; events.isOpen() && !(ended && waiting.isEmpty()); looks++) {
                Event event = waiting.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (event != null) {
                    events.json(event.name(), event.data());
                } else if (looks % LOOKS_UNTIL_ALIVE == 0) {
                    events.keepAlive();
                }
            }
        } finally {
            close(watch);
        }
    }

    private static void close(AutoCloseable watch) {
        try {
            watch.close();
        } catch (Exception e) {
            throw new IllegalStateException("a listener could not be let go", e);
        }
    }
}
