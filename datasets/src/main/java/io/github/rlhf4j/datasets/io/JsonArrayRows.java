package io.github.rlhf4j.datasets.io;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The objects of one JSON array, read one at a time. */
final class JsonArrayRows extends OneAheadRows {
    private static final ObjectReader ELEMENTS =
            StrictJson.MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Path path;
    private final JsonParser parser;
    private final BoundedInput input;
    private final RowLimit limit;

    JsonArrayRows(Path path, InputStream input, RowLimit limit) throws IOException {
        this.path = path;
        this.input = new BoundedInput(input, limit);
        this.limit = limit;
        this.parser = StrictJson.MAPPER.getFactory().createParser(new Utf8Reader(this.input));
        parser.nextToken(); // the opening bracket
    }

    @Override
    @Nullable
    Row read() {
        long start = line();
        try {
            input.nextRow();
            if (parser.nextToken() == JsonToken.END_ARRAY) {
                if (parser.nextToken() != null) {
                    throw new UserError(
                            path + " line " + line() + ": something follows the array that should end the file");
                }
                return null;
            }
            start = line();
            JsonNode node = ELEMENTS.readTree(parser);
            return new Row(path.toString(), start, StrictJson.object(path, start, node));
        } catch (JsonProcessingException e) {
            throw StrictJson.invalid(path, line(), e);
        } catch (CharacterCodingException e) {
            throw DataFile.notUtf8(path, line(), e);
        } catch (BoundedInput.TooLong e) {
            throw limit.rowTooLong(path, start, "an element of the array");
        } catch (IOException e) {
            throw DataFile.unreadable(path, line(), e);
        }
    }

    private long line() {
        return parser.currentLocation().getLineNr();
    }

    @Override
    public void close() {
        try {
            parser.close();
        } catch (IOException e) {
            throw DataFile.unreadable(path, line(), e);
        }
    }
}
