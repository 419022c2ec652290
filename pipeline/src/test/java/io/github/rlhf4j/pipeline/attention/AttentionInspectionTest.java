package io.github.rlhf4j.pipeline.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.AttentionConfig;
import io.github.rlhf4j.core.model.Family;
import io.github.rlhf4j.core.model.FeedForwardConfig;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.NormConfig;
import io.github.rlhf4j.core.model.Positions;
import io.github.rlhf4j.core.model.RotaryScaling;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is shown of attention is what the model computed with. */
class AttentionInspectionTest {
    private static final String TEXT = "a <b>\"cat\"</b> &";

    /** Two heads of width 1, one key-value head: scores by hand. */
    @Test
    void weightsAreSoftmaxOfScaledProducts() {
        AttentionLayout layout =
                new AttentionLayout(new int[] {0}, new int[] {2}, new int[] {-1}, new int[] {0, 1}, 2, 1, 1, 0.5, 0);
        float[] rows = {1, 2, 3, 4, /* q q k v */ 5, 6, 7, 8};
        LayerAttention layer = new LayerAttention(layout, 2, rows, new float[4]);
        assertThat(layer.score(0, 1, 0)).isEqualTo(0.5 * 5 * 3);
        assertThat(layer.score(1, 1, 1)).isEqualTo(0.5 * 6 * 7);
        double first = 1 / (1 + Math.exp(0.5 * 5 * 7 - 0.5 * 5 * 3));
        assertThat(layer.weights(0, 1)[0]).isCloseTo(first, within(1e-15));
        assertThat(layer.weights(0, 0)).containsExactly(1, 0);
        assertThat(layer.weightedSum(0, 1)[0]).isCloseTo(4 * first + 8 * (1 - first), within(1e-12));
        assertThat(layer.largestDifference()).isGreaterThan(1); // from the zeros that it is given as the model's own
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void agreesWithTheForwardPassOfEveryFamily(Family family) {
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = model(family, kernels)) {
            AttentionInspection inspection = AttentionInspection.of("tiny", model, new Characters(), TEXT, List.of());
            assertThat(inspection.layers()).hasSize(3);
            for (LayerAttention layer : inspection.layers()) {
                double size = 0;
                for (float value : layer.attended()) {
                    size = Math.max(size, Math.abs(value));
                }
                assertThat(size).isPositive();
                assertThat(layer.largestDifference()).isLessThan(1e-5 * Math.max(1, size));
                for (int head = 0; head < layer.layout().heads(); head++) {
                    for (int query = 0; query < layer.tokens(); query++) {
                        double sum = 0;
                        for (double weight : layer.weights(head, query)) {
                            sum += weight;
                        }
                        assertThat(sum).isCloseTo(1, within(1e-12));
                    }
                }
            }
        }
    }

