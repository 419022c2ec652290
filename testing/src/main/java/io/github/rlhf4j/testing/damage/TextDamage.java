package io.github.rlhf4j.testing.damage;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Damage to words and lines; now and then to bytes. */
final class TextDamage {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.:/-]+");

    private TextDamage() {}

    static byte[] damaged(byte[] whole, Draws draws) {
        String text = new String(whole, StandardCharsets.UTF_8);
        List<String> lines = new ArrayList<>(text.lines().toList());
        int kind = draws.below(9);
        if (kind < 2 || lines.isEmpty()) {
            return ByteDamage.damaged(whole, draws);
        }
        int line = draws.below(lines.size());
        switch (kind) {
            case 2 -> lines.remove(line);
            case 3 -> lines.add(draws.below(lines.size()), lines.get(line));
            case 4 -> lines.set(line, draws.of(Nasty.TEXT));
            default -> {
                List<int[]> words = new ArrayList<>();
                Matcher matcher = WORD.matcher(text);
                while (matcher.find()) {
                    words.add(new int[] {matcher.start(), matcher.end()});
                }
                if (!words.isEmpty()) {
                    int[] word = draws.of(words);
                    text = text.substring(0, word[0]) + draws.of(Nasty.TEXT) + text.substring(word[1]);
                }
                return text.getBytes(StandardCharsets.UTF_8);
            }
        }
        return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
