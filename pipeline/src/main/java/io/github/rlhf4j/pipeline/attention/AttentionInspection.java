package io.github.rlhf4j.pipeline.attention;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.KeyValueSink;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.SelfCheckFailure;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A forward pass over a text, and what each head of each layer attends to in it. */
public final class AttentionInspection {
    /** How far the model's own result may be from the weighted sums, beside the size of its numbers. */
    private static final double TOLERANCE = 1e-5;

    private final String model;
    private final int[] ids;
    private final List<String> tokens;
    private final List<Integer> numbers; // of the layers that are looked at
    private final List<LayerAttention> layers;

    private AttentionInspection(
            String model, int[] ids, List<String> tokens, List<Integer> numbers, List<LayerAttention> layers) {
        this.model = model;
        this.ids = ids;
        this.tokens = tokens;
        this.numbers = numbers;
        this.layers = layers;
    }

    /**
     * Looks at a text.
     *
     * @param name of the model, for the reader
     * @param numbers of the layers to look at; empty: all
     * @throws UserError where the text has no tokens or more than the model's context, or a layer is not there
     * @throws SelfCheckFailure where the weights that are shown are not those that the model computed with
     */
    public static AttentionInspection of(
            String name, Transformer transformer, Tokenizer tokenizer, String text, List<Integer> numbers) {
        return of(name, transformer, tokenizer, tokenizer.encode(text, true, false), numbers);
    }

    /** As the other, of tokens, such as those of a conversation. */
    public static AttentionInspection of(
            String name, Transformer transformer, Tokenizer tokenizer, int[] ids, List<Integer> numbers) {
        ModelConfig config = transformer.config();
        for (int number : numbers) {
            if (number >= config.layers()) {
                throw new UserError(
                        "--layers: there is no layer " + number + ": they are 0 to " + (config.layers() - 1));
            }
        }
        if (ids.length == 0) {
            throw new UserError("--attention: the text has no tokens");
        }
        config.checkFits(ids, "--attention");
        List<Integer> wanted = new ArrayList<>(numbers);
        for (int layer = 0; numbers.isEmpty() && layer < config.layers(); layer++) {
            wanted.add(layer);
        }
        AttentionPage.requireRoom(config, ids.length, wanted.size());
        List<LayerAttention> layers = capture(transformer, ids, wanted);
        layers.forEach(AttentionInspection::check);
        List<String> tokens = new ArrayList<>();
        for (int id : ids) {
            tokens.add(label(tokenizer, id));
        }
        return new AttentionInspection(name, ids, tokens, wanted, layers);
    }

    private static List<LayerAttention> capture(Transformer transformer, int[] ids, List<Integer> wanted) {
        PackedBatch batch = PackedBatch.ofSingles(List.of(new TokenSequence(ids, new int[0], new int[0])));
        int[] rows = new int[ids.length];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = row;
        }
        float[][] kept = new float[transformer.config().layers()][];
        float[][] attended = new float[transformer.config().layers()][];
        try (NativeMemory memory = new NativeMemory()) {
            Tensor logits = memory.allocate(
                    transformer.kernels().type(),
                    rows.length,
                    transformer.config().vocabSize());
            transformer.prefill(batch, rows, logits, new KeyValueSink() {
                @Override
                public void accept(int layer, Tensor queryKeyValue) {
                    kept[layer] = floats(queryKeyValue);
                }

                @Override
                public void attended(int layer, Tensor attention) {
                    attended[layer] = floats(attention);
                }
            });
        }
        List<LayerAttention> layers = new ArrayList<>();
        for (int layer : wanted) {
            layers.add(new LayerAttention(
                    batch.layout(transformer.config(), layer), ids.length, kept[layer], attended[layer]));
        }
        return layers;
    }

    private static float[] floats(Tensor values) {
        float[] copy = new float[values.rows() * values.columns()];
        for (int row = 0; row < values.rows(); row++) {
            for (int column = 0; column < values.columns(); column++) {
                copy[row * values.columns() + column] = (float) values.get(row, column);
            }
        }
        return copy;
    }

    private static void check(LayerAttention layer) {
        double size = 1;
        for (float value : layer.attended()) {
            size = Math.max(size, Math.abs(value));
        }
        double difference = layer.largestDifference();
        if (!(difference <= TOLERANCE * size)) {
            throw new SelfCheckFailure(String.format(
                    Locale.ROOT,
                    "attention computed from queries, keys and values differs from the model's own by %.3g",
                    difference));
        }
    }

    /** A token as text: spaces and line feeds visible, and its own name where its text alone says nothing. */
    private static String label(Tokenizer tokenizer, int id) {
        String token = tokenizer.token(id);
        String text = tokenizer.decode(new int[] {id}, false);
        if (text.isEmpty() || text.indexOf('\uFFFD') >= 0) {
            return token;
        }
        boolean spaceIsLost = token.startsWith("\u2581") && !text.startsWith(" ");
        return ((spaceIsLost ? " " : "") + text)
                .replace(' ', '\u00B7')
                .replace("\n", "\u23CE")
                .replace("\t", "\u21E5");
    }

    String model() {
        return model;
    }

    int[] ids() {
        return ids.clone();
    }

    List<String> tokens() {
        return List.copyOf(tokens);
    }

    List<Integer> numbers() {
        return List.copyOf(numbers);
    }

    List<LayerAttention> layers() {
        return List.copyOf(layers);
    }

    /** The largest difference between the model's own result and what the weights give, over all layers. */
    double largestDifference() {
        return layers.stream()
                .mapToDouble(LayerAttention::largestDifference)
                .max()
                .orElse(0);
    }

    /** The page, HTML without anything from elsewhere. */
    public String html() {
        return AttentionPage.of(this);
    }

    /** A line a head: where its weights go on average, over the tokens after the first. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(tokens.size() + " tokens: " + String.join(" ", tokens));
        lines.add("weights on average over the tokens after the first; entropy in bits");
        lines.add(String.format(
                Locale.ROOT,
                "%5s %4s %7s %9s %7s %9s %8s",
                "layer",
                "head",
                "first",
                "previous",
                "itself",
                "distance",
                "entropy"));
        for (int index = 0; index < layers.size(); index++) {
            for (int head = 0; head < layers.get(index).layout().heads(); head++) {
                lines.add(line(numbers.get(index), head, layers.get(index)));
            }
        }
        return lines;
    }

    private static String line(int number, int head, LayerAttention layer) {
        int rows = layer.tokens() - 1;
        double first = 0;
        double previous = 0;
        double itself = 0;
        double distance = 0;
        double entropy = 0;
        for (int query = 1; query <= rows; query++) {
            double[] weights = layer.weights(head, query);
            first += weights[0];
            previous += weights[query - 1];
            itself += weights[query];
            for (int key = 0; key <= query; key++) {
                distance += weights[key] * (query - key);
                entropy -= weights[key] == 0 ? 0 : weights[key] * Math.log(weights[key]) / Math.log(2);
            }
        }
        int over = Math.max(1, rows);
        return String.format(
                Locale.ROOT,
                "%5d %4d %7.3f %9.3f %7.3f %9.2f %8.2f",
                number,
                head,
                first / over,
                previous / over,
                itself / over,
                distance / over,
                entropy / over);
    }
}
