package io.github.rlhf4j.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.generation.AllowedTokens;
import io.github.rlhf4j.core.generation.FinishReason;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.core.generation.GenerationLimits;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.generation.StopRule;
import io.github.rlhf4j.core.generation.TextGenerator;
import io.github.rlhf4j.core.generation.TextListener;
import io.github.rlhf4j.core.generation.TokenConstraint;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.AttentionConfig;
import io.github.rlhf4j.core.model.Family;
import io.github.rlhf4j.core.model.FeedForwardConfig;
import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.NormConfig;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.Positions;
import io.github.rlhf4j.core.model.RotaryScaling;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.core.tokenizer.TokenTexts;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random models, which would write anything, held to languages. */
class ConstrainedGenerationTest {
    private static final CpuKernels KERNELS = new CpuKernels(2);
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final List<String> SCHEMAS = List.of(
            "{'type':'object','properties':{'name':{'type':'string'},'age':{'type':'integer','minimum':0,'maximum':150},'tags':{'type':'array','items':{'type':'string'}}},'required':['name','age','tags'],'additionalProperties':false}",
            "{'$ref':'#/$defs/tree','$defs':{'tree':{'type':'object','properties':{'v':{'type':'number'},'left':{'anyOf':[{'$ref':'#/$defs/tree'},{'type':'null'}]},'right':{'anyOf':[{'$ref':'#/$defs/tree'},{'type':'null'}]}},'required':['v','left','right'],'additionalProperties':false}}}",
            "{'type':'object','properties':{'é😀\\n':{'enum':['日本','ü']},'d':{'type':'string','format':'date-time'}},'required':['d']}",
            "{'type':'array','items':{'type':'string','minLength':3,'maxLength':5},'minItems':2}",
            "{}");

    @AfterAll
    static void close() {
        KERNELS.close();
    }

    private static HuggingFaceTokenizer tokenizer(String name) {
        return HuggingFaceTokenizer.open(
                Path.of("src/test/resources/io/github/rlhf4j/core/tokenizer").resolve(name));
    }

    private static Transformer model(HuggingFaceTokenizer tokenizer) {
        ModelConfig config = new ModelConfig(
                Family.LLAMA,
                tokenizer.vocabSize() + 3, // rows without a token
                24,
                2,
                256,
                new NormConfig(NormConfig.Kind.RMS, 1e-5),
                new Positions.Rotary(1000, new RotaryScaling.None()),
                new AttentionConfig(4, 2, 6, false, false, false, 0, 0),
                FeedForwardConfig.swiGlu(40),
                false,
                0.5);
        return Transformer.create(config, EnumSet.of(Head.LANGUAGE), KERNELS, CounterRandom.of(5));
    }

    /** Every text that a random model writes is in the language, since the last tokens are chosen so that it ends in time. */
    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace"})
    void whatARandomModelWritesIsValidJsonUnderTheSchema(String kind) throws IOException {
        try (HuggingFaceTokenizer tokenizer = tokenizer(kind);
                Transformer model = model(tokenizer);
                Generator generator = new Generator(model)) {
            for (String schema : SCHEMAS) {
                StructuredOutputs outputs = StructuredOutputs.json(schema.replace('\'', '"'));
                List<GeneratedText> texts = texts(tokenizer, generator, outputs, 100);
                for (GeneratedText text : texts) {
                    assertThat(outputs.grammar().accepts(text.text()))
                            .as(schema + ": " + text.text())
                            .isTrue();
                    JSON.readTree(text.text());
                    assertThat(text.tokens().finishReason()).isEqualTo(FinishReason.STOP);
                    assertThat(text.tokens().ids()).hasSizeLessThanOrEqualTo(100);
                }
            }
        }
    }

    private static List<GeneratedText> texts(
            HuggingFaceTokenizer tokenizer, Generator generator, StructuredOutputs outputs, int most) {
        TextGenerator writer =
                new TextGenerator(tokenizer, generator, List.of(), () -> false, outputs.constraint(tokenizer));
        List<int[]> prompts = new ArrayList<>();
        for (String prompt : List.of("a", "The answer is", "日", "x\n")) {
            prompts.add(writer.promptIds(prompt));
        }
        return writer.generate(
                prompts,
                5,
                SamplingOptions.sampling(1.5, most, stops(tokenizer)),
                CounterRandom.of(9),
                TextListener.NONE);
    }

