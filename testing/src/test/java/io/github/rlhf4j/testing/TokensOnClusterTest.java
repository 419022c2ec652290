package io.github.rlhf4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.DistributedCluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.cluster.ThreadsBackend;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.KeptColumns;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.tokens.CachedExamples;
import io.github.rlhf4j.datasets.tokens.ChatTemplateUse;
import io.github.rlhf4j.datasets.tokens.PackingStrategy;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows become the same tokens wherever they are tokenised. */
class TokensOnClusterTest {
    private static final int ROWS = 2_500; // three chunks
    private static final TokenizingOptions OPTIONS =
            new TokenizingOptions(40, TruncationMode.PROMPT_LEFT, false, true, false, ChatTemplateUse.OFF);
    private static final String TEMPLATE = "{% for m in messages %}<s>{{ m.role + ':' + m.content }}</s>{% endfor %}"
            + "{% if add_generation_prompt %}<s>assistant:{% endif %}";

    @TempDir
    private Path folder;

    private Path model = Path.of("");

    @BeforeEach
    void writeTheModel() throws IOException {
        model = TinyModel.llama().write(folder.resolve("model"));
        Files.writeString(model.resolve("chat_template.jinja"), TEMPLATE);
    }

    private static String words(int i) {
        return "Row " + i + " <s> is here, \\u00fc and" + " all".repeat(i % 9);
    }

    private static String pair(int i) {
        return "{\"prompt\": \"%s?\", \"chosen\": \"Yes%s\", \"rejected\": \"No%s\"}"
                .formatted(words(i), " so".repeat(i % 30), " it".repeat(i % 7));
    }

    private static String conversation(int i) {
        return "{\"messages\": [{\"role\": \"user\", \"content\": \"%s?\"}, {\"role\": \"assistant\", \"content\": \"%s\"}]}"
                .formatted(words(i), words(i + 1));
    }

    private static Map<String, ExampleKind<?, ?>> kinds() {
        Map<String, ExampleKind<?, ?>> kinds = new LinkedHashMap<>();
        kinds.put("windows", ExampleKind.WINDOWS);
        kinds.put("texts", ExampleKind.SEQUENCES);
        kinds.put("conversations", ExampleKind.SEQUENCES);
        kinds.put("demonstrations", ExampleKind.DEMONSTRATIONS);
        kinds.put("packs", ExampleKind.packs(Optional.of(PackingStrategy.WRAPPED)));
        kinds.put("pairs", ExampleKind.PAIRS);
        kinds.put("unpaired", ExampleKind.UNPAIRED);
        kinds.put("steps", ExampleKind.steps("\n", 12, true));
        kinds.put("rankings", ExampleKind.RANKINGS);
        kinds.put("prompts", ExampleKind.PROMPTS);
        kinds.put("prompts_with_texts", ExampleKind.PROMPTS_WITH_TEXTS);
        return kinds;
    }

    private static IntFunction<String> row(String kind) {
        return switch (kind) {
            case "windows", "texts" -> i -> "{\"text\": \"" + words(i) + "\"}";
            case "conversations" -> TokensOnClusterTest::conversation;
            case "demonstrations", "packs" ->
                i -> "{\"prompt\": \"" + words(i) + "?\", \"completion\": \"Yes" + " so".repeat(i % 30) + "\"}";
            case "unpaired" ->
                i -> "{\"prompt\": \"" + words(i) + "?\", \"completion\": \"Yes.\", \"label\": " + (i % 3 == 0) + "}";
            case "steps" ->
                i -> "{\"prompt\": \"" + words(i) + "?\", \"completions\": [\"So.\", \"It is" + " so".repeat(i % 20)
                        + "\"], \"labels\": [true, " + (i % 2 == 0) + "]}";
            case "prompts", "prompts_with_texts" ->
                i -> "{\"prompt\": \"" + words(i) + "?\", \"truth\": \"\\u2603" + i + "\"}";
            default -> TokensOnClusterTest::pair;
        };
    }

    private Path write(String name, int rows, IntFunction<String> row) throws IOException {
        String lines = IntStream.range(0, rows).mapToObj(row).collect(Collectors.joining("\n"));
        return Files.writeString(folder.resolve(name + ".jsonl"), lines + "\n");
    }

