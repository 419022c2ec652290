package io.github.rlhf4j.core.generation;

import java.util.List;

/** Text as it comes, up to the first of some stop strings; what may be the beginning of one is held back. */
public final class HeldText {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean ended;

    /** @param stops none of them empty */
    public HeldText(List<String> stops) {
        this.stops = stops;
    }

    /** Adds a piece and returns what can be shown. */
    public String push(String piece) {
        if (ended) {
            return "";
        }
        held.append(piece);
        int first = held.length();
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && at < first) {
                first = at;
                ended = true;
            }
        }
        int shown = ended ? first : held.length() - beginning();
        String text = held.substring(0, shown);
        held.delete(0, shown);
        return text;
    }

    /** Chars at the end that begin a stop string, the most. */
    private int beginning() {
        int most = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > most; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    most = length;
                }
            }
        }
        return most;
    }

    /** Whether a stop string has come. */
    public boolean hasEnded() {
        return ended;
    }

    /** What was held back for nothing. */
    public String finish() {
        return ended ? "" : held.toString();
    }
}
