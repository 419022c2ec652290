package io.github.rlhf4j.core.tokenizer;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.github.rlhf4j.core.LibraryProperties;
import io.github.rlhf4j.core.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Owns one tokenizer of the native Hugging Face library, until closed.
 *
 * <p>Uses DJL's binding below its own {@code HuggingFaceTokenizer}, whose defaults cut at 512 tokens and pad, and which
 * builds several arrays of strings for each text.
 */
final class NativeTokenizer implements AutoCloseable {
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final long handle;
    private final String name;
    private boolean closed;

    /**
     * Reads a tokenizer.
     *
     * @param json a tokenizer.json; a text the library cannot read throws RuntimeException
     * @param name of the file in messages
     */
    NativeTokenizer(String json, String name) {
        this.name = name;
        handle = Library.get().createTokenizerFromString(json);
    }

    int[] encode(String text, boolean addSpecialTokens) {
        lock.readLock().lock();
        try {
            checkOpen();
            long encoding = encoding(ValidText.of(text), addSpecialTokens);
            try {
                return toInts(Library.get().getTokenIds(encoding));
            } finally {
                Library.get().deleteEncoding(encoding);
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    TokenSpans encodeWithSpans(String text) {
        lock.readLock().lock();
        try {
            checkOpen();
            String valid = ValidText.of(text);
            long encoding = encoding(valid, false);
            try {
                int[] ids = toInts(Library.get().getTokenIds(encoding));
                return spans(valid, ids, Library.get().getTokenCharSpans(encoding));
            } finally {
                Library.get().deleteEncoding(encoding);
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    /** A handle of the encoded text. */
    private long encoding(String text, boolean addSpecialTokens) {
        try {
            return Library.get().encode(handle, text, addSpecialTokens);
        } catch (RuntimeException e) { // the library's Err: of a vocabulary without what it names, for example
            throw new UserError(name + " cannot encode a text: " + e.getMessage(), e);
        }
    }

    /** The library counts in code points; some normalisers lead it past the end. */
    private static TokenSpans spans(String text, int[] ids, @Nullable CharSpan[] spans) {
        int[] charOf = new int[text.codePointCount(0, text.length()) + 1];
        for (int i = 1; i < charOf.length; i++) {
            charOf[i] = text.offsetByCodePoints(charOf[i - 1], 1);
        }
        int[] starts = new int[ids.length];
        int[] ends = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            CharSpan span = spans[i];
            starts[i] =
                    span == null ? (i == 0 ? 0 : ends[i - 1]) : charOf[Math.min(span.getStart(), charOf.length - 1)];
            ends[i] = span == null ? starts[i] : charOf[Math.min(span.getEnd(), charOf.length - 1)];
        }
        return new TokenSpans(ids, starts, ends);
    }

    String decode(int[] ids, boolean skipSpecialTokens) {
        lock.readLock().lock();
        try {
            checkOpen();
            return Library.get().decode(handle, toLongs(ids), skipSpecialTokens);
        } catch (IllegalStateException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new UserError(name + " cannot decode ids: " + e.getMessage(), e);
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                Library.get().deleteTokenizer(handle);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the tokenizer is closed");
        }
    }

    private static int[] toInts(long[] values) {
        int[] result = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = Math.toIntExact(values[i]);
        }
        return result;
    }

    private static long[] toLongs(int[] values) {
        long[] result = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    /** Loads the native library once, from the jar, without any network. */
    private static final class Library {
        private static final TokenizersLibrary LIBRARY = load();

        private Library() {}

        static TokenizersLibrary get() {
            return LIBRARY;
        }

        private static TokenizersLibrary load() {
            LibraryProperties.set();
            setDefault("RUST_FLAVOR", "cpu");
            if (!Files.isWritable(Path.of(System.getProperty("user.home", "/")))) {
                setDefault(
                        "DJL_CACHE_DIR",
                        Path.of(System.getProperty("java.io.tmpdir"), "rlhf4j-djl")
                                .toString());
            }
            LibUtils.checkStatus();
            return TokenizersLibrary.LIB;
        }

        private static void setDefault(String property, String value) {
            if (System.getProperty(property) == null && System.getenv(property) == null) {
                System.setProperty(property, value);
            }
        }
    }
}
