package io.github.rlhf4j.judge;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetRequest;
import io.github.rlhf4j.datasets.DatasetSource;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.SplitSpec;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The dataset {@code judged:<judge>:<dataset>}: the responses of another dataset's rankings or pairs with the labels of a {@link Judge} instead of its own. Any stage that learns from
 * rankings or pairs takes it. {@code judged:<judge>/timeout=<seconds>:<dataset>} limits each call of the judge.
 *
 * <p>The judge sees the responses in a random order (a function of their texts), so the labels that were there cannot leak through it; what it answered before it is not asked again ({@link
 * JudgeAnswers}), and neither is it about rows outside the dataset's split. Rows whose responses the judge finds all equal are left out.
 */
final class JudgedDataset implements DatasetSource {
    static final String NAME = "judged";

    private static final String TIMEOUT = "timeout=";
    private static final int QUESTIONS_AT_ONCE = 64;

    private final Map<String, Judge> judges;
    private final Provider<Datasets> datasets; // this is one of the datasets itself

    @Inject
    JudgedDataset(Map<String, Judge> judges, Provider<Datasets> datasets) {
        this.judges = Map.copyOf(judges);
        this.datasets = datasets;
    }

    @Override
    public RecordKind kind(DatasetRequest request) {
        return RecordKind.RANKING;
    }

    @Override
    public void check(DatasetRequest request) {
        Judging judging = judging(request);
        datasets.get().check(judging.source(), List.of(RecordKind.RANKING), 0);
    }

    @Override
    public Stream<? extends DataRecord> records(DatasetRequest request) {
        Judging judging = judging(request);
        RecordSet<Ranking> rows = datasets.get().open(judging.source(), Ranking.class, request.seed());
        CounterRandom random = CounterRandom.of(request.seed()).derive("order of responses before a judge");
        JudgedRows judged = new JudgedRows(
                JudgeAnswers.of(judging.name(), judging.judge(), judging.timeout()), rows, request, random);
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(judged, Spliterator.ORDERED | Spliterator.NONNULL), false)
                .onClose(rows::close);
    }

    /**
     * Who judges what.
     *
     * @param timeout seconds of a call; empty: no limit
     */
    private record Judging(String name, Judge judge, OptionalDouble timeout, DatasetSpec source) {}

    private Judging judging(DatasetRequest request) {
        int colon = request.location().indexOf(':');
        if (colon < 1 || colon == request.location().length() - 1) {
            throw new UserError("dataset judged:" + request.location()
                    + " must name a judge and a dataset: judged:<judge>:<dataset>");
        }
        String[] said = request.location().substring(0, colon).split("/", 2);
        OptionalDouble timeout = said.length == 1 ? OptionalDouble.empty() : OptionalDouble.of(timeout(said));
        DatasetSpec source = new DatasetSpec(
                request.location().substring(colon + 1), "", SplitSpec.ALL, DatasetSpec.NO_LIMIT, request.columns());
        return new Judging(said[0], Judges.named(judges, said[0]), timeout, source);
    }

    /** @param said the judge's name and what follows it */
    private static double timeout(String[] said) {
        if (said[1].startsWith(TIMEOUT)) {
            try {
                double seconds = Double.parseDouble(said[1].substring(TIMEOUT.length()));
                if (JudgeConfig.isTimeout(seconds)) {
                    return seconds;
                }
            } catch (NumberFormatException e) {
                // said below
            }
        }
        throw new UserError("dataset judged:" + said[0] + "/" + said[1]
                + ": after the judge's name must be nothing or /" + TIMEOUT + "SECONDS, " + JudgeConfig.TIMEOUT_RANGE);
    }

    /** Judges some rows at once, and none that is not asked for; those outside the split pass as they are, since only the caller may leave them out. */
    private static final class JudgedRows implements Iterator<Ranking> {
        private final JudgeAnswers answers;
        private final RecordSet<Ranking> rows;
        private final DatasetRequest request;
        private final CounterRandom random;
        private final Deque<Ranking> ready = new ArrayDeque<>();
        private long next;
        private long given;

        JudgedRows(JudgeAnswers answers, RecordSet<Ranking> rows, DatasetRequest request, CounterRandom random) {
            this.answers = answers;
            this.rows = rows;
            this.request = request;
            this.random = random;
        }

        @Override
        public boolean hasNext() {
            while (ready.isEmpty() && next < rows.size() && given < request.limit()) {
                judgeSome(Math.min(rows.size(), next + Math.min(QUESTIONS_AT_ONCE, request.limit() - given)));
            }
            return !ready.isEmpty();
        }

        @Override
        public Ranking next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            given++;
            return ready.remove();
        }

        private void judgeSome(long end) {
            List<Ranking> some = new ArrayList<>();
            List<Judge.Question> questions = new ArrayList<>();
            List<Long> asked = new ArrayList<>();
            for (; next < end; next++) {
                Ranking ranking = shuffled(rows.get(next), random.derive(next));
                some.add(ranking);
                if (isWanted(ranking)) {
                    questions.add(question(ranking));
                    asked.add(next);
                }
            }
            Iterator<List<Integer>> ranks = ranks(questions, asked).iterator();
            for (Ranking ranking : some) {
                if (isWanted(ranking)) {
                    labelled(ranking, ranks.next()).ifPresent(ready::add);
                } else {
                    ready.add(ranking);
                }
            }
        }

        /** @param asked the indices of the rows that they are of */
        private List<List<Integer>> ranks(List<Judge.Question> questions, List<Long> asked) {
            return JudgeFailure.named(() -> answers.to(questions), question -> rows.describe(asked.get(question)));
        }

        private boolean isWanted(Ranking ranking) {
            return request.split().contains(ranking.promptKey());
        }
    }

    private static Ranking shuffled(Ranking ranking, CounterRandom random) {
        List<Integer> order = IntStream.range(0, ranking.responses().size())
                .boxed()
                .sorted(Comparator.comparingDouble((Integer response) -> random.uniform(response)))
                .toList();
        return new Ranking(
                ranking.prompt(),
                order.stream().map(ranking.responses()::get).toList(),
                order.stream().map(ranking.ranks()::get).toList(),
                ranking.tags());
    }

    private static Judge.Question question(Ranking ranking) {
        return new Judge.Question(
                text(ranking.prompt()),
                ranking.responses().stream().map(JudgedDataset::text).toList());
    }

    private static Optional<Ranking> labelled(Ranking ranking, List<Integer> ranks) {
        return ranks.stream().distinct().count() < 2
                ? Optional.empty()
                : Optional.of(new Ranking(ranking.prompt(), ranking.responses(), ranks, ranking.tags()));
    }

    /** Plain text as it is, messages a line each. */
    private static String text(Content content) {
        if (content instanceof Content.Messages messages) {
            return messages.messages().stream()
                    .map((ChatMessage message) -> message.role() + ": " + message.content())
                    .collect(Collectors.joining("\n"));
        }
        return ((Content.Text) content).text();
    }
}
