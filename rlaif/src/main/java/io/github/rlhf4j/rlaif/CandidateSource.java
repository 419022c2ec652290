package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.rollout.Rollout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Where the responses come from that are judged. */
interface CandidateSource extends AutoCloseable {
    long rows();

    /** Those of some rows. */
    List<Candidates> get(long first, long end);

    /** What a row was: its file and line where they are known. */
    Map<String, Object> describe(long row);

    @Override
    void close();

    /** A model's answers. */
    static CandidateSource of(Policy policy) {
        return new CandidateSource() {
            @Override
            public long rows() {
                return policy.prompts();
            }

            @Override
            public List<Candidates> get(long first, long end) {
                List<List<Rollout>> answers = policy.answers(first, end);
                List<Candidates> candidates = new ArrayList<>();
                for (int i = 0; i < answers.size(); i++) {
                    Content prompt = policy.prompt(first + i).prompt();
                    List<String> responses = answers.get(i).stream()
                            .map(answer -> answer.answer().response())
                            .toList();
                    List<Object> columns = responses.stream()
                            .map(response -> Texts.column(prompt, response))
                            .toList();
                    candidates.add(new Candidates(first + i, prompt, responses, columns));
                }
                return candidates;
            }

            @Override
            public Map<String, Object> describe(long row) {
                return policy.describe(row);
            }

            @Override
            public void close() {
                policy.close();
            }
        };
    }

    /** Those of a dataset, in an order that does not tell its labels. */
    static CandidateSource of(RecordSet<Ranking> rankings, CounterRandom random) {
        return new CandidateSource() {
            @Override
            public long rows() {
                return rankings.size();
            }

            @Override
            public List<Candidates> get(long first, long end) {
                List<Candidates> candidates = new ArrayList<>();
                for (long row = first; row < end; row++) {
                    Ranking ranking = rankings.get(row);
                    CounterRandom order = random.derive("order").derive(row);
                    List<Content> shown = IntStream.range(0, ranking.responses().size())
                            .boxed()
                            .sorted(Comparator.comparingDouble((Integer response) -> order.uniform(response)))
                            .map(ranking.responses()::get)
                            .toList();
                    candidates.add(new Candidates(
                            row,
                            ranking.prompt(),
                            shown.stream().map(Texts::of).toList(),
                            shown.stream().map(Texts::column).toList()));
                }
                return candidates;
            }

            @Override
            public Map<String, Object> describe(long row) {
                return rankings.describe(row);
            }

            @Override
            public void close() {
                rankings.close();
            }
        };
    }
}
