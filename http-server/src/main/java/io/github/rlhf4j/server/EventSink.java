package io.github.rlhf4j.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.eclipse.jetty.io.Content;

/** Where a stream of server-sent events is written. Used by one thread. Each event is sent at once; a client that does not read blocks the writer until it has waited too long. */
public final class EventSink {
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Content.Sink output;
    private final Client client;
    private final Stopping stopping;

    EventSink(Content.Sink output, Client client, Stopping stopping) {
        this.output = output;
        this.client = client;
        this.stopping = stopping;
    }

    /** An event whose data are a value as JSON. */
    public void json(Object value) throws IOException {
        write(line(Json.bytes(value)));
    }

    /** A named event whose data are a value as JSON. */
    public void json(String event, Object value) throws IOException {
        send(event, new String(Json.bytes(value), StandardCharsets.UTF_8));
    }

    /** An event without a name. */
    public void send(String data) throws IOException {
        write(data(data));
    }

    /**
     * A named event.
     *
     * @param event one word
     */
    public void send(String event, String data) throws IOException {
        write("event: " + event + "\n" + data(data));
    }

    /** A comment, which keeps the connection alive. */
    public void keepAlive() throws IOException {
        write(":\n\n");
    }

    private static String data(String data) {
        return "data: " + data.replace("\r\n", "\n").replace('\r', '\n').replace("\n", "\ndata: ") + "\n\n";
    }

    /** JSON is one line: line ends within its texts are escaped. */
    private static ByteBuffer line(byte[] json) {
        return ByteBuffer.allocate(DATA.length + json.length + END.length)
                .put(DATA)
                .put(json)
                .put(END)
                .flip();
    }

    private void write(String text) throws IOException {
        write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private void write(ByteBuffer event) throws IOException {
        Content.Sink.write(output, false, event);
    }

    /** Whether somebody listens and the server goes on. */
    public boolean isOpen() {
        return !stopping.isStopping() && !isGone();
    }

    /** Whether the client has closed its connection. */
    public boolean isGone() {
        return client.isGone();
    }

    /**
     * Waits, but not for what will not come.
     *
     * @return whether to go on: {@link #isOpen} afterwards
     */
    public boolean pause(Duration time) throws InterruptedException {
        return !stopping.await(time) && !isGone();
    }
}
