package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.stage.StageData;
import io.github.rlhf4j.judge.Judge;
import io.github.rlhf4j.judge.JudgeFailure;
import io.github.rlhf4j.judge.OpenJudge;
import io.github.rlhf4j.judge.Verdict;
import io.github.rlhf4j.world.HiddenUtility;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/** Judges candidates and writes what later stages learn from: pairs, or rankings. */
final class JudgedRows {
    private final OpenJudge judge;
    private final LongFunction<Map<String, Object>> rows;
    private final StageData data;
    private final Tally tally;
    private final boolean pairs;
    private final double minConfidence;
    private final Optional<HiddenUtility> truth;

    /**
     * @param rows what a row of the dataset was
     * @param pairs whether rows are pairs
     * @param truth where prompts are of the synthetic world
     */
    JudgedRows(
            OpenJudge judge,
            LongFunction<Map<String, Object>> rows,
            StageData data,
            Tally tally,
            boolean pairs,
            double minConfidence,
            Optional<HiddenUtility> truth) {
        this.judge = judge;
        this.rows = rows;
        this.data = data;
        this.tally = tally;
        this.pairs = pairs;
        this.minConfidence = minConfidence;
        this.truth = truth;
    }

    /**
     * Judges some.
     *
     * @param samples is given each prompt with what was said
     */
    void judge(List<Candidates> all, BiConsumer<Candidates, Map<String, Object>> samples) {
        List<Candidates> different = new ArrayList<>();
        for (Candidates candidates : all) {
            tally.add("judge/nothing_to_choose", !candidates.areDifferent());
            if (candidates.areDifferent()) {
                different.add(candidates);
            }
        }
        List<Candidates> two = new ArrayList<>();
        List<Candidates> more = new ArrayList<>();
        different.forEach(candidates -> (candidates.responses().size() == 2 ? two : more).add(candidates));
        judgePairs(two, samples);
        judgeRankings(more, samples);
    }

    private void judgePairs(List<Candidates> all, BiConsumer<Candidates, Map<String, Object>> samples) {
        List<Judge.Pair> asked = all.stream().map(JudgedRows::pair).toList();
        List<Verdict> verdicts = asking(all, () -> judge.verdicts(asked));
        for (int i = 0; i < all.size(); i++) {
            Candidates candidates = all.get(i);
            Verdict verdict = verdicts.get(i);
            double first = verdict.probability();
            observe(asked.get(i), verdict);
            Map<String, Object> said = new LinkedHashMap<>();
            said.put("responses", candidates.responses());
            said.put("first_is_better", verdict.isGiven() ? first : null);
            if (verdict.isOfBothOrders()) {
                said.put("shown_first", verdict.shownFirst());
                said.put("shown_second", verdict.shownSecond());
            }
            samples.accept(candidates, said);
            boolean isKept = verdict.isGiven() && first != 0.5 && Math.max(first, 1 - first) >= minConfidence;
            tally.add("rows", isKept);
            if (isKept) {
                data.write(
                        pairs
                                ? pairRow(candidates, first)
                                : ranking(candidates, first > 0.5 ? List.of(1, 2) : List.of(2, 1)));
            }
        }
    }

    /** What the judge says of some, where a failure names their rows. */
    private <T> T asking(List<Candidates> all, Supplier<T> question) {
        return JudgeFailure.named(question, i -> rows.apply(all.get(i).row()));
    }

    private void observe(Judge.Pair pair, Verdict verdict) {
        tally.add("judge/no_verdict", !verdict.isGiven());
        if (!verdict.isGiven()) {
            return;
        }
        double first = verdict.probability();
        tally.add("judge/confidence", Math.max(first, 1 - first));
        tally.add("judge/tie", first == 0.5);
        if (verdict.isOfBothOrders()) {
            tally.add("judge/consistency", verdict.isConsistent());
            tally.add("judge/first_shown_preferred", (verdict.shownFirst() + 1 - verdict.shownSecond()) / 2);
        }
        truth.filter(utility -> utility.understands(pair.prompt())).ifPresent(utility -> {
            double difference = utility.utility(pair.prompt(), pair.first()).total()
                    - utility.utility(pair.prompt(), pair.second()).total();
            if (difference != 0) {
                tally.add("judge/accuracy_true", first == 0.5 ? 0.5 : (first > 0.5) == (difference > 0) ? 1 : 0);
            }
        });
    }

    private void judgeRankings(List<Candidates> all, BiConsumer<Candidates, Map<String, Object>> samples) {
        List<Judge.Question> asked = all.stream()
                .map(candidates -> new Judge.Question(candidates.text(), candidates.responses()))
                .toList();
        List<List<Integer>> ranks = asking(all, () -> judge.rank(asked));
        for (int i = 0; i < all.size(); i++) {
            Map<String, Object> said = new LinkedHashMap<>();
            said.put("responses", all.get(i).responses());
            said.put("ranks", ranks.get(i));
            samples.accept(all.get(i), said);
            boolean isKept = ranks.get(i).stream().distinct().count() > 1
                    && all.get(i).responses().stream().noneMatch(String::isBlank);
            tally.add("rows", isKept);
            if (isKept) {
                data.write(ranking(all.get(i), ranks.get(i)));
            }
        }
    }

    private static Judge.Pair pair(Candidates candidates) {
        return new Judge.Pair(
                candidates.text(),
                candidates.responses().get(0),
                candidates.responses().get(1));
    }

    private static Map<String, Object> pairRow(Candidates candidates, double first) {
        int better = first > 0.5 ? 0 : 1;
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("prompt", Texts.column(candidates.prompt()));
        row.put("chosen", candidates.columns().get(better));
        row.put("rejected", candidates.columns().get(1 - better));
        row.put("probability", Math.max(first, 1 - first));
        return row;
    }

    private static Map<String, Object> ranking(Candidates candidates, List<Integer> ranks) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("prompt", Texts.column(candidates.prompt()));
        row.put("responses", candidates.columns());
        row.put("ranks", ranks);
        return row;
    }
}
