package io.github.rlhf4j.testing.damage;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What a file is, as far as damage to it and the judgement of its reader need to know. */
public enum Form {
    JSON {
        @Override
        public byte[] damaged(byte[] whole, Draws draws) {
            return JsonDamage.damaged(whole, draws);
        }

        @Override
        public Expected expected(byte[] whole, byte[] damaged) {
            JsonNode tree = tree(damaged);
            if (tree == null && hasSyntax(damaged)) {
                return Expected.EITHER; // a key twice: Python takes the last one
            }
            return tree == null ? Expected.REFUSED : tree.equals(tree(whole)) ? Expected.ACCEPTED : Expected.EITHER;
        }
    },
    JSON_LINES {
        @Override
        public byte[] damaged(byte[] whole, Draws draws) {
            String[] lines = new String(whole, StandardCharsets.ISO_8859_1).split("\n"); // a byte, a character
            if (draws.below(3) == 0) {
                return ByteDamage.damaged(whole, draws);
            }
            int line = draws.below(lines.length);
            byte[] changed = JsonDamage.damaged(lines[line].getBytes(StandardCharsets.ISO_8859_1), draws);
            lines[line] = new String(changed, StandardCharsets.ISO_8859_1);
            return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public Expected expected(byte[] whole, byte[] damaged) {
            if (!isUtf8(damaged)) {
                return Expected.REFUSED;
            }
            for (String line : new String(damaged, StandardCharsets.UTF_8).split("\n")) {
                if (line.stripLeading().startsWith("[")) {
                    return Expected.EITHER; // an array of rows, perhaps
                }
                JsonNode tree = line.isBlank() ? null : tree(line.getBytes(StandardCharsets.UTF_8));
                if (tree == null && !line.isBlank() && !hasSyntax(line.getBytes(StandardCharsets.UTF_8))) {
                    return Expected.REFUSED;
                }
            }
            return Expected.EITHER;
        }
    },
    /** Numbers in a header, then data; what is cut off must be refused. */
    BINARY {
        @Override
        public byte[] damaged(byte[] whole, Draws draws) {
            return BinaryDamage.damaged(whole, draws);
        }

        @Override
        public Expected expected(byte[] whole, byte[] damaged) {
            boolean isCut = damaged.length < whole.length
                    && Arrays.equals(damaged, Arrays.copyOf(whole, damaged.length))
                    && whole.length - damaged.length > TAIL_BYTES;
            return isCut ? Expected.REFUSED : Expected.EITHER;
        }
    },
    TEXT {
        @Override
        public byte[] damaged(byte[] whole, Draws draws) {
            return TextDamage.damaged(whole, draws);
        }

        @Override
        public Expected expected(byte[] whole, byte[] damaged) {
            return Expected.EITHER;
        }
    };

    private static final int TAIL_BYTES = 64; // padding of GGUF files
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    static {
        MAPPER.getFactory().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS.mappedFeature()); // as Python's json does
        MAPPER.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(1_000_000)
                        .maxNumberLength(1_000_000)
                        .build());
    }

    /** What a reader has to do. */
    public enum Expected {
        ACCEPTED,
        REFUSED,
        EITHER
    }

    /** Bytes with some damage. */
    public abstract byte[] damaged(byte[] whole, Draws draws);

    /** What a reader of the damaged bytes has to do. */
    public abstract Expected expected(byte[] whole, byte[] damaged);

    /** The value, null where it is none. */
    static @Nullable JsonNode tree(byte[] bytes) {
        if (!isUtf8(bytes)) {
            return null;
        }
        try {
            JsonNode tree = MAPPER.readTree(bytes);
            return tree == null || tree.isMissingNode() ? null : tree;
        } catch (JsonProcessingException e) {
            return null;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (StackOverflowError e) {
            return null;
        }
    }

    /** Whether it is JSON, perhaps with a key twice. */
    static boolean hasSyntax(byte[] bytes) {
        try (JsonParser parser = MAPPER.getFactory().createParser(bytes)) {
            int depth = 0;
            int values = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                values += depth == 0 ? 1 : 0;
            }
            return values == 1 && isUtf8(bytes);
        } catch (IOException e) {
            return false;
        }
    }

    static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
