package io.github.rlhf4j.ranking;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a person said of an item.
 *
 * @param person who
 * @param number the person's how many-th answer, from 0
 * @param item its id
 * @param isRepeat whether the person had answered it before
 * @param order the places on the page: index of the answer that was shown first, second, ...
 * @param kind of the answer
 * @param ranks by the item's own order, 1 is the best, equal numbers are ties; empty where nothing was ranked
 * @param text what was written; empty where nothing was
 * @param seconds from the showing to the answer, as the page says; 0: not known
 * @param at when, as ISO 8601
 */
public record Answer(
        String person,
        int number,
        String item,
        boolean isRepeat,
        List<Integer> order,
        Kind kind,
        List<Integer> ranks,
        String text,
        double seconds,
        String at) {
    /** What kinds of answers there are. */
    public enum Kind {
        RANKED,
        WRITTEN,
        SKIPPED;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Answer {
        order = List.copyOf(order);
        ranks = List.copyOf(ranks);
    }

    /** 1 where the first of two answers of its item is better, -1 where the second is, 0 for a tie. */
    int preference(Agreement.Pair pair) {
        return Integer.compare(ranks.get(pair.second()), ranks.get(pair.first()));
    }

    /** Whether it says the same of the same item, in the same place. */
    boolean saysTheSame(Answer other) {
        return person.equals(other.person)
                && number == other.number
                && item.equals(other.item)
                && kind == other.kind
                && ranks.equals(other.ranks)
                && text.equals(other.text);
    }

    static Answer read(StoredJson line) {
        Kind kind = Arrays.stream(Kind.values())
                .filter(one -> one.text().equals(line.text("event")))
                .findFirst()
                .orElseThrow(() -> line.wrong("event", "joined, undone, ranked, written or skipped"));
        return new Answer(
                line.name("person"),
                line.count("number", 0),
                line.name("item"),
                line.flag("repeat"),
                line.counts("order"),
                kind,
                line.counts("ranks"),
                line.textOrEmpty("text"),
                line.number("seconds"),
                line.text("at"));
    }

    /** Whether it can be one of an item with so many candidates. */
    boolean fits(int candidates) {
        boolean isOrder = order.size() == candidates
                && order.stream().distinct().count() == candidates
                && order.stream().allMatch(place -> place >= 0 && place < candidates);
        return isOrder
                && ranks.size() == (kind == Kind.RANKED ? candidates : 0)
                && ranks.stream().allMatch(rank -> rank >= 1);
    }

    ObjectNode write() {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("event", kind.text())
                .put("person", person)
                .put("number", number)
                .put("item", item);
        if (isRepeat) {
            node.put("repeat", true);
        }
        ArrayNode places = node.putArray("order");
        order.forEach(places::add);
        if (kind == Kind.RANKED) {
            ArrayNode list = node.putArray("ranks");
            ranks.forEach(list::add);
        }
        if (kind == Kind.WRITTEN) {
            node.put("text", text);
        }
        return node.put("seconds", seconds).put("at", at);
    }
}
