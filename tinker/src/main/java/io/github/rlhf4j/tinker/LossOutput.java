package io.github.rlhf4j.tinker;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What forward and forward_backward give: the log-probs of each datum, and metrics. */
final class LossOutput {
    private static final String TYPE = "ArrayRecord";
    private static final int FLOAT32 = 1;

    private LossOutput() {}

    /**
     * The SDK's message.
     *
     * @param byDatum the parts of each
     */
    static byte[] bytes(List<List<Part>> byDatum, Map<String, Double> metrics) {
        Wire message = new Wire().text(1, TYPE);
        List<List<Part>> alike = new ArrayList<>(); // data that follow each other with as many targets a position
        for (List<Part> parts : byDatum) {
            if (!alike.isEmpty() && !shape(alike.get(0)).equals(shape(parts))) {
                message.message(2, logProbs(alike));
                alike.clear();
            }
            alike.add(parts);
        }
        message.message(2, logProbs(alike));
        metrics.forEach(
                (name, value) -> message.message(3, new Wire().text(1, name).number(2, value)));
        return message.toBytes();
    }

    private static List<Integer> shape(List<Part> parts) {
        return parts.get(0).datum().targets().isMatrix() ? List.of(parts.size()) : List.of();
    }

    private static Wire logProbs(List<List<Part>> data) {
        ByteArrayOutputStream numbers = new ByteArrayOutputStream();
        long[] offsets = new long[data.size() + 1];
        for (int i = 0; i < data.size(); i++) {
            numbers.writeBytes(Wire.floats(rows(data.get(i))));
            offsets[i + 1] = numbers.size();
        }
        Wire tensor = new Wire()
                .bytes(1, numbers.toByteArray())
                .bytes(2, Wire.longs(offsets))
                .varint(3, FLOAT32);
        shape(data.get(0)).forEach(size -> tensor.varint(4, size));
        return new Wire()
                .text(1, TYPE)
                .message(2, new Wire().text(1, "logprobs").message(2, tensor))
                .varint(3, data.size());
    }

    /** Position after position. */
    private static float[] rows(List<Part> parts) {
        int rows = parts.get(0).logProbs().length;
        float[] values = new float[rows * parts.size()];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < parts.size(); column++) {
                values[row * parts.size() + column] = parts.get(column).logProbs()[row];
            }
        }
        return values;
    }
}
