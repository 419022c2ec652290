package io.github.rlhf4j.pipeline.attention;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.charts.Texts;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.ModelConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Objects;

/** The page: a template beside this class, filled with the numbers as JSON. */
final class AttentionPage {
    private static final long MOST_BYTES = 64L << 20;

    private AttentionPage() {}

    /** Throws where the page would be too large for a browser. */
    static void requireRoom(ModelConfig config, int tokens, int layers) {
        long ofLayer = 4L * tokens * config.queryKeyValueWidth() + 2L * config.heads() * tokens * (tokens + 1);
        long bytes = layers * ofLayer * 4 / 3;
        if (bytes > MOST_BYTES) {
            throw new UserError(String.format(
                    Locale.ROOT,
                    "--attention: %d layers of %d tokens make a page of %.0f MB, and it may have %d; look at fewer"
                            + " layers, such as --layers 0-%d, or a shorter text",
                    layers,
                    tokens,
                    bytes / 1e6,
                    MOST_BYTES >> 20,
                    Math.max(0, MOST_BYTES * 3 / 4 / ofLayer - 1)));
        }
    }

    static String of(AttentionInspection inspection) {
        return template()
                .replace(
                        "{{title}}",
                        Texts.escape("Attention of " + inspection.model()).replace("{", "&#123;"))
                .replace(
                        "{{checked}}",
                        String.format(
                                Locale.ROOT,
                                "From these numbers, in double precision, the result of attention is the model's own"
                                        + " within %.1e.",
                                inspection.largestDifference()))
                .replace("{{data}}", data(inspection).toString().replace("<", "\\u003c"));
    }

    private static ObjectNode data(AttentionInspection inspection) {
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        data.put("model", inspection.model());
        ArrayNode tokens = data.putArray("tokens");
        inspection.tokens().forEach(tokens::add);
        ArrayNode ids = data.putArray("ids");
        for (int id : inspection.ids()) {
            ids.add(id);
        }
        ArrayNode layers = data.putArray("layers");
        for (int index = 0; index < inspection.layers().size(); index++) {
            LayerAttention layer = inspection.layers().get(index);
            layers.addObject()
                    .put("layer", inspection.numbers().get(index))
                    .put("heads", layer.layout().heads())
                    .put("key_value_heads", layer.layout().keyValueHeads())
                    .put("head_dim", layer.layout().headDim())
                    .put("scale", layer.layout().scale())
                    .put("window", layer.layout().window())
                    .put("query_key_value", base64(layer.queryKeyValue()))
                    .put("weights", base64(weights(layer)));
        }
        return data;
    }

    /** Of each head, of each token, the weights of the tokens up to itself: H T (T + 1) / 2 numbers. */
    private static float[] weights(LayerAttention layer) {
        int tokens = layer.tokens();
        float[] all = new float[layer.layout().heads() * tokens * (tokens + 1) / 2];
        int at = 0;
        for (int head = 0; head < layer.layout().heads(); head++) {
            for (int query = 0; query < tokens; query++) {
                double[] weights = layer.weights(head, query);
                for (int key = 0; key <= query; key++) {
                    all[at++] = (float) weights[key];
                }
            }
        }
        return all;
    }

    private static String base64(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    private static String template() {
        try (InputStream file =
                Objects.requireNonNull(AttentionPage.class.getResourceAsStream("attention.html"), "attention.html")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
