package io.github.rlhf4j.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/** Reads a request's body, within limits of size and time. */
final class RequestBody {
    private static final long SLOWEST = 4096; // bytes a second, beside the patience
    private final Limits limits;

    RequestBody(Limits limits) {
        this.limits = limits;
    }

    /** @throws HttpFailure 413 where it is too large, 408 where it comes too slowly */
    byte[] read(Request request) {
        if (request.getLength() > limits.bodyBytes()) {
            throw tooLarge();
        }
        long start = System.nanoTime();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] part = new byte[16 << 10];
        InputStream in = Content.Source.asInputStream(request); // not closed, which would fail the request
        try {
            for (int read = in.read(part); read >= 0; read = in.read(part)) {
                body.write(part, 0, read);
                if (body.size() > limits.bodyBytes()) {
                    throw tooLarge();
                }
                long allowed = limits.patience().toNanos() + TimeUnit.SECONDS.toNanos(body.size()) / SLOWEST;
                if (System.nanoTime() - start > allowed) {
                    throw late();
                }
            }
        } catch (IOException e) {
            throw late();
        }
        return body.toByteArray();
    }

    private HttpFailure tooLarge() {
        return new HttpFailure(413, "the body must have at most " + limits.bodyBytes() + " bytes")
                .with("Connection", "close");
    }

    private static HttpFailure late() {
        return new HttpFailure(408, "the body came too slowly, or not whole").with("Connection", "close");
    }
}
