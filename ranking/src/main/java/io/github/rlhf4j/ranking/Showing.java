package io.github.rlhf4j.ranking;

import java.util.List;
import java.util.Optional;

/**
 * An item as a person is shown it.
 *
 * @param number the person's how many-th, from 0
 * @param item what is shown
 * @param order index of the answer in the first place, the second, ...
 * @param isRepeat whether the person has answered it before; not told to the person
 * @param undone what the person had said before taking it back, to begin with
 */
public record Showing(int number, RankItem item, List<Integer> order, boolean isRepeat, Optional<Answer> undone) {
    public Showing {
        order = List.copyOf(order);
    }

    /** The answers as they are placed. */
    public List<Candidate> placed() {
        return order.stream().map(item.candidates()::get).toList();
    }
}
