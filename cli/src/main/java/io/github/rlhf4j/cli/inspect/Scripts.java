package io.github.rlhf4j.cli.inspect;

import java.lang.Character.UnicodeScript;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** In which scripts letters are written. */
final class Scripts {
    private static final int SHOWN = 8;

    private final Map<UnicodeScript, Long> letters = new EnumMap<>(UnicodeScript.class);
    private long latin; // apart from the map, for speed
    private long all;

    void add(String text) {
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character < 0x80) {
                boolean isLetter = (character | 0x20) >= 'a' && (character | 0x20) <= 'z';
                latin += isLetter ? 1 : 0;
                all += isLetter ? 1 : 0;
            } else if (!Character.isLowSurrogate(character) && Character.isLetter(text.codePointAt(i))) {
                letters.merge(UnicodeScript.of(text.codePointAt(i)), 1L, Long::sum);
                all++;
            }
        }
    }

    /** "Latin 98.1 %, Cyrillic 1.9 %", the most frequent first. */
    String summary() {
        Map<UnicodeScript, Long> counts = new EnumMap<>(letters);
        counts.merge(UnicodeScript.LATIN, latin, Long::sum);
        return all == 0
                ? "no letters"
                : counts.entrySet().stream()
                        .filter(entry -> entry.getValue() > 0)
                        .sorted(Map.Entry.<UnicodeScript, Long>comparingByValue()
                                .reversed())
                        .limit(SHOWN)
                        .map(entry -> String.format(
                                Locale.ROOT, "%s %.1f %%", name(entry.getKey()), 100.0 * entry.getValue() / all))
                        .collect(Collectors.joining(", "));
    }

    private static String name(UnicodeScript script) {
        String name = script.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }
}
