package io.github.rlhf4j.world;

/**
 * What one clause says, in no language.
 *
 * @param adjective of the value, from {@link InventedWords#ADJECTIVES}, or empty
 * @param time from {@link InventedWords#TIMES}, or empty
 */
record Clause(Fact fact, String adjective, String time) {
    static Clause draw(Fact fact, Draw draw) {
        boolean described = draw.chance(0.3) && fact.relation().valueCategory().closed();
        String adjective = described ? draw.pick(InventedWords.ADJECTIVES) : "";
        return new Clause(fact, adjective, draw.chance(0.3) ? draw.pick(InventedWords.TIMES) : "");
    }
}
