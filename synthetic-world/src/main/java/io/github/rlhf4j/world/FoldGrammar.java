package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * The hidden grammar of {@link Sequences}: a fold is an order of one helix and four strands, and says which strands lie beside each other. Twelve folds have the same elements, so what a sequence is made of says nothing about its fold.
 *
 * <p>Helices have an oily residue at the first and fourth of seven places. Strands take turns of oily and polar residues; two that lie beside each other run in opposite directions, and a residue is nearly always the partner of the
 * one that it faces. So four orders are seen from near, and three pairings only from afar.
 */
final class FoldGrammar {
    private static final List<String> ORDERS = List.of("HEEEE", "EHEEE", "EEHEE", "EEEEH");
    /** The partner of each strand. */
    private static final int[][] PAIRINGS = {{1, 0, 3, 2}, {3, 2, 1, 0}, {2, 3, 0, 1}};

    private static final String OILY = "VILFYW";
    private static final String POLAR = "TSKRQN";
    private static final String HELIX_OILY = "LAMI";
    private static final String HELIX_POLAR = "EKAQRD";
    private static final String LOOP = "GNDSP";
    private static final double FAITHFUL = 0.9;

    private final List<String> names;
    private final String oilyPartners;
    private final String polarPartners;

    /** @param random of the seed's grammar: which residues are partners, and what folds are called */
    FoldGrammar(CounterRandom random) {
        Draw draw = new Draw(random);
        oilyPartners = partners(OILY, draw);
        polarPartners = partners(POLAR, draw);
        List<String> syllables = new ArrayList<>(List.of(
                "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va"));
        List<String> drawn = new ArrayList<>();
        for (int i = 0; i < folds(); i++) {
            drawn.add(syllables.remove(draw.below(syllables.size())));
        }
        names = List.copyOf(drawn);
    }

    /** Three pairs of six: what stands at a residue's place is its partner. */
    private static String partners(String residues, Draw draw) {
        List<Integer> left = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5));
        char[] partners = new char[residues.length()];
        while (!left.isEmpty()) {
            int first = left.remove(0);
            int second = left.remove(draw.below(left.size()));
            partners[first] = residues.charAt(second);
            partners[second] = residues.charAt(first);
        }
        return new String(partners);
    }

    int folds() {
        return ORDERS.size() * PAIRINGS.length;
    }

    String name(int fold) {
        return names.get(fold);
    }

    String sequence(int fold, Draw draw) {
        int[] pairing = PAIRINGS[fold % PAIRINGS.length];
        String[] strands = new String[pairing.length];
        StringBuilder sequence = new StringBuilder("M");
        int strand = 0;
        for (char element : ORDERS.get(fold / PAIRINGS.length).toCharArray()) {
            if (element == 'H') {
                helix(sequence, draw);
            } else {
                String facing = strands[pairing[strand]];
                strands[strand] = facing == null ? strand(draw) : facing(facing, draw);
                sequence.append(strands[strand++]);
            }
            int loop = 2 + draw.below(3);
            for (int i = 0; i < loop; i++) {
                sequence.append(one(LOOP, draw));
            }
        }
        return sequence.toString();
    }

    private static void helix(StringBuilder sequence, Draw draw) {
        int length = 8 + draw.below(5);
        for (int i = 0; i < length; i++) {
            sequence.append(one(i % 7 == 0 || i % 7 == 3 ? HELIX_OILY : HELIX_POLAR, draw));
        }
    }

    private static String strand(Draw draw) {
        int length = 5 + 2 * draw.below(2);
        StringBuilder strand = new StringBuilder();
        for (int i = 0; i < length; i++) {
            strand.append(one(i % 2 == 0 ? OILY : POLAR, draw));
        }
        return strand.toString();
    }

    private String facing(String strand, Draw draw) {
        StringBuilder facing = new StringBuilder();
        for (int i = strand.length() - 1; i >= 0; i--) {
            String kind = OILY.indexOf(strand.charAt(i)) >= 0 ? OILY : POLAR;
            boolean faithful = draw.chance(FAITHFUL);
            facing.append(faithful ? partner(strand.charAt(i)) : one(kind, draw));
        }
        return facing.toString();
    }

    private char partner(char residue) {
        int oily = OILY.indexOf(residue);
        return oily >= 0 ? oilyPartners.charAt(oily) : polarPartners.charAt(POLAR.indexOf(residue));
    }

    private static char one(String residues, Draw draw) {
        return residues.charAt(draw.below(residues.length()));
    }
}
