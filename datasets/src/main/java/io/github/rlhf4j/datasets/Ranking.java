package io.github.rlhf4j.datasets;

import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * A prompt with K responses put in order by a labeler (InstructGPT's A to D).
 *
 * @param prompt may be empty
 * @param responses K >= 2 responses, none empty, of the same form as the prompt (text or messages)
 * @param ranks K numbers >= 1, the rank of each response: 1 is the best, equal numbers are ties; at least two differ
 * @param margin of two responses how much more a reward model should give the better one, finite; absent where nobody said
 */
public record Ranking(Content prompt, List<Content> responses, List<Integer> ranks, OptionalDouble margin, RowTags tags)
        implements DataRecord {
    public Ranking {
        responses = List.copyOf(responses);
        ranks = List.copyOf(ranks);
        if (responses.size() < 2) {
            throw new IllegalArgumentException("responses must be at least 2, but are " + responses.size());
        }
        if (ranks.size() != responses.size()) {
            throw new IllegalArgumentException(
                    "ranks must be as many as responses (" + responses.size() + "), but are " + ranks.size());
        }
        for (int i = 0; i < responses.size(); i++) {
            Checks.sameForm(prompt, responses.get(i), "responses");
            Checks.notBlank(responses.get(i), "responses[" + i + "]");
            if (ranks.get(i) < 1) {
                throw new IllegalArgumentException("ranks must be >= 1 (1 is the best), but one is " + ranks.get(i));
            }
        }
        if (ranks.stream().distinct().count() == 1) {
            throw new IllegalArgumentException("ranks must not all be equal");
        }
        Checks.finite(margin, "margin");
    }

    /** A ranking without a margin. */
    public Ranking(Content prompt, List<Content> responses, List<Integer> ranks, RowTags tags) {
        this(prompt, responses, ranks, OptionalDouble.empty(), tags);
    }

    /** A ranking of plain texts that are given best first, without ties. */
    public static Ranking bestFirst(String prompt, List<String> responses) {
        List<Content> contents = responses.stream().map(Content::of).toList();
        List<Integer> ranks = IntStream.rangeClosed(1, responses.size()).boxed().toList();
        return new Ranking(Content.of(prompt), contents, ranks, RowTags.NONE);
    }

    @Override
    public Ranking withTags(RowTags newTags) {
        return new Ranking(prompt, responses, ranks, margin, newTags);
    }

    @Override
    public RecordKind kind() {
        return RecordKind.RANKING;
    }

    @Override
    public boolean isConversational() {
        return prompt instanceof Content.Messages;
    }

    @Override
    public String promptKey() {
        return prompt.key();
    }
}
