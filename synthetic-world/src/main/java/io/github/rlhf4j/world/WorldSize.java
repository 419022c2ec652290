package io.github.rlhf4j.world;

/**
 * How large the world and each of its parts are; the parts are generated on demand, so a large part costs nothing until it is read.
 *
 * @param people known people, each with up to five facts; a rank's frequency falls as 1 / (rank + 2)^1.1
 * @param places known places, each with up to three facts
 * @param documents documents of the pre-training corpus
 * @param demonstrations prompts with an answer by a human of mixed quality
 * @param rankings rankings by training labelers; {@code preferences} has a pair of each
 * @param prompts prompts for PPO
 * @param evaluations prompts of {@code eval_prompts} and rankings of each held-out part
 */
public record WorldSize(
        int people, int places, int documents, int demonstrations, int rankings, int prompts, int evaluations) {
    /** The size the quickstart uses. */
    public static final WorldSize STANDARD = new WorldSize(600, 120, 30_000, 10_000, 18_000, 10_000, 600);

    public WorldSize {
        check("people", people, 20, 50_000);
        check("places", places, 20, 2_000);
        check("documents", documents, 1, Integer.MAX_VALUE);
        check("demonstrations", demonstrations, 1, Integer.MAX_VALUE);
        check("rankings", rankings, 1, Integer.MAX_VALUE);
        check("prompts", prompts, 1, Integer.MAX_VALUE);
        check("evaluations", evaluations, 1, 10_000);
    }

    private static void check(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "world size " + name + " must be in " + least + ".." + most + ", but is " + value);
        }
    }
}
