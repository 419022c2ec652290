package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What generate and chat can ask of texts beside sampling, as it is typed. */
class GenerationControlTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SCHEMA =
            "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"enum\":[\"x\",\"y\"]}},\"required\":[\"a\",\"b\"],\"additionalProperties\":false}";

    @TempDir
    static Path folder;

    private static String model = "";

    private String out = "";
    private String err = "";

    @BeforeAll
    static void writeModel() throws IOException {
        model = PretrainedModel.write(folder).toString();
    }

    @Test
    void textsAreHeldToChoicesExpressionsAndSchemas() throws IOException {
        ok("--choices", "yes,no", "--num-samples", "5");
        assertThat(out.split("\n\n?")).isSubsetOf("yes", "no");
        ok("--regex", "[ab]{3}é", "--temperature", "2");
        assertThat(out.strip()).matches("[ab]{3}é");
        Path schema = Files.writeString(folder.resolve("schema.json"), SCHEMA);
        for (JsonNode line :
                lines("--json-schema", schema.toString(), "--num-samples", "6", "--max-new-tokens", "40")) {
            JsonNode value = JSON.readTree(line.path("text").asText());
            assertThat(value.path("a").isIntegralNumber()).isTrue();
            assertThat(value.path("b").asText()).isIn("x", "y");
            assertThat(line.path("finish_reason").asText()).isEqualTo("stop");
        }
        assertThat(err).isEmpty();
        ok("--json-object", "--max-new-tokens", "30");
        assertThat(JSON.readTree(out).isObject()).isTrue();
    }

    @Test
    void aTextThatIsCutIsSaid() {
        ok("--regex", "a{50}", "--max-new-tokens", "3");
        assertThat(err).contains("1 of 1 samples were cut before their text was whole", "--max-new-tokens than 3");
    }

    @Test
    void logprobsAreThoseOfTheChosenTokenAndItsRivals() throws IOException {
        JsonNode line =
                lines("--logprobs", "4", "--greedy", "--max-new-tokens", "3").get(0);
        JsonNode content = line.path("logprobs").path("content");
        assertThat(content).hasSize(line.path("ids").size());
        for (int i = 0; i < content.size(); i++) {
            JsonNode place = content.get(i);
            assertThat(place.path("logprob").asDouble())
                    .isCloseTo(line.path("log_probs").get(i).asDouble(), within(1e-6));
            assertThat(place.path("top_logprobs")).hasSize(4);
            assertThat(place.path("top_logprobs").get(0).path("logprob")).isEqualTo(place.path("logprob"));
            assertThat(place.path("top_logprobs").get(0).path("token")).isEqualTo(place.path("token"));
        }
    }

    @Test
    void beamsAreGivenTheBestFirst() throws IOException {
        List<JsonNode> beams = lines(
                "--num-beams",
                "4",
                "--n",
                "3",
                "--length-penalty",
                "0.5",
                "--early-stopping",
                "true",
                "--max-new-tokens",
                "6");
        assertThat(beams).hasSize(3);
        assertThat(beams.stream()
                        .map(line -> line.path("sequence_score").asDouble())
                        .toList())
                .isSortedAccordingTo((a, b) -> Double.compare(b, a));
        double sum = 0;
        for (JsonNode logProb : beams.get(0).path("log_probs")) {
            sum += logProb.asDouble();
        }
        assertThat(beams.get(0).path("sequence_score").asDouble())
                .isCloseTo(sum / Math.sqrt(beams.get(0).path("ids").size()), within(1e-5));
        assertThat(lines("--num-beams", "3", "--choices", "yes,no")
                        .get(0)
                        .path("text")
                        .asText())
                .isIn("yes", "no");
    }

    @Test
    void guessedTokensChangeNoTextAndWeightsInFewerBitsDoBarely() throws IOException {
        String[] sampling = {"--num-samples", "2", "--max-new-tokens", "24", "--choices", "yes yes yes,no no no"};
        List<JsonNode> expected = lines(sampling);
        for (String[] guesses : new String[][] {
            {"--prompt-lookup-num-tokens", "4", "--max-matching-ngram-size", "3"},
            {"--assistant-model", model, "--num-assistant-tokens", "3"}
        }) {
            assertThat(lines(Stream.concat(Stream.of(sampling), Stream.of(guesses))
                            .toArray(String[]::new)))
                    .isEqualTo(expected);
        }
        double exact = lines("--greedy", "--max-new-tokens", "1")
                .get(0)
                .path("log_probs")
                .get(0)
                .asDouble();
        for (String type : List.of("bfloat16", "INT8")) {
            JsonNode one = lines("--greedy", "--max-new-tokens", "1", "--weights", type)
                    .get(0);
            assertThat(one.path("log_probs").get(0).asDouble())
                    .isNotEqualTo(exact)
                    .isCloseTo(exact, within(0.3));
        }
    }

    @Test
    void theBestOfSeveralSamplesAreGiven() throws IOException {
        List<JsonNode> all = lines("--num-samples", "6", "--max-new-tokens", "5");
        List<JsonNode> best =
                lines("--best-of", "6", "--num-samples", "2", "--best-by", "sum", "--max-new-tokens", "5");
        List<Double> sums = new ArrayList<>();
        for (JsonNode line : all) {
            sums.add(Stream.iterate(0, i -> i < line.path("log_probs").size(), i -> i + 1)
                    .mapToDouble(i -> line.path("log_probs").get(i).asDouble())
                    .sum());
        }
        sums.sort((a, b) -> Double.compare(b, a));
        assertThat(best).hasSize(2);
        assertThat(best.get(0).path("score").asDouble()).isCloseTo(sums.get(0), within(1e-4));
        assertThat(best.get(1).path("score").asDouble()).isCloseTo(sums.get(1), within(1e-4));
    }

    @Test
    void theMajorityAnswerIsGivenWithTheAgreement() throws IOException {
        List<JsonNode> all = lines(
                "--choices", "one 1,two 2,uno 1", "--num-samples", "12", "--consistency", "--answer-regex", "[0-9]");
        List<JsonNode> chosen =
                lines("--choices", "one 1,two 2,uno 1", "--num-samples", "12", "--majority", "--answer-regex", "[0-9]");
        assertThat(all).hasSize(12);
        assertThat(chosen).hasSize(1);
        long ones = all.stream()
                .filter(line -> line.path("answer").asText().equals("1"))
                .count();
        JsonNode line = chosen.get(0);
        assertThat(line.path("answer").asText()).isEqualTo(ones >= 6 ? "1" : "2");
        assertThat(line.path("agreement").asDouble()).isCloseTo(Math.max(ones, 12 - ones) / 12.0, within(1e-12));
        assertThat(line.path("answers")).hasSize(12);
        assertThat(err).contains("12 samples:", "agree on");
    }

    @Test
    void mistakesAreOneLine() throws IOException {
        refused("--choices, --regex, --json-schema", "--choices", "a,b", "--regex", "a");
        refused("regex \"(a\" has a ( without its )", "--regex", "(a");
        refused("--json-schema " + folder + "/none.json does not exist", "--json-schema", folder + "/none.json");
        Path bad = Files.writeString(folder.resolve("bad.json"), "{\"type\":\"object\",\"minProperties\":1}");
        refused(
                "--json-schema # has the keyword minProperties, which is not supported",
                "--json-schema",
                bad.toString());
        refused("--stop cannot be given", "--choices", "a", "--stop", "x");
        refused("num_beams must be in 1 .. 1000", "--num-beams", "0");
        refused("num_beams searches and does not sample: leave out greedy", "--num-beams", "2", "--greedy");
        refused("leave out temperature", "--num-beams", "2", "--temperature", "0.5");
        refused("num_beams must be >= num_return_sequences = 3", "--num-beams", "2", "--n", "3");
        refused("--length-penalty and --early-stopping need --num-beams", "--length-penalty", "2");
        refused("--early-stopping must be true, false or never", "--num-beams", "2", "--early-stopping", "maybe");
        refused("beam search guesses no tokens", "--num-beams", "2", "--prompt-lookup-num-tokens", "2");
        refused("prompt_lookup_num_tokens must be in 0 .. 7, but is 8", "--prompt-lookup-num-tokens", "8");
        refused("does nothing without --assistant-model", "--num-assistant-tokens", "3");
        refused("does nothing without --prompt-lookup-num-tokens", "--max-matching-ngram-size", "3");
        refused("--greedy takes the most likely token", "--greedy", "--top-k", "5");
        refused("give one of them", "--prompt-lookup-num-tokens", "2", "--assistant-model", model);
        refused("stop strings are not known to beam search", "--num-beams", "2", "--stop", "x");
        refused("--best-of must be >= --num-samples = 3", "--best-of", "2", "--n", "3");
        refused("--best-by must be mean, sum or reward", "--best-of", "2", "--best-by", "luck");
        refused("--best-by reward needs --reward-model", "--best-of", "2", "--best-by", "reward");
        refused("belong to --best-of", "--reward-model", model);
        refused("--majority and --consistency need --num-samples", "--majority");
        refused("--answer-regex belongs to", "--answer-regex", "a");
        refused("--answer-regex is no regular expression", "--majority", "--n", "2", "--answer-regex", "(");
        refused("--logprobs are written with --out", "--logprobs", "2");
        refused("logprobs must be in 0 .. 1000", "--logprobs", "-1", "--out", folder + "/x.jsonl");
    }

    private List<JsonNode> lines(String... arguments) throws IOException {
        Path file = folder.resolve("lines.jsonl");
        ok(Stream.concat(Arrays.stream(arguments), Stream.of("--out", file.toString()))
                .toArray(String[]::new));
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private void ok(String... arguments) {
        assertThat(execute(arguments)).as(err).isZero();
    }

    private void refused(String message, String... arguments) {
        assertThat(execute(arguments)).as(err).isEqualTo(2);
        assertThat(err).contains(message);
        assertThat(err.strip().lines().count()).as(err).isEqualTo(1);
    }

    private int execute(String... arguments) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        List<String> all = new ArrayList<>(List.of("generate", "--model", model, "--prompt", "The"));
        all.addAll(List.of(arguments));
        int code = Main.run(
                all.toArray(String[]::new),
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }
}
