package io.github.rlhf4j.datasets;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.Sha256;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A part of a dataset, chosen by a hash of the prompt: rows with the same prompt are always in the same part, whatever the seed, the order and the other rows.
 *
 * <p>A prompt's hash is a number in [0, 1); the parts are consecutive intervals of it in the order in which their fractions are given.
 *
 * @param part name of the part to take, one of the fractions' names
 * @param fractions name of each part to its share; they add up to 1
 */
public record SplitSpec(String part, List<Fraction> fractions) {
    /** Everything. */
    public static final SplitSpec ALL = new SplitSpec("all", List.of(new Fraction("all", 1)));

    private static final double TOLERANCE = 1e-9;

    public SplitSpec {
        fractions = List.copyOf(fractions);
        double sum = fractions.stream().mapToDouble(Fraction::share).sum();
        List<String> names = fractions.stream().map(Fraction::name).toList();
        if (Math.abs(sum - 1) > TOLERANCE) {
            throw new UserError("dataset.split.fractions must add up to 1, but add up to " + sum);
        }
        if (names.stream().distinct().count() != names.size()) {
            throw new UserError("dataset.split.fractions must have different names, but are " + names);
        }
        if (!names.contains(part)) {
            throw new UserError("dataset.split must be one of " + names + ", but is \"" + part + "\"");
        }
    }

    /**
     * One part.
     *
     * @param share of all prompts, in (0, 1]
     */
    public record Fraction(String name, double share) {
        public Fraction {
            if (!(share > 0 && share <= 1)) {
                throw new UserError(
                        "dataset.split.fractions." + name + " must be greater than 0 and at most 1, but is " + share);
            }
        }
    }

    /** {@code train} (90 % of the prompts) or {@code test} (10 %). */
    public static SplitSpec of(String part) {
        Map<String, Double> shares = new LinkedHashMap<>();
        shares.put("train", 0.9);
        shares.put("test", 0.1);
        return of(part, shares);
    }

    /** Parts of the user's own, in the map's order. */
    public static SplitSpec of(String part, Map<String, Double> shares) {
        List<Fraction> fractions = new ArrayList<>();
        shares.forEach((name, share) -> fractions.add(new Fraction(name, share)));
        return new SplitSpec(part, fractions);
    }

    /** Whether a row with this {@link DataRecord#promptKey} is in the part. */
    public boolean contains(String promptKey) {
        if (fractions.size() == 1) {
            return true;
        }
        double position = position("split", promptKey);
        double start = 0;
        String found = fractions.get(fractions.size() - 1).name();
        for (Fraction fraction : fractions) {
            if (position < start + fraction.share()) {
                found = fraction.name();
                break;
            }
            start += fraction.share();
        }
        return found.equals(part);
    }

    /** The hash of a prompt in [0, 1); {@code purpose} makes different uses independent of each other. */
    static double position(String purpose, String promptKey) {
        byte[] hash = new Sha256().add(purpose + "\n").add(promptKey).bytes();
        return (ByteBuffer.wrap(hash).getLong() >>> 11) * 0x1.0p-53;
    }
}
