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
    private final List<String> notes = new ArrayList<>();
    private int count;
    private int tried;

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

    /**
     * One of many that leave the same, of which one was tried.
     *
     * @param wrong empty where it ended as it should
     * @param isTried whether this one was
     */
    void add(String ending, String wrong, boolean isTried) {
        if (wrong.isEmpty()) {
            right(ending);
        } else {
            wrong(wrong);
        }
        tried += isTried ? 1 : 0;
    }

    /** Something else to be known. */
    void note(String text) {
        notes.add(text);
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
        if (tried > 0 && tried < count) {
            parts.add(tried + " different states of the disk, each tried once");
        }
        parts.addAll(notes);
        return "| " + attack + " | " + count + " | " + String.join("; ", parts).replace("|", "/") + " |";
    }
}
