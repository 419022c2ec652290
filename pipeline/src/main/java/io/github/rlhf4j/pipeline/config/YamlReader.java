package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads YAML as {@link ConfigValue}s. Duplicate keys, anchors, aliases, merge keys, tags and several documents are refused with their line: none is needed here,
 * and each is a way to mean something else than what is read.
 */
final class YamlReader {
    private YamlReader() {}

    /** Reads a file that holds one map. */
    static ConfigValue.Entries readFile(Path path) {
        String text;
        try {
            text = Files.readString(path);
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
        Yaml yaml = new Yaml(new SafeConstructor(options));
        try {
            refuseSharing(yaml, text, source);
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

    private static void refuseSharing(Yaml yaml, String text, String source) {
        for (Event event : yaml.parse(new StringReader(text))) {
            int line = event.getStartMark() == null ? 1 : event.getStartMark().getLine() + 1;
            if (event instanceof AliasEvent || (event instanceof NodeEvent node && node.getAnchor() != null)) {
                throw new UserError(
                        source + ":" + line + " has a YAML anchor or alias (& or *), which is not supported; write the "
                                + "value out, or put it in quotes if it is a text");
            }
        }
    }

    private record Conversion(String source, @Nullable Origin fixedOrigin) {
        ConfigValue convert(Node node) {
            Origin origin = origin(node);
            if (node instanceof ScalarNode scalar) {
                refuseTag(node);
                return new ConfigValue.Scalar(scalar.getValue(), scalar.getScalarStyle() != ScalarStyle.PLAIN, origin);
            }
            if (node instanceof SequenceNode sequence) {
                List<ConfigValue> items = new ArrayList<>();
                sequence.getValue().forEach(item -> items.add(convert(item)));
                return new ConfigValue.Items(items, origin);
            }
            Map<String, ConfigValue> entries = new LinkedHashMap<>();
            for (NodeTuple tuple : ((MappingNode) node).getValue()) {
                String key = key(tuple.getKeyNode());
                if (entries.put(key, convert(tuple.getValueNode())) != null) {
                    throw new UserError(at(tuple.getKeyNode()) + " has the key " + key + " a second time");
                }
            }
            return new ConfigValue.Entries(entries, origin);
        }

        private String key(Node node) {
            if (!(node instanceof ScalarNode scalar)) {
                throw new UserError(at(node) + " has a key that is not a simple text");
            }
            if (scalar.getScalarStyle() == ScalarStyle.PLAIN
                    && scalar.getValue().equals("<<")) {
                throw new UserError(
                        at(node) + " has a YAML merge key (<<), which is not supported; write the keys out");
            }
            return scalar.getValue();
        }

        private void refuseTag(Node node) {
            if (node.getTag().getValue().startsWith("!")) {
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
