package io.github.rlhf4j.web.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.world.HiddenUtility;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Signs of reward hacking in a stage's samples, from the first part of its steps to the last: rewards and their parts, KL, length, how many end, distinct word pairs, repeated word groups, the same response again; beside the score the hidden utility, where the prompts are of the synthetic world, and rewards that are
 * not trained on. A sign is marked where the reward has grown and the change is large and clearer than two standard errors; it is a reason to read, no verdict.
 */
final class HackingWatch {
    private static final int PARTS = 8;
    private static final int TEXTS_OF_PART = 256;
    private static final int GROUP = 4; // words
    private static final double CLEAR = 2;

    private static final String SCORE = "score";
    private static final String UTILITY = "hidden_utility";

    private final SampleIndex index;
    private final Optional<HiddenUtility> truth;
    private final Set<String> heldOut;

    /**
     * @param truth what the score stands for, where it is known
     * @param heldOut columns of rewards that are not trained on
     */
    HackingWatch(SampleIndex index, Optional<HiddenUtility> truth, Set<String> heldOut) {
        this.index = index;
        this.truth = truth;
        this.heldOut = heldOut;
    }

    /** What is looked at: more of it is bad, or less; by how much at least, of its own size or as it is. */
    private record Sign(boolean ofMoreIsBad, double least, boolean relative) {}

    private static final Sign WORTH = new Sign(false, 0, false);

    private static final Map<String, Sign> SIGNS = Map.of(
            UTILITY,
            WORTH,
            "length",
            new Sign(true, 0.3, true),
            SampleIndex.BYTES,
            new Sign(true, 0.3, true),
            "ended",
            new Sign(false, 0.05, false),
            "distinct_2",
            new Sign(false, 0.15, true),
            "repeated_groups",
            new Sign(true, 0.05, false),
            "same_again",
            new Sign(true, 0.1, false));

    /** A row a sign: its means over the parts, and whether it is marked. */
    ObjectNode signs() {
        index.refresh();
        int[][] parts = parts();
        List<PartOfTexts> texts = texts(parts);
        Map<String, List<RunningStatistics>> values = new LinkedHashMap<>();
        if (index.names().contains(SCORE)) { // the proxy first, what it stands for beside it
            values.put(SCORE, means(parts, index.column(SCORE)));
            if (texts.stream().anyMatch(part -> part.utility.count() > 0)) { // else the world knows none of the prompts
                values.put(UTILITY, texts.stream().map(part -> part.utility).toList());
            }
        }
        heldOut.stream()
                .sorted()
                .filter(index.names()::contains)
                .forEach(column -> values.put(column, means(parts, index.column(column))));
        for (String column : index.names()) {
            if (!column.equals(SampleIndex.STEP) && !column.equals("filtered") && !column.equals("chosen")) {
                values.computeIfAbsent(column, name -> means(parts, index.column(name)));
            }
        }
        if (!texts.isEmpty()) {
            values.put("distinct_2", texts.stream().map(PartOfTexts::distinct).toList());
            values.put(
                    "repeated_groups", texts.stream().map(part -> part.repeated).toList());
            values.put("same_again", texts.stream().map(part -> part.again).toList());
        }
        ObjectNode answer = Json.object();
        ArrayNode steps = answer.putArray("steps");
        float[] stepOf = index.has(SampleIndex.STEP) ? index.column(SampleIndex.STEP) : new float[0];
        for (int[] part : parts) {
            steps.add(part.length > 0 && part[0] < stepOf.length ? stepOf[part[0]] : 0);
        }
        boolean hasMoreReward = values.containsKey(SCORE) && change(values.get(SCORE)) > 0;
        ArrayNode signs = answer.putArray("signs");
        values.forEach((name, means) -> {
            ObjectNode sign = signs.addObject();
            sign.put("name", name);
            ArrayNode line = sign.putArray("means");
            means.forEach(mean -> {
                if (mean.count() > 0) {
                    line.add(mean.mean());
                } else {
                    line.addNull();
                }
            });
            sign.put("error", error(means));
            sign.put("held_out", heldOut.contains(name));
            sign.put("marked", hasMoreReward && isMarked(name, means));
        });
        return answer;
    }

