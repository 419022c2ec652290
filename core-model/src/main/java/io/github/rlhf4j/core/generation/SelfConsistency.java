package io.github.rlhf4j.core.generation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What several samples of one prompt say together: the answer that most of them give (self-consistency, Wang et al. 2022, arXiv 2203.11171), and how far they agree.
 *
 * @param answers of each sample, empty where there is none
 * @param majority the most frequent answer, the earliest of several; empty where no sample has one
 * @param index a sample that gives it: the first; 0 where there is none
 * @param agreement its share among all samples
 * @param distinct different answers
 * @param entropy of the answers' shares, nats; samples without one count as one answer
 */
public record SelfConsistency(
        List<Optional<String>> answers,
        Optional<String> majority,
        int index,
        double agreement,
        int distinct,
        double entropy) {
    /** Takes the answer from a text; empty where it has none. */
    @FunctionalInterface
    public interface Extractor {
        Optional<String> answer(String text);
    }

    /** The whole text without spaces around it. */
    public static final Extractor WHOLE = text -> Optional.of(text.strip()).filter(answer -> !answer.isEmpty());

    /** The last place that an expression matches: its first group where it has one. */
    public static Extractor last(Pattern expression) {
        return text -> {
            Matcher matcher = expression.matcher(text);
            Optional<String> found = Optional.empty();
            while (matcher.find()) {
                String match = matcher.groupCount() > 0 ? matcher.group(1) : matcher.group();
                found = Optional.ofNullable(match).map(String::strip);
            }
            return found;
        };
    }

    /** Of some samples, one at least. */
    public static SelfConsistency of(List<String> texts, Extractor extractor) {
        List<Optional<String>> answers = new ArrayList<>();
        Map<Optional<String>, Integer> counts = new LinkedHashMap<>();
        for (String text : texts) {
            Optional<String> answer = extractor.answer(text);
            answers.add(answer);
            counts.merge(answer, 1, Integer::sum);
        }
        Optional<String> majority = Optional.empty();
        int most = 0;
        double entropy = 0;
        for (Map.Entry<Optional<String>, Integer> entry : counts.entrySet()) {
            double share = (double) entry.getValue() / texts.size();
            entropy -= share * Math.log(share);
            if (entry.getKey().isPresent() && entry.getValue() > most) {
                majority = entry.getKey();
                most = entry.getValue();
            }
        }
        int distinct = counts.size() - (counts.containsKey(Optional.<String>empty()) ? 1 : 0);
        return new SelfConsistency(
                answers,
                majority,
                Math.max(0, answers.indexOf(majority)),
                (double) most / texts.size(),
                distinct,
                entropy + 0.0);
    }
}
