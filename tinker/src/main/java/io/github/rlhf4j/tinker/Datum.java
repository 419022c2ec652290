package io.github.rlhf4j.tinker;

import io.github.rlhf4j.core.UserError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;

/**
 * A sequence to train on, as the SDK sends it.
 *
 * @param tokens of the model's input
 * @param inputs of the loss, by name
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
record Datum(int[] tokens, Map<String, TensorValue> inputs) {
    static final String TARGETS = "target_tokens";
    static final String WEIGHTS = "weights";

    /** What is to follow each token; to be asked of a datum that {@link TokenLoss#check} has passed. */
    TensorValue targets() {
        TensorValue targets = inputs.get(TARGETS);
        if (targets == null) {
            throw new IllegalStateException("a datum without targets");
        }
        return targets;
    }

    /** Reads the SDK's message. */
    static Datum read(WireReader message) {
        int[] tokens = {};
        Map<String, TensorValue> inputs = new TreeMap<>();
        while (message.next()) {
            switch (message.field()) {
                case 1 -> tokens = concat(tokens, chunk(message.message()));
                case 2 -> input(message.message(), inputs);
                default -> message.skip(); // where tokens come from, which no loss here asks
            }
        }
        return new Datum(tokens, inputs);
    }

    private static int[] chunk(WireReader message) {
        int[] tokens = {};
        while (message.next()) {
            if (message.field() != 1) {
                throw new UserError("the model's input must be tokens alone: images and sounds are not supported");
            }
            WireReader text = message.message();
            while (text.next()) {
                if (text.field() == 1) {
                    tokens = concat(tokens, ints(text.bytes()));
                } else {
                    text.skip();
                }
            }
        }
        return tokens;
    }

    private static int[] ints(byte[] bytes) {
        if (bytes.length % Integer.BYTES != 0) {
            throw new UserError("the model's input must be int32 tokens");
        }
        int[] values = new int[bytes.length / Integer.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(values);
        return values;
    }

    private static void input(WireReader entry, Map<String, TensorValue> inputs) {
        String name = "";
        TensorValue value = TensorValue.of();
        while (entry.next()) {
            switch (entry.field()) {
                case 1 -> name = entry.text();
                case 2 -> value = TensorValue.read(entry.message(), name, name.equals(TARGETS) ? -1 : 0);
                default -> entry.skip();
            }
        }
        inputs.put(name, value);
    }

    private static int[] concat(int[] some, int[] more) {
        int[] all = java.util.Arrays.copyOf(some, some.length + more.length);
        System.arraycopy(more, 0, all, some.length, more.length);
        return all;
    }
}