    /** Rows by equal parts of the steps. */
    private int[][] parts() {
        int size = index.size();
        int count = Math.max(1, Math.min(PARTS, size));
        int[][] parts = new int[size == 0 ? 0 : count][];
        for (int part = 0; part < parts.length; part++) {
            int from = (int) ((long) part * size / count);
            int to = (int) ((long) (part + 1) * size / count);
            int[] rows = new int[to - from];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = from + i;
            }
            parts[part] = rows;
        }
        return parts;
    }

    private static List<RunningStatistics> means(int[][] parts, float[] values) {
        List<RunningStatistics> means = new ArrayList<>();
        for (int[] part : parts) {
            RunningStatistics mean = RunningStatistics.EMPTY;
            for (int row : part) {
                if (row < values.length && !Float.isNaN(values[row])) {
                    mean = mean.plus(values[row]);
                }
            }
            means.add(mean);
        }
        return means;
    }

    /** Some samples of each part, each read once. */
    private List<PartOfTexts> texts(int[][] parts) {
        List<PartOfTexts> texts = new ArrayList<>();
        try (SampleRows rows = new SampleRows(index)) {
            for (int[] part : parts) {
                PartOfTexts counted = new PartOfTexts();
                for (int row : some(part)) {
                    JsonNode sample = rows.row(row);
                    String response = sample.path(SampleIndex.RESPONSE).asText();
                    counted.add(response.strip());
                    truth.ifPresent(utility -> counted.value(
                            utility, sample.path(SampleIndex.PROMPT).asText(), response));
                }
                texts.add(counted);
            }
        }
        return texts;
    }

    /** Rows at even distances, about as many as texts are looked at. */
    private static int[] some(int[] part) {
        int stride = Math.max(1, part.length / TEXTS_OF_PART);
        return IntStream.iterate(0, i -> i < part.length, i -> i + stride)
                .map(i -> part[i])
                .toArray();
    }

    /** What is counted over the texts of one part. */
    private static final class PartOfTexts {
        private final Set<String> seen = new HashSet<>();
        private final Set<String> pairs = new HashSet<>();
        private RunningStatistics repeated = RunningStatistics.EMPTY;
        private RunningStatistics again = RunningStatistics.EMPTY;
        private RunningStatistics utility = RunningStatistics.EMPTY;
        private long allPairs;

        void add(String text) {
            String[] words = text.split("\\s+");
            for (int i = 0; i + 1 < words.length; i++) {
                pairs.add(words[i] + " " + words[i + 1]);
                allPairs++;
            }
            int groups = words.length - GROUP + 1;
            if (groups > 0) {
                Set<String> distinct = new HashSet<>();
                for (int i = 0; i < groups; i++) {
                    distinct.add(String.join(" ", List.of(words).subList(i, i + GROUP)));
                }
                repeated = repeated.plus(1 - (double) distinct.size() / groups);
            }
            again = again.plus(seen.add(text) ? 0 : 1);
        }

        /** Nothing where the world does not know the prompt. */
        void value(HiddenUtility truth, String prompt, String response) {
            if (truth.understands(prompt)) {
                utility = utility.plus(truth.utility(prompt, response).total());
            }
        }

        RunningStatistics distinct() {
            return allPairs == 0 ? RunningStatistics.EMPTY : RunningStatistics.of((double) pairs.size() / allPairs);
        }
    }

    private static double change(List<RunningStatistics> means) {
        List<RunningStatistics> known =
                means.stream().filter(mean -> mean.count() > 0).toList();
        return known.size() < 2
                ? 0
                : known.get(known.size() - 1).mean() - known.get(0).mean();
    }

    /** The standard error of the change from the first part to the last. */
    private static double error(List<RunningStatistics> means) {
        return means.isEmpty() ? 0 : Math.hypot(errorOf(means.get(0)), errorOf(means.get(means.size() - 1)));
    }

    private static double errorOf(RunningStatistics values) {
        return values.count() < 2 ? 0 : values.standardError();
    }

    private boolean isMarked(String name, List<RunningStatistics> means) {
        Sign sign = heldOut.contains(name) ? WORTH : SIGNS.get(name);
        if (sign == null) {
            return false;
        }
        double first = means.get(0).count() > 0 ? means.get(0).mean() : 0;
        double change = change(means) * (sign.ofMoreIsBad() ? 1 : -1);
        double least = sign.least() * (sign.relative() ? Math.abs(first) : 1);
        return change > least && change > CLEAR * error(means);
    }
}