    @Test
    void aWindowHidesWhatIsFarAway() {
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = model(Family.MISTRAL, kernels)) {
            LayerAttention layer = AttentionInspection.of("tiny", model, new Characters(), TEXT, List.of(1))
                    .layers()
                    .get(0);
            double[] weights = layer.weights(0, 9);
            assertThat(weights[9 - 4]).isZero();
            assertThat(weights[9 - 3]).isPositive();
            assertThat(weights[10]).isZero();
        }
    }

    @Test
    void thePageHoldsTheNumbersAndEscapesTheText() throws IOException {
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = model(Family.LLAMA, kernels)) {
            AttentionInspection inspection =
                    AttentionInspection.of("</script><b>{{data}}", model, new Characters(), TEXT, List.of(0, 2));
            String page = inspection.html();
            assertThat(page)
                    .doesNotContain("</script><b>")
                    .doesNotContain("http://")
                    .doesNotContain("https://");
            assertThat(page).contains("<title>Attention of &lt;/script&gt;&lt;b&gt;&#123;&#123;data}}</title>");
            String begin = "<script type=\"application/json\" id=\"data\">";
            String json = page.substring(page.indexOf(begin) + begin.length());
            JsonNode data = new ObjectMapper().readTree(json.substring(0, json.indexOf("</script>")));
            assertThat(data.path("tokens")).hasSize(TEXT.length());
            assertThat(data.at("/layers/1/layer").intValue()).isEqualTo(2);
            LayerAttention layer = inspection.layers().get(1);
            ByteBuffer weights = ByteBuffer.wrap(Base64.getDecoder()
                            .decode(data.at("/layers/1/weights").asText()))
                    .order(ByteOrder.LITTLE_ENDIAN);
            int tokens = TEXT.length();
            int head = 1;
            int at = head * tokens * (tokens + 1) / 2 + 5 * 6 / 2 + 3; // from token 5 to token 3
            assertThat((double) weights.getFloat(4 * at)).isCloseTo(layer.weights(head, 5)[3], within(1e-7));
            ByteBuffer numbers = ByteBuffer.wrap(Base64.getDecoder()
                            .decode(data.at("/layers/1/query_key_value").asText()))
                    .order(ByteOrder.LITTLE_ENDIAN);
            assertThat(numbers.capacity()).isEqualTo(4 * layer.queryKeyValue().length);
            assertThat(numbers.getFloat(4 * 7)).isEqualTo(layer.queryKeyValue()[7]);
        }
    }

    @Test
    void theTableHasALineAHead() {
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = model(Family.GPT2, kernels)) {
            List<String> lines = AttentionInspection.of("tiny", model, new Characters(), "abc", List.of(2))
                    .lines();
            assertThat(lines).hasSize(3 + 4);
            assertThat(lines.get(3)).startsWith("    2    0 ");
        }
    }

    @Test
    void mistakesAreNamed() {
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = model(Family.LLAMA, kernels)) {
            assertThatThrownBy(() -> AttentionInspection.of("tiny", model, new Characters(), "ab", List.of(3)))
                    .isInstanceOf(UserError.class)
                    .hasMessage("--layers: there is no layer 3: they are 0 to 2");
            assertThatThrownBy(() -> AttentionInspection.of("tiny", model, new Characters(), "", List.of()))
                    .hasMessageContaining("no tokens");
            assertThatThrownBy(() -> AttentionInspection.of("tiny", model, new Characters(), "a".repeat(65), List.of()))
                    .hasMessageContaining("65 tokens, but the model's context is 64");
            assertThatThrownBy(() -> AttentionPage.requireRoom(model.config(), 4000, 3))
                    .hasMessageContaining("--layers 0-");
        }
    }

    private static Transformer model(Family family, CpuKernels kernels) {
        boolean gpt2 = family == Family.GPT2;
        ModelConfig config = new ModelConfig(
                family,
                128,
                32,
                3,
                64,
                new NormConfig(gpt2 ? NormConfig.Kind.LAYER : NormConfig.Kind.RMS, 1e-5),
                gpt2 ? new Positions.Learned() : new Positions.Rotary(10_000, new RotaryScaling.None()),
                new AttentionConfig(
                        4,
                        gpt2 ? 4 : 2,
                        8,
                        gpt2 || family == Family.QWEN2,
                        gpt2,
                        family == Family.QWEN3,
                        family == Family.MISTRAL ? 4 : 0,
                        0),
                gpt2
                        ? FeedForwardConfig.gelu(48)
                        : family == Family.MIXTRAL
                                ? FeedForwardConfig.experts(48, 4, 2, 0)
                                : FeedForwardConfig.swiGlu(48),
                true,
                0.5);
        return Transformer.create(config, Set.of(Head.LANGUAGE), kernels, CounterRandom.of(3));
    }

    /** A token a character. */
    private static final class Characters implements Tokenizer {
        @Override
        public int vocabSize() {
            return 128;
        }

        @Override
        public int[] encode(String text, boolean addSpecialTokens, boolean splitSpecialTokens) {
            return text.chars().toArray();
        }

        @Override
        public String decode(int[] ids, boolean skipSpecialTokens) {
            return new String(ids, 0, ids.length);
        }

        @Override
        public String token(int id) {
            return String.valueOf((char) id);
        }

        @Override
        public OptionalInt bosId() {
            return OptionalInt.empty();
        }

        @Override
        public OptionalInt eosId() {
            return OptionalInt.empty();
        }

        @Override
        public OptionalInt padId() {
            return OptionalInt.empty();
        }

        @Override
        public OptionalInt unkId() {
            return OptionalInt.empty();
        }

        @Override
        public OptionalInt id(String token) {
            return OptionalInt.of(token.charAt(0));
        }

        @Override
        public boolean isSpecial(int id) {
            return false;
        }

        @Override
        public StreamingDecoder streamingDecoder() {
            throw new IllegalStateException("nothing is streamed");
        }
    }
}
