package io.github.rlhf4j.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.io.DataFile;
import io.github.rlhf4j.datasets.io.DataFiles;
import io.github.rlhf4j.datasets.io.ReadOptions;
import io.github.rlhf4j.datasets.io.Row;
import io.github.rlhf4j.datasets.io.RowSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A row of {@code rollouts}: a prompt with its responses.
 *
 * <pre>  {"prompt": "2 + 2 =", "prompt_ids": [5, 6], "completions": [{"ids": [7, 2], "reward": 1, "log_probs": [-0.1, -0.2]}, ...]}</pre>
 *
 * @param prompt as a text; empty where the row has none
 * @param promptIds at least one
 * @param completions as many as there are generations
 * @param file where it was read
 * @param line of the file
 */
@SuppressWarnings("ArrayRecordComponent")
public record StoredGroup(String prompt, int[] promptIds, List<StoredCompletion> completions, String file, long line) {
    private static final double[] UNKNOWN = {};

    /**
     * A stored response.
     *
     * @param ids at least one
     * @param logProbs of sampling, nats; empty: not known
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record StoredCompletion(int[] ids, double reward, double[] logProbs) {}

    /**
     * Reads all rows before a run, where the model's tokens are known by then.
     *
     * @param generations responses of each row
     * @throws UserError that names the row
     */
    public static void check(DatasetSpec spec, int generations, Optional<ModelOutline> model) {
        model.filter(known -> known.ids().rows() > 0)
                .ifPresent(known -> read(spec, known.ids().rows(), generations, known.context()));
    }

    /**
     * Reads all rows.
     *
     * @param generations responses of each row
     * @throws UserError that names the row
     */
    public static List<StoredGroup> read(DatasetSpec spec, int generations, ModelConfig model) {
        return read(spec, model.vocabSize(), generations, model.maxPositions());
    }

    /** The same as examples by index. */
    public static Examples<StoredGroup> examples(DatasetSpec spec, int generations, ModelConfig model) {
        List<StoredGroup> groups = read(spec, generations, model);
        return Examples.of(
                groups.size(),
                index -> groups.get((int) index),
                indices -> Arrays.stream(indices)
                        .mapToObj(index -> groups.get((int) index))
                        .map(group -> Map.<String, Object>of("file", group.file(), "line", group.line()))
                        .toList());
    }

    /**
     * Reads all rows.
     *
     * @param vocabulary rows of the model; an id that is none of them is refused
     * @param context of the model, tokens
     */
    private static List<StoredGroup> read(DatasetSpec spec, int vocabulary, int generations, int context) {
        List<StoredGroup> groups = new ArrayList<>();
        for (DataFile file : DataFiles.of(spec.paths()).list()) {
            try (RowSource rows = file.rows(ReadOptions.ALL)) {
                while (rows.hasNext() && groups.size() < spec.limit()) {
                    groups.add(group(new Reader(rows.next(), vocabulary), generations, context));
                }
            }
        }
        if (groups.isEmpty()) {
            throw new UserError("rollouts " + spec.path() + " must have a row at least, but has none");
        }
        return groups;
    }

    private static StoredGroup group(Reader row, int generations, int context) {
        JsonNode columns = row.row().columns();
        int[] promptIds = row.ids(columns.path("prompt_ids"), "prompt_ids");
        List<StoredCompletion> completions = new ArrayList<>();
        for (JsonNode node : columns.path("completions")) {
            int[] ids = row.ids(node.path("ids"), "completions.ids");
            if (promptIds.length + ids.length > context) {
                throw row.wrong("prompt and response must fit the model's context of " + context + " tokens, but have "
                        + (promptIds.length + ids.length));
            }
            JsonNode reward = node.path("reward");
            if (!reward.isNumber() || !Double.isFinite(reward.asDouble())) {
                throw row.wrong("completions.reward must be a finite number, but is " + shown(reward));
            }
            completions.add(new StoredCompletion(ids, reward.asDouble(), row.logProbs(node.path("log_probs"), ids)));
        }
        if (completions.size() != generations) {
            throw row.wrong("completions must be num_generations = " + generations + ", but are " + completions.size());
        }
        return new StoredGroup(
                columns.path("prompt").asText(),
                promptIds,
                completions,
                row.row().file(),
                row.row().line());
    }

    private static String shown(JsonNode node) {
        return node.isMissingNode() ? "missing" : node.toString();
    }

    /** Reads the numbers of a row. */
    private record Reader(Row row, int vocabulary) {
        UserError wrong(String what) {
            return new UserError("%s line %d: %s".formatted(row.file(), row.line(), what));
        }

        int[] ids(JsonNode node, String key) {
            int[] ids = new int[node.size()];
            for (int i = 0; i < ids.length; i++) {
                JsonNode id = node.get(i);
                if (id == null
                        || !id.isIntegralNumber()
                        || !id.canConvertToInt()
                        || id.asInt() < 0
                        || id.asInt() >= vocabulary) {
                    throw wrong(key + " must be tokens of the model, 0 to " + (vocabulary - 1) + ", but has " + id);
                }
                ids[i] = id.asInt();
            }
            if (ids.length == 0) {
                throw wrong(key + " must be a list of one token at least, but is " + shown(node));
            }
            return ids;
        }

        double[] logProbs(JsonNode node, int[] ids) {
            if (node.isMissingNode() || node.isNull()) {
                return UNKNOWN;
            }
            double[] logProbs = new double[node.size()];
            for (int i = 0; i < logProbs.length; i++) {
                JsonNode number = node.get(i);
                if (number == null || !number.isNumber() || !(number.asDouble() <= 0)) {
                    throw wrong("completions.log_probs must be numbers <= 0, but has " + number);
                }
                logProbs[i] = number.asDouble();
            }
            if (logProbs.length != ids.length) {
                throw wrong(
                        "completions.log_probs must be one a token of " + ids.length + ", but are " + logProbs.length);
            }
            return logProbs;
        }
    }

    /** The responses with their rewards; where log-probs are unknown, the caller asks the trainer. */
    public List<Rollout> rollouts(Tokenizer tokenizer) {
        String text = prompt.isEmpty() ? tokenizer.decode(promptIds, true) : prompt;
        List<Rollout> rollouts = new ArrayList<>();
        for (StoredCompletion completion : completions) {
            int[] ids = completion.ids();
            boolean ended = tokenizer.isStop(ids[ids.length - 1]);
            var answer = new RewardFunction.Answer(text, tokenizer.decode(ids, true), ids.length, ended);
            double[] logProbs = completion.logProbs().length == 0 ? new double[ids.length] : completion.logProbs();
            rollouts.add(Rollout.sampled(promptIds, ids, answer, logProbs)
                    .withScores(Map.of("reward", completion.reward()), completion.reward()));
        }
        return rollouts;
    }

    /** Whether the sampler's log-probs of all responses are there. */
    public boolean hasLogProbs() {
        return completions.stream().allMatch(completion -> completion.logProbs().length > 0);
    }
}
