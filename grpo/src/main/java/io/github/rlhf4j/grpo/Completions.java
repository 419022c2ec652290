package io.github.rlhf4j.grpo;

import java.util.ArrayList;
import java.util.List;

/**
 * Some responses to one prompt, which is computed once for all of them: an example of {@link GrpoObjective}.
 *
 * @param list at least one
 */
record Completions(List<Completion> list) {
    private static final int PARTS_OF_A_STEP = 16; // at least, so that several threads have work

    Completions {
        list = List.copyOf(list);
    }

    /**
     * Groups cut into parts, each of one prompt.
     *
     * @param groups of one step
     * @param tokens of a part, as far as one response is no longer
     */
    static List<Completions> cut(List<List<Completion>> groups, int tokens) {
        int all = groups.stream().mapToInt(List::size).sum();
        int most = Math.max(1, all / PARTS_OF_A_STEP);
        List<Completions> parts = new ArrayList<>();
        for (List<Completion> group : groups) {
            int from = 0;
            while (from < group.size()) {
                int to = from + 1;
                int length =
                        group.get(from).promptIds().length + group.get(from).responseIds().length;
                while (to < group.size()
                        && to - from < most
                        && length + group.get(to).responseIds().length <= tokens) {
                    length += group.get(to).responseIds().length;
                    to++;
                }
                parts.add(new Completions(group.subList(from, to)));
                from = to;
            }
        }
        return parts;
    }
}
