package io.github.rlhf4j.testing;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Makes kernels that compute as others do, but some of whose numbers are wrong, as of a broken processor or of a text that a model cannot compute with. For {@link StageHarness#computeWith}. */
public final class SpoiledKernels {
    private SpoiledKernels() {}

    /**
     * A token of a model.
     *
     * @param id its number
     * @param vocabulary how many there are, by which tables of tokens are told from others
     */
    public record Token(int id, int vocabulary) {
        /** The one that is this text. */
        public static Token of(ModelReference model, String text) {
            try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(model.directory())) {
                return new Token(tokenizer.encode(text, false)[0], tokenizer.vocabSize());
            }
        }

        private boolean isIn(Object table, Object rows, int at) {
            return ((Tensor) table).rows() == vocabulary && ((int[]) rows)[at] == id;
        }
    }

    /** The vector of that token is no number, in whichever text it is: all after it, log-probs and scores, is none either. */
    public static UnaryOperator<Kernels> embeddingOf(Token token) {
        return after("gatherRows", (arguments, call) -> {
            for (int i = 0; i < (int) arguments[4]; i++) {
                if (token.isIn(arguments[1], arguments[2], (int) arguments[3] + i)) {
                    ((Tensor) arguments[0]).set(i, 0, Double.NaN);
                }
            }
        });
    }

    /** The gradient of that token's vector is no number; the loss is. */
    public static UnaryOperator<Kernels> gradientOf(Token token) {
        return after("scatterAddRows", (arguments, call) -> {
            for (int i = 0; i < (int) arguments[3]; i++) {
                if (token.isIn(arguments[0], arguments[1], (int) arguments[2] + i)) {
                    ((Tensor) arguments[0]).set(token.id(), 0, Double.NaN);
                }
            }
        });
    }

    /** One call of a kernel leaves NaN as the first number of its first tensor, such as {@code adamW}, whose first is a weight. */
    public static UnaryOperator<Kernels> once(String kernel, int call) {
        return after(kernel, (arguments, calls) -> {
            if (calls == call) {
                ((Tensor) arguments[0]).set(0, 0, Double.NaN);
            }
        });
    }

    /** @param change takes what a kernel of that name was called with, its results among it, and how often it was, from 1 */
    private static UnaryOperator<Kernels> after(String kernel, BiConsumer<Object[], Integer> change) {
        AtomicInteger calls = new AtomicInteger();
        return kernels -> spoiled(kernels, kernel, arguments -> change.accept(arguments, calls.incrementAndGet()));
    }

    private static Kernels spoiled(Kernels kernels, String kernel, Consumer<Object[]> change) {
        List<Kernels> singles = new ArrayList<>(); // one that is on one thread is its own
        Kernels made = (Kernels) Proxy.newProxyInstance(
                Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, (of, method, arguments) -> {
                    if (method.getName().equals("singles")) {
                        return List.copyOf(singles);
                    }
                    try {
                        Object result = method.invoke(kernels, arguments);
                        if (method.getName().equals(kernel)) {
                            change.accept(arguments);
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        for (Kernels single : kernels.singles()) {
            singles.add(single == kernels || kernels.threads() == 1 ? made : spoiled(single, kernel, change));
        }
        return made;
    }
}