    @Test
    void theCachesThatWorkersMakeHaveTheSameBytes() throws IOException {
        AtomicLong jobs = new AtomicLong();
        try (CpuKernels kernels = new CpuKernels(1, 2);
                CpuKernels more = new CpuKernels(3, 2);
                Cluster here = new InProcessCluster(kernels);
                Cluster together = new InProcessCluster(more);
                Cluster there = new IsolatedCluster(kernels, 2)) {
            for (Map.Entry<String, ExampleKind<?, ?>> kind : kinds().entrySet()) {
                Path data = write(kind.getKey(), ROWS, row(kind.getKey()));
                TokenizingOptions options = kind.getKey().equals("pairs") ? OPTIONS.with(ChatTemplateUse.ON) : OPTIONS;
                Cluster threads = new DistributedCluster(
                        kernels, new ThreadsBackend(2, 1, 2), 2, true, traffic -> jobs.addAndGet(traffic.jobs()));
                String report = tokens(data, kind.getValue(), options, "here", here);
                assertThat(tokens(data, kind.getValue(), options, "together", together))
                        .isEqualTo(report);
                assertThat(tokens(data, kind.getValue(), options, "there", there))
                        .isEqualTo(report);
                assertThat(tokens(data, kind.getValue(), options, "threads", threads))
                        .isEqualTo(report);
                threads.close();
            }
        }
        assertThat(jobs).hasValue(kinds().size());
        try (Stream<Path> files = Files.walk(folder.resolve("here"))) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            assertThat(all).hasSize(4 * kinds().size());
            for (Path file : all) {
                for (String other : List.of("together", "there", "threads")) {
                    assertThat(folder.resolve(other)
                                    .resolve(folder.resolve("here").relativize(file)))
                            .hasSameBinaryContentAs(file);
                }
            }
        }
    }

    @Test
    void rowsOfOneChunkDoNotTravel() throws IOException {
        Path data = write("few", 900, TokensOnClusterTest::pair);
        AtomicLong jobs = new AtomicLong();
        try (CpuKernels kernels = new CpuKernels(1, 2);
                Cluster here = new InProcessCluster(kernels)) {
            try (Cluster threads = new DistributedCluster(
                    kernels, new ThreadsBackend(2, 1, 2), 2, true, traffic -> jobs.addAndGet(traffic.jobs()))) {
                assertThat(tokens(data, ExampleKind.PAIRS, OPTIONS, "there", threads))
                        .isEqualTo(tokens(data, ExampleKind.PAIRS, OPTIONS, "here", here));
            }
        }
        assertThat(jobs).hasValue(0);
    }

    @Test
    void whatIsWrongWithARowIsSaidAsInOneProcess() throws IOException {
        Files.writeString(
                model.resolve("chat_template.jinja"),
                TEMPLATE + "{% for n in ['1777', '1778', '2499'] if 'Row ' + n in messages[0].content %}"
                        + "{{ raise_exception('not ' + n) }}{% endfor %}");
        Path data = write("conversations", ROWS, TokensOnClusterTest::conversation);
        try (CpuKernels kernels = new CpuKernels(3, 2);
                Cluster together = new InProcessCluster(kernels);
                Cluster there = new IsolatedCluster(kernels, 2)) {
            assertThatThrownBy(() -> tokens(data, ExampleKind.SEQUENCES, OPTIONS, "there", there))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("not 1777");
            for (int time = 0; time < 20; time++) { // which thread is first, is chance
                assertThatThrownBy(() -> tokens(data, ExampleKind.SEQUENCES, OPTIONS, "together", together))
                        .isInstanceOf(UserError.class)
                        .hasMessageContaining("not 1777");
            }
        }
    }

    @SuppressWarnings("unchecked") // the kinds of an ExampleKind<R, T> are those of R
    private <R extends DataRecord, T> String tokens(
            Path data, ExampleKind<R, T> kind, TokenizingOptions options, String cache, Cluster cluster) {
        boolean isOfPrompts = kind.equals(ExampleKind.PROMPTS) || kind.equals(ExampleKind.PROMPTS_WITH_TEXTS);
        DatasetSpec spec = DatasetSpec.of(data.toString());
        try (ModelText text = ModelText.open(model, folder.resolve(cache));
                RecordSet<R> rows = (RecordSet<R>)
                        Datasets.ofFiles().open(isOfPrompts ? spec.keeping(KeptColumns.ALL) : spec, kind.rows(), 0)) {
            CachedExamples<T> examples = kind.tokenizing().apply(text.cache().on(cluster), rows, options);
            return examples.report().toString();
        }
    }
}
