package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.FileFailure;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A result as it travels: with its digest, so that what was damaged on the way is computed again. What a task throws is a result too: it would throw it anywhere.
 *
 * @param outcome what the payload is
 * @param units of work that were done
 * @param payload the result's bytes, or the message
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
record Envelope(Outcome outcome, long units, byte[] payload) {
    /** How a task ended. */
    enum Outcome {
        RESULT,
        USER_ERROR,
        /** A file that cannot be read or written: a full disk, a folder that a worker does not see. */
        FILE,
        FAILURE
    }

    static Envelope failure(Throwable thrown) {
        String message = String.valueOf(thrown.getMessage());
        if (thrown instanceof UserError) {
            return failure(Outcome.USER_ERROR, message);
        }
        if (thrown instanceof UncheckedIOException && thrown.getCause() instanceof IOException cause) {
            return failure(Outcome.FILE, FileFailure.said(message, cause));
        }
        return failure(Outcome.FAILURE, thrown.toString());
    }

    private static Envelope failure(Outcome outcome, String message) {
        return new Envelope(outcome, 0, new WireWriter().putText(message).bytes());
    }

    byte[] bytes() {
        byte[] body = new WireWriter()
                .putInt(outcome.ordinal())
                .putLong(units)
                .putBytes(payload)
                .bytes();
        return new WireWriter()
                .putText(new Sha256().add(body).hex())
                .putBytes(body)
                .bytes();
    }

    /**
     * Opens one.
     *
     * @throws IllegalStateException where the bytes are not those that were sent
     */
    static Envelope open(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        String digest = in.getText();
        byte[] body = in.getBytes();
        in.end();
        if (!digest.equals(new Sha256().add(body).hex())) {
            throw new IllegalStateException("a result was damaged on its way");
        }
        WireReader inner = new WireReader(body);
        int outcome = inner.getInt();
        if (outcome < 0 || outcome >= Outcome.values().length) {
            throw new IllegalStateException("a result is of kind " + outcome + ", which there is none of");
        }
        Envelope envelope = new Envelope(Outcome.values()[outcome], inner.getLong(), inner.getBytes());
        inner.end();
        return envelope;
    }

    String message() {
        return new WireReader(payload).getText();
    }
}
