package io.github.rlhf4j.reward;

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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The dataset {@code judged:<judge>:<dataset>}: the responses of another dataset's rankings or pairs with the labels of a {@link Judge} instead of its own. Any stage that learns from
 * rankings or pairs takes it.
 *
 * <p>The judge sees the responses in a random order (a function of the data's seed and the row), so the labels that were there cannot leak through it. Rows whose responses the judge
 * finds all equal are left out.
 */
final class JudgedDataset implements DatasetSource {
    static final String NAME = "judged";

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
        return LongStream.range(0, (rows.size() + QUESTIONS_AT_ONCE - 1) / QUESTIONS_AT_ONCE)
                .boxed()
                .flatMap(part -> judged(judging, rows, part * QUESTIONS_AT_ONCE, random).stream())
                .onClose(rows::close);
    }

    /** Who judges what. */
    private record Judging(String name, Judge judge, DatasetSpec source) {}

    private Judging judging(DatasetRequest request) {
        int colon = request.location().indexOf(':');
        if (colon < 1 || colon == request.location().length() - 1) {
            throw new UserError("dataset judged:" + request.location()
                    + " must name a judge and a dataset: judged:<judge>:<dataset>");
        }
        String name = request.location().substring(0, colon);
        DatasetSpec source = new DatasetSpec(
                request.location().substring(colon + 1), "", SplitSpec.ALL, DatasetSpec.NO_LIMIT, request.columns());
        return new Judging(name, judge(judges, name), source);
    }

    /**
     * The judge called {@code name}.
     *
     * @throws UserError where there is none; the message lists all
     */
    static Judge judge(Map<String, Judge> judges, String name) {
        Judge judge = judges.get(name);
        if (judge == null) {
            throw new UserError(
                    "judge \"" + name + "\" is bound by no module; bound are " + new TreeSet<>(judges.keySet()));
        }
        return judge;
    }

    private static List<Ranking> judged(Judging judging, RecordSet<Ranking> rows, long from, CounterRandom random) {
        List<Ranking> shuffled = new ArrayList<>();
        for (long row = from; row < Math.min(from + QUESTIONS_AT_ONCE, rows.size()); row++) {
            shuffled.add(shuffled(rows.get(row), random.derive(row)));
        }
        List<List<Integer>> ranks = judging.judge()
                .rank(shuffled.stream().map(JudgedDataset::question).toList());
        if (ranks.size() != shuffled.size()) {
            throw new IllegalStateException("judge " + judging.name() + " was asked " + shuffled.size()
                    + " questions, but gave " + ranks.size() + " answers");
        }
        List<Ranking> judged = new ArrayList<>();
        for (int i = 0; i < ranks.size(); i++) {
            labelled(judging.name(), shuffled.get(i), ranks.get(i)).ifPresent(judged::add);
        }
        return judged;
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

    private static Optional<Ranking> labelled(String name, Ranking ranking, List<Integer> ranks) {
        if (ranks.size() != ranking.responses().size()) {
            throw new IllegalStateException("judge " + name + " was shown "
                    + ranking.responses().size() + " responses, but gave ranks " + ranks);
        }
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