    private static int[] stops(HuggingFaceTokenizer tokenizer) {
        return tokenizer.stopIds().length > 0 ? tokenizer.stopIds() : new int[] {firstSpecial(tokenizer)};
    }

    private static int firstSpecial(HuggingFaceTokenizer tokenizer) {
        int id = 0;
        while (!tokenizer.isSpecial(id)) {
            id++;
        }
        return id;
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace"})
    void aMaskHasTheTokensWhoseBytesCanFollow(String kind) {
        try (HuggingFaceTokenizer tokenizer = tokenizer(kind)) {
            TokenTexts texts = TokenTexts.of(tokenizer);
            StructuredOutputs outputs = StructuredOutputs.json(SCHEMAS.get(0).replace('\'', '"'));
            TokenConstraint.Cursor cursor = outputs.constraint(tokenizer).begin(true, 100_000);
            Places.Place at = new Places(outputs.grammar()).start();
            CounterRandom random = CounterRandom.of(3);
            for (int step = 0; step < 60; step++) {
                AllowedTokens allowed = cursor.allowed();
                List<Integer> ids = new ArrayList<>();
                for (int id = 0; id < tokenizer.vocabSize(); id++) {
                    boolean can = texts.within()[id].length > 0 && after(at, texts.within()[id]) != null;
                    assertThat(allowed.contains(id)).as(tokenizer.token(id)).isEqualTo(can);
                    if (can) {
                        ids.add(id);
                    }
                }
                assertThat(allowed.count()).isEqualTo(ids.size());
                assertThat(allowed.mayEnd()).isEqualTo(at.isAccepting());
                if (ids.isEmpty()) {
                    return;
                }
                int id = ids.get(random.below(step, ids.size()));
                cursor.advance(id);
                at = Objects.requireNonNull(after(at, texts.within()[id]));
            }
        }
    }

    private static Places.@Nullable Place after(Places.Place from, byte[] bytes) {
        Places.@Nullable Place at = from;
        for (byte value : bytes) {
            at = at == null ? null : at.next(value & 0xFF);
        }
        return at;
    }

    /** The bytes of tokens, joined, are the bytes of the text: whole texts of many kinds, some of whose characters are several tokens. */
    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace"})
    void theBytesOfTokensJoinedAreTheText(String kind) {
        try (HuggingFaceTokenizer tokenizer = tokenizer(kind)) {
            TokenTexts texts = TokenTexts.of(tokenizer);
            for (String text :
                    List.of("{\"a\": 1}", "Hello world", "é日本語😀 \uFFFD!", " two  spaces\n\ttab", "<0x41>")) {
                int[] ids = tokenizer.encode(text, false, true);
                ByteArrayOutputStream joined = new ByteArrayOutputStream();
                for (int i = 0; i < ids.length; i++) {
                    joined.writeBytes((i == 0 ? texts.first() : texts.within())[ids[i]]);
                }
                assertThat(joined.toString(StandardCharsets.UTF_8)).isEqualTo(tokenizer.decode(ids, true));
            }
        }
    }

    @Test
    void textsDoNotDependOnThreadsBatchesOrSerialisation() throws IOException, ClassNotFoundException {
        try (HuggingFaceTokenizer tokenizer = tokenizer("byte-level");
                Transformer model = model(tokenizer);
                CpuKernels one = new CpuKernels(1);
                Transformer alone = model.on(one)) {
            TokenGrammar constraint =
                    StructuredOutputs.json(SCHEMAS.get(1).replace('\'', '"')).constraint(tokenizer);
            List<GenerationRequest> requests = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                requests.add(new GenerationRequest(
                        new int[] {5 + i, 7}, 2, CounterRandom.of(i), StopRule.NEVER, constraint));
            }
            SamplingOptions options =
                    SamplingOptions.sampling(1.3, 60, stops(tokenizer)).withTopP(0.9);
            List<Generated> together = generate(model, GenerationLimits.DEFAULT, requests, options);
            List<Generated> few = generate(alone, new GenerationLimits(2, 1 << 24, 16), copies(requests), options);
            for (int i = 0; i < together.size(); i++) {
                assertThat(few.get(i).ids()).isEqualTo(together.get(i).ids());
                assertThat(few.get(i).logProbs()).isEqualTo(together.get(i).logProbs());
            }
        }
    }

