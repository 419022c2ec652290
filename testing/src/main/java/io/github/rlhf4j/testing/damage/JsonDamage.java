package io.github.rlhf4j.testing.damage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Damage to a JSON document: a value for another, a key left out, twice or new, an element more or less; now and then its bytes. */
final class JsonDamage {
    private static final String MARK = "@value@";
    private static final int LARGEST = 400; // elements of a container that are damaged one by one

    private JsonDamage() {}

    static byte[] damaged(byte[] whole, Draws draws) {
        JsonNode tree = Form.tree(whole);
        if (draws.below(5) == 0 || !(tree instanceof ContainerNode<?>) || tree.isEmpty()) {
            return ByteDamage.damaged(whole, draws);
        }
        List<ContainerNode<?>> parents = new ArrayList<>();
        collect(tree, parents);
        ContainerNode<?> parent = draws.of(parents);
        if (parent instanceof ObjectNode object) {
            List<String> keys = new ArrayList<>();
            object.fieldNames().forEachRemaining(keys::add);
            String key = draws.of(keys);
            switch (draws.below(8)) {
                case 0 -> object.remove(key);
                case 1 ->
                    object.set(
                            draws.of(List.of("", "x", "\u001b[2J", "__proto__", key + "_", "../x")), object.get(key));
                case 2 -> object.set(key, object.get(draws.of(keys)));
                case 3 -> {
                    String text = tree.toString();
                    String name = new TextNode(key) + ":";
                    return utf8(text.replace(name, name + draws.of(Nasty.JSON) + "," + name)); // twice
                }
                default -> object.put(key, MARK);
            }
        } else if (parent instanceof ArrayNode array) {
            int at = draws.below(array.size());
            switch (draws.below(5)) {
                case 0 -> array.remove(at);
                case 1 -> array.insert(at, array.get(draws.below(array.size())).deepCopy());
                default -> array.set(at, new TextNode(MARK));
            }
        }
        return utf8(tree.toString().replace("\"" + MARK + "\"", draws.of(Nasty.JSON)));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void collect(JsonNode node, List<ContainerNode<?>> parents) {
        if (node instanceof ContainerNode<?> container && !container.isEmpty()) {
            parents.add(container);
            if (container.size() < LARGEST) {
                container.forEach(child -> collect(child, parents));
            }
        }
    }
}
