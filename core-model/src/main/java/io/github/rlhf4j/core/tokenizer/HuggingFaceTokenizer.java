package io.github.rlhf4j.core.tokenizer;

import io.github.rlhf4j.core.UserError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The tokenizer of a Hugging Face model directory, with the ids that Python's tokenizers gives.
 *
 * <p>Reads tokenizer.json and, for the names of special tokens and the chat template, tokenizer_config.json,
 * special_tokens_map.json, chat_template.jinja, generation_config.json and config.json where they exist. As in
 * transformers 5, tokenizer.json alone decides whether BOS and EOS are added. Holds native memory until closed.
 */
public final class HuggingFaceTokenizer implements Tokenizer, AutoCloseable {
    private final Path directory;
    private final Vocabulary vocabulary;
    private final NativeTokenizer tokenizer;
    private final NativeTokenizer markedTokenizer;
    private final SpecialTokenMarks marks;
    private final OptionalInt bosId;
    private final OptionalInt eosId;
    private final OptionalInt padId;
    private final OptionalInt unkId;
    private final int[] stopIds;
    private final Map<String, String> chatTemplates;
    private final boolean addsBos;

    private HuggingFaceTokenizer(TokenizerFiles files) {
        directory = files.directory();
        vocabulary = new Vocabulary(files);
        TokenizerChecks.check(files, vocabulary);
        bosId = requiredId(files, "bos_token");
        List<Integer> stops = stopIds(files);
        stopIds = stops.stream().mapToInt(Integer::intValue).toArray();
        eosId = stops.isEmpty() ? OptionalInt.empty() : OptionalInt.of(stopIds[0]);
        padId = namedId(files, "pad_token");
        unkId = namedId(files, "unk_token");
        chatTemplates = files.chatTemplates();
        tokenizer = create(files, files.json());
        marks = new SpecialTokenMarks(files.addedTokens());
        markedTokenizer = create(files, files.json(marks));
        int[] empty = tokenizer.encode("", true);
        addsBos = empty.length > 0 && isBos(empty[0]);
    }

    /**
     * Reads the tokenizer of a directory.
     *
     * @throws UserError if tokenizer.json is missing or is not one, or a named special token is not in it
     */
    public static HuggingFaceTokenizer open(Path directory) {
        return new HuggingFaceTokenizer(TokenizerFiles.read(directory));
    }

    private static NativeTokenizer create(TokenizerFiles files, String json) {
        try {
            return new NativeTokenizer(
                    json, files.directory().resolve("tokenizer.json").toString());
        } catch (RuntimeException e) {
            throw new UserError(
                    files.directory().resolve("tokenizer.json") + " is not a tokenizer that can be read: "
                            + e.getMessage(),
                    e);
        }
    }

    private OptionalInt requiredId(TokenizerFiles files, String key) {
        OptionalInt id = namedId(files, key);
        if (id.isEmpty() && files.specialToken(key).isPresent()) {
            throw new UserError(
                    files.directory() + ": " + key + " is \""
                            + files.specialToken(key).get()
                            + "\", which tokenizer.json does not have: add it there or name another one in tokenizer_config.json");
        }
        return id;
    }

    private OptionalInt namedId(TokenizerFiles files, String key) {
        Optional<String> token = files.specialToken(key);
        return token.isEmpty() ? OptionalInt.empty() : vocabulary.id(token.get());
    }

    private List<Integer> stopIds(TokenizerFiles files) {
        List<Integer> ids = new ArrayList<>();
        requiredId(files, "eos_token").ifPresent(ids::add);
        for (int id : files.configuredIds("eos_token_id")) {
            if (id >= 0 && id < vocabulary.size() && !ids.contains(id)) {
                ids.add(id);
            }
        }
        return ids;
    }

    /**
     * Checks that a model has a row for every id.
     *
     * @param rows the model's vocab_size
     * @throws UserError when it has not
     */
    public void requireRows(int rows) {
        if (vocabSize() > rows) {
            throw new UserError(directory + ": the tokenizer has ids up to " + (vocabSize() - 1)
                    + ", but the model's vocab_size is " + rows + "; they do not belong together");
        }
    }

    @Override
    public int vocabSize() {
        return vocabulary.size();
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens, boolean splitSpecialTokens) {
        String marked = splitSpecialTokens ? markSpecialTokens(text) : text;
        int[] ids = (marked.equals(text) ? tokenizer : markedTokenizer).encode(marked, addSpecialTokens);
        boolean doubled = addSpecialTokens && addsBos && !splitSpecialTokens && ids.length > 1 && isBos(ids[1]);
        return doubled ? Arrays.copyOfRange(ids, 1, ids.length) : ids;
    }

    @Override
    public String markSpecialTokens(String text) {
        return marks.mark(text);
    }

    @Override
    public TokenSpans encodeWithSpans(String text, boolean marked) {
        return (marked ? markedTokenizer : tokenizer).encodeWithSpans(text);
    }

    private boolean isBos(int id) {
        return bosId.isPresent() && bosId.getAsInt() == id;
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        int[] known =
                Arrays.stream(ids).filter(id -> !vocabulary.token(id).isEmpty()).toArray();
        return tokenizer.decode(known, skipSpecialTokens);
    }

    @Override
    public OptionalInt bosId() {
        return bosId;
    }

    @Override
    public OptionalInt eosId() {
        return eosId;
    }

    @Override
    public OptionalInt padId() {
        return padId;
    }

    @Override
    public OptionalInt unkId() {
        return unkId;
    }

    @Override
    public int[] stopIds() {
        return stopIds.clone();
    }

    @Override
    public String token(int id) {
        return vocabulary.token(id);
    }

    @Override
    public OptionalInt id(String token) {
        return vocabulary.id(token);
    }

    @Override
    public boolean isSpecial(int id) {
        return vocabulary.isSpecial(id);
    }

    @Override
    public Map<String, String> chatTemplates() {
        return Collections.unmodifiableMap(chatTemplates);
    }

    @Override
    public StreamingDecoder streamingDecoder() {
        return new StreamingDetokenizer(this);
    }

    @Override
    public void close() {
        tokenizer.close();
        markedTokenizer.close();
    }
}