    private static List<Generated> generate(
            Transformer model, GenerationLimits limits, List<GenerationRequest> requests, SamplingOptions options) {
        try (Generator generator = new Generator(model, limits)) {
            return generator.generate(requests, options);
        }
    }

    @SuppressWarnings("unchecked")
    private static List<GenerationRequest> copies(List<GenerationRequest> requests)
            throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new ArrayList<>(requests));
        }
        return (List<GenerationRequest>)
                new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
    }

    /** p(token) / sum of p over the tokens that may come, at the temperature. */
    @Test
    void logProbsAreThoseAmongTheTokensThatMayCome() {
        try (HuggingFaceTokenizer tokenizer = tokenizer("byte-level");
                Transformer model = model(tokenizer)) {
            TokenGrammar constraint =
                    StructuredOutputs.choice(List.of("yes", "no", "maybe")).constraint(tokenizer);
            AllowedTokens allowed = constraint.begin(true, 20).allowed();
            int[] prompt = {4, 9, 30};
            double sum = 0;
            double[] all = new double[tokenizer.vocabSize()];
            for (int id = 0; id < all.length; id++) {
                all[id] = allowed.contains(id) ? Math.exp(logProb(model, prompt, id, 0.7)) : 0;
                sum += all[id];
            }
            GenerationRequest request =
                    new GenerationRequest(prompt, 30, CounterRandom.of(2), StopRule.NEVER, constraint);
            for (Generated sample : generate(
                    model,
                    GenerationLimits.DEFAULT,
                    List.of(request),
                    SamplingOptions.sampling(0.7, 20, stops(tokenizer)))) {
                assertThat(sample.logProbs()[0]).isCloseTo(Math.log(all[sample.ids()[0]] / sum), within(1e-5));
                assertThat(tokenizer.decode(sample.ids(), true)).isIn("yes", "no", "maybe");
                assertThat(sample.logProbs()[sample.ids().length - 1]).isZero(); // the end was all that could come
            }
        }
    }

    private static double logProb(Transformer model, int[] prompt, int id, double temperature) {
        int[] ids = Arrays.copyOf(prompt, prompt.length + 1);
        ids[prompt.length] = id;
        PackedBatch batch = PackedBatch.ofSingles(List.of(TokenSequence.completion(ids, prompt.length)));
        Outputs out = new Outputs();
        model.forward(batch, ForwardRequest.logProbs().withTemperature(temperature), out);
        return out.logProbs()[batch.targetIndex(0, 0)];
    }

    @Test
    void withoutAStopTokenATextEndsWhereNothingCanFollow() {
        try (HuggingFaceTokenizer tokenizer = tokenizer("byte-level");
                Transformer model = model(tokenizer)) {
            TokenGrammar constraint =
                    StructuredOutputs.choice(List.of("yes", "no")).constraint(tokenizer);
            GenerationRequest request =
                    new GenerationRequest(new int[] {4}, 4, CounterRandom.of(2), StopRule.NEVER, constraint);
            for (Generated sample : generate(
                    model, GenerationLimits.DEFAULT, List.of(request), SamplingOptions.sampling(1, 20, new int[0]))) {
                assertThat(tokenizer.decode(sample.ids(), true)).isIn("yes", "no");
                assertThat(sample.finishReason()).isEqualTo(FinishReason.STOP_RULE);
            }
        }
    }

    @Test
    void aLimitBelowTheShortestTextCutsIt() {
        try (HuggingFaceTokenizer tokenizer = tokenizer("byte-level");
                Transformer model = model(tokenizer);
                Generator generator = new Generator(model)) {
            StructuredOutputs outputs = StructuredOutputs.regex("[ab]{30}");
            for (GeneratedText text : texts(tokenizer, generator, outputs, 5)) {
                assertThat(text.tokens().finishReason()).isEqualTo(FinishReason.LENGTH);
                assertThat(text.text()).matches("[ab]+");
            }
        }
    }
}
