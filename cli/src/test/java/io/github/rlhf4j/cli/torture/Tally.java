package io.github.rlhf4j.cli.torture;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How one attack ended, each time that it was made. */
final class Tally {
    private final String attack;
    private final Map<String, Integer> endings = new TreeMap<>();
    private final List<String> wrong = new ArrayList<>();
    private int count;

    Tally(String attack) {
        this.attack = attack;
    }

    /** One that ended as it should. */
    void right(String ending) {
        count++;
        endings.merge(ending, 1, Integer::sum);
    }

    /** One that did not. */
    void wrong(String what) {
        count++;
        wrong.add(what);
        System.err.println("WRONG: " + attack + ": " + what);
    }

    String attack() {
        return attack;
    }

    int count() {
        return count;
    }

    List<String> wrong() {
        return wrong;
    }

    /** A row of a table in Markdown: attack, count, result. */
    String row() {
        List<String> parts = new ArrayList<>();
        endings.forEach((ending, times) -> parts.add(times + " " + ending));
        if (!wrong.isEmpty()) {
            parts.add("**" + wrong.size() + " wrong**: " + wrong.get(0));
        }
        return "| " + attack + " | " + count + " | " + String.join("; ", parts).replace("|", "/") + " |";
    }
}
