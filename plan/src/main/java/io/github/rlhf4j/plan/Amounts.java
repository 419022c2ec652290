package io.github.rlhf4j.plan;

import io.github.rlhf4j.core.UserError;
import java.util.Locale;

/** Numbers as people write them: 15.6T, 300e9, 60B, 2000000. */
public final class Amounts {
    private static final String FORM = "[+-]?[0-9]+(\\.[0-9]+)?([KMBT]|E[+-]?[0-9]{1,3})?";

    private Amounts() {}

    /**
     * Reads one.
     *
     * @param what names it in the message
     * @throws UserError where it is none
     */
    public static double parse(String what, String text) {
        String given = text.toUpperCase(Locale.ROOT).replace("_", "").replace(",", "");
        if (!given.matches(FORM)) {
            throw new UserError(what + " must be a number such as 2000000, 60B or 15.6T, but is \""
                    + text.replaceAll("\\p{Cntrl}", "?") + "\"");
        }
        double factor = switch (given.charAt(given.length() - 1)) {
            case 'K' -> 1e3;
            case 'M' -> 1e6;
            case 'B' -> 1e9;
            case 'T' -> 1e12;
            default -> 1;
        };
        return Double.parseDouble(factor == 1 ? given : given.substring(0, given.length() - 1)) * factor;
    }
}
