package io.github.rlhf4j.judge;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.UserCache;
import io.github.rlhf4j.core.process.TimedCall;
import io.github.rlhf4j.http.KeptAnswers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A judge that is asked each question once: its answers lie in a file (RLHF4J_CACHE_DIR/judgements, by default ~/.cache/rlhf4j/judgements), one for each judge, under a key of the prompt's and the responses'
 * texts, whatever order the data have these in.
 *
 * <p>The order that the judge sees is drawn from the texts, so an answer is a function of the judge and the texts alone. Each batch of answers is on the disk before it is used.
 */
final class JudgeAnswers {
    /** Names another folder than the user's cache, for tests. */
    static final String FOLDER_PROPERTY = "rlhf4j.judgements";

    private final String name;
    private final Judge judge;
    private final AnswerFile file;
    private final OptionalDouble timeout;

    JudgeAnswers(String name, Judge judge, Path folder, OptionalDouble timeout) {
        this.name = name;
        this.timeout = timeout;
        this.judge = judge;
        String identity = KeptAnswers.key(name, judge.getClass().getName(), judge.version());
        this.file = AnswerFile.open(folder.resolve(name + "-" + identity.substring(0, 16) + ".jsonl"));
    }

    /** @param timeout seconds of a call; empty: no limit */
    static JudgeAnswers of(String name, Judge judge, OptionalDouble timeout) {
        return new JudgeAnswers(name, judge, folder(), timeout);
    }

    private static Path folder() {
        String given = System.getProperty(FOLDER_PROPERTY);
        if (given != null) {
            return Path.of(given);
        }
        return UserCache.folder("judgements");
    }

    /**
     * The ranks of each question's responses, in order.
     *
     * @throws UserError where the judge fails or gives other numbers of ranks than it was asked for
     */
    List<List<Integer>> to(List<Judge.Question> questions) {
        List<Asked> all = questions.stream().map(Asked::of).toList();
        Map<String, Integer> unknown = new LinkedHashMap<>(); // places
        for (int i = 0; i < all.size(); i++) {
            if (file.get(all.get(i).key(), all.get(i).size()).isEmpty()) {
                unknown.putIfAbsent(all.get(i).key(), i);
            }
        }
        if (!unknown.isEmpty()) {
            file.add(answers(all, List.copyOf(unknown.values())));
        }
        return all.stream()
                .map(asked -> asked.inOrderOfTheData(
                        file.get(asked.key(), asked.size()).orElseThrow()))
                .toList();
    }

    /** @param places of the questions that are asked */
    private Map<String, List<Integer>> answers(List<Asked> all, List<Integer> places) {
        List<Asked> unknown = places.stream().map(all::get).toList();
        List<? extends @Nullable List<Integer>> ranks =
                asked(unknown.stream().map(Asked::question).toList(), places);
        if (ranks == null || ranks.size() != unknown.size()) {
            throw new JudgeFailure(
                    "judge %s was asked %d questions, but gave %s answers"
                            .formatted(name, unknown.size(), ranks == null ? "no" : ranks.size()),
                    places,
                    null);
        }
        Map<String, List<Integer>> answers = new LinkedHashMap<>();
        for (int i = 0; i < unknown.size(); i++) {
            List<@Nullable Integer> given = ranks.get(i);
            int responses = unknown.get(i).size();
            if (given == null
                    || given.size() != responses
                    || given.stream().anyMatch(rank -> rank == null || rank < 1)) {
                throw new JudgeFailure(
                        "judge %s must give %d responses as many ranks, each 1 (the best) or more, but gave %s for the prompt \"%s\""
                                .formatted(
                                        name,
                                        responses,
                                        given,
                                        start(unknown.get(i).question().prompt())),
                        List.of(places.get(i)),
                        null);
            }
            answers.put(unknown.get(i).key(), List.copyOf(given));
        }
        return answers;
    }

    private @Nullable List<List<Integer>> asked(List<Judge.Question> questions, List<Integer> places) {
        try {
            return TimedCall.within(timeout, "judge " + name, () -> judge.rank(questions));
        } catch (UserError e) {
            throw e;
        } catch (TimeoutException e) {
            throw failure(questions, timeout.isEmpty() ? e.toString() : String.valueOf(e.getMessage()), places, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError("interrupted while judge " + name + " was asked", e);
        } catch (Exception e) {
            throw failure(questions, e.toString(), places, e);
        }
    }

    private JudgeFailure failure(List<Judge.Question> questions, String what, List<Integer> places, Exception cause) {
        return new JudgeFailure(
                "judge %s failed on %d questions: %s; its earlier answers are kept in %s"
                        .formatted(name, questions.size(), what, file.path()),
                places,
                cause);
    }

    private static String start(String prompt) {
        String line = prompt.replace('\n', ' ');
        return line.length() > 60 ? line.substring(0, 60) + "..." : line;
    }

    /**
     * A question as the judge sees it.
     *
     * @param order position before the judge -> position in the data
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Asked(String key, Judge.Question question, int[] order) {
        static Asked of(Judge.Question data) {
            List<Integer> sorted = IntStream.range(0, data.responses().size())
                    .boxed()
                    .sorted(Comparator.comparing(data.responses()::get))
                    .toList();
            String key = KeptAnswers.key(
                    Stream.concat(Stream.of(data.prompt()), sorted.stream().map(data.responses()::get))
                            .toArray(String[]::new));
            CounterRandom random = CounterRandom.of(
                    ByteBuffer.wrap(HexFormat.of().parseHex(key)).getLong());
            int[] order = IntStream.range(0, sorted.size())
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer place) -> random.uniform(place)))
                    .mapToInt(sorted::get)
                    .toArray();
            List<String> shown =
                    Arrays.stream(order).mapToObj(data.responses()::get).toList();
            return new Asked(key, new Judge.Question(data.prompt(), shown), order);
        }

        int size() {
            return order.length;
        }

        List<Integer> inOrderOfTheData(List<Integer> answer) {
            List<Integer> ranks = new ArrayList<>(answer);
            for (int shown = 0; shown < order.length; shown++) {
                ranks.set(order[shown], answer.get(shown));
            }
            return ranks;
        }
    }
}
