package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads YAML as {@link ConfigValue}s. Anchors, aliases and merge keys stand for what they name, with the lines where that was written. Duplicate keys, tags that are not YAML's own and several documents are refused with
 * their line, and so is a file in which aliases multiply.
 */
final class YamlReader {
    private static final int MOST_BYTES = 2 << 20;
    private static final int MOST_ALIASES = 1_000;
    private static final int MOST_VALUES = 20_000; // with those that aliases stand for

    private YamlReader() {}

    /** Reads a file that holds one map. */
    static ConfigValue.Entries readFile(Path path) {
        String text;
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new UserError(path + " is too large for a run file: more than " + (MOST_BYTES >> 20) + " MiB");
            }
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (NoSuchFileException e) {
            throw new UserError(path + " does not exist", e);
        } catch (CharacterCodingException e) {
            throw new UserError(path + " is not UTF-8 text", e);
        } catch (IOException e) {
            throw new UserError(path + " cannot be read: " + e.getMessage(), e);
        }
        return readMap(text, path.getFileName().toString());
    }

    /** Reads a text that holds one map. */
    static ConfigValue.Entries readMap(String text, String source) {
        ConfigValue value = read(text, source, null);
        if (value instanceof ConfigValue.Entries entries) {
            return entries;
        }
        throw new UserError(source + " must hold a map of keys to values, but does not");
    }

    /** Reads a map whose values all have the same origin, whatever their lines. */
    static ConfigValue.Entries readMap(String text, String source, Origin origin) {
        ConfigValue value = read(text, source, origin);
        if (value instanceof ConfigValue.Entries entries) {
            return entries;
        }
        throw new UserError(source + " must hold a map of keys to values, but does not");
    }

    /** Reads a command line's value: a list, a map or a quoted text as YAML, anything else as it is. */
    static ConfigValue readArgument(String text, String argument) {
        if (text.startsWith("[") || text.startsWith("{") || text.startsWith("\"") || text.startsWith("'")) {
            return read(text, "'" + argument + "'", Origin.COMMAND_LINE);
        }
        return new ConfigValue.Scalar(text, false, Origin.COMMAND_LINE);
    }

    private static ConfigValue read(String text, String source, @Nullable Origin origin) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        options.setNestingDepthLimit(20);
        options.setMaxAliasesForCollections(MOST_ALIASES);
        Yaml yaml = new Yaml(new SafeConstructor(options));
        try {
            Node node = yaml.compose(new StringReader(text));
            if (node == null) {
                throw new UserError(source + " is empty");
            }
            return new Conversion(source, origin).convert(node);
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw new UserError(source + ":" + line + " is not valid YAML: " + e.getProblem(), e);
        } catch (YAMLException e) {
            throw new UserError(source + " is not valid YAML: " + e.getMessage(), e);
        }
    }

    /** From nodes, which an alias shares with its anchor, to values. */
    private static final class Conversion {
        private final String source;
        private final @Nullable Origin fixedOrigin;
        private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());
        private int values;

        Conversion(String source, @Nullable Origin fixedOrigin) {
            this.source = source;
            this.fixedOrigin = fixedOrigin;
        }

        ConfigValue convert(Node node) {
            values++;
            if (values > MOST_VALUES) {
                throw new UserError(
                        source + " stands for more than " + MOST_VALUES + " values; its aliases (*) multiply");
            }
            if (!open.add(node)) {
                throw new UserError(at(node) + " has an alias (*) inside of what it names");
            }
            ConfigValue value = convertOpen(node);
            open.remove(node);
            return value;
        }

        private ConfigValue convertOpen(Node node) {
            Origin origin = origin(node);
            refuseTag(node);
            if (node instanceof ScalarNode scalar) {
                return new ConfigValue.Scalar(scalar.getValue(), scalar.getScalarStyle() != ScalarStyle.PLAIN, origin);
            }
            if (node instanceof SequenceNode sequence) {
                List<ConfigValue> items = new ArrayList<>();
                sequence.getValue().forEach(item -> items.add(convert(item)));
                return new ConfigValue.Items(items, origin);
            }
            return new ConfigValue.Entries(entries((MappingNode) node), origin);
        }

        /** A map's entries: its own, and below them those of its merge keys, of which the first named wins. */
        private Map<String, ConfigValue> entries(MappingNode node) {
            Map<String, ConfigValue> entries = new LinkedHashMap<>();
            Set<String> own = new HashSet<>();
            for (NodeTuple tuple : node.getValue()) {
                if (isMerge(tuple.getKeyNode())) {
                    merged(tuple.getValueNode()).forEach(entries::putIfAbsent);
                    continue;
                }
                String key = key(tuple.getKeyNode());
                if (!own.add(key)) {
                    throw new UserError(at(tuple.getKeyNode()) + " has the key " + key + " a second time");
                }
                entries.put(key, convert(tuple.getValueNode()));
            }
            return entries;
        }

        private static boolean isMerge(Node key) {
            return key instanceof ScalarNode scalar
                    && scalar.getScalarStyle() == ScalarStyle.PLAIN
                    && scalar.getValue().equals("<<");
        }

        private Map<String, ConfigValue> merged(Node node) {
            List<Node> maps = node instanceof SequenceNode sequence ? sequence.getValue() : List.of(node);
            Map<String, ConfigValue> merged = new LinkedHashMap<>();
            for (Node map : maps) {
                if (!(convert(map) instanceof ConfigValue.Entries entries)) {
                    throw new UserError(at(node) + " has a merge key (<<) whose value is no map and no list of maps");
                }
                entries.entries().forEach(merged::putIfAbsent);
            }
            return merged;
        }

        private String key(Node node) {
            if (!(node instanceof ScalarNode scalar)) {
                throw new UserError(at(node) + " has a key that is not a simple text");
            }
            refuseTag(node);
            return scalar.getValue();
        }

        private void refuseTag(Node node) {
            if (node.getTag().getValue().startsWith("!")) { // others than YAML's own are refused while it is read
                throw new UserError(
                        at(node) + " has a YAML tag (" + node.getTag().getValue()
                                + "), which is not supported; put the value in quotes if it is a text");
            }
        }

        private Origin origin(Node node) {
            return fixedOrigin != null
                    ? fixedOrigin
                    : Origin.line(source, node.getStartMark().getLine() + 1);
        }

        private String at(Node node) {
            return source + ":" + (node.getStartMark().getLine() + 1);
        }
    }
}
