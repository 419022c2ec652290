package io.github.rlhf4j.gguf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** The merges that tokens with scores amount to, in transformers' order ({@code generate_merges}): all pairs of tokens that make a token, the best first. */
final class SentencePieceMerges {
    static final String SPACE = "\u2581";
    private static final int LONGEST = 256; // characters of a token that is looked at

    private final List<String> tokens;
    private final IntFunction<TokenType> types;
    private final double[] scores;
    private final Map<String, Integer> ids = new HashMap<>();

    private record Merge(String left, String right, double score) {}

    SentencePieceMerges(List<String> tokens, IntFunction<TokenType> types, double[] scores) {
        this.tokens = tokens;
        this.types = types;
        this.scores = scores;
        for (int id = 0; id < tokens.size(); id++) {
            if (isPiece(id)) {
                ids.putIfAbsent(tokens.get(id), id);
            }
        }
    }

    private boolean isPiece(int id) {
        return types.apply(id) == TokenType.NORMAL;
    }

    ArrayNode toJson() {
        boolean hasScores = hasScores();
        List<Merge> merges = new ArrayList<>();
        ids.values().stream()
                .sorted()
                .forEach(id -> merges.addAll(of(tokens.get(id), hasScores ? scores[id] : -(double) id)));
        merges.sort(Comparator.comparingDouble(Merge::score)
                .thenComparingInt(merge -> length(merge.left()))
                .thenComparingInt(merge -> length(merge.right()))
                .reversed());
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        merges.forEach(merge -> json.addArray().add(merge.left()).add(merge.right()));
        return json;
    }

    /** Some files have one score for all, which says nothing of their order; then the ids do. */
    private boolean hasScores() {
        return ids.values().stream()
                        .mapToDouble(id -> scores[id])
                        .distinct()
                        .limit(2)
                        .count()
                > 1;
    }

    private List<Merge> of(String token, double score) {
        List<Merge> merges = new ArrayList<>();
        int length = Math.min(token.length(), LONGEST);
        for (int cut = 1; cut < length; cut++) {
            if (!Character.isLowSurrogate(token.charAt(cut))) {
                String left = token.substring(0, cut);
                String right = token.substring(cut);
                if (ids.containsKey(left) && ids.containsKey(right)) {
                    merges.add(new Merge(left, right, score));
                }
            }
        }
        merges.sort(Comparator.<Merge>comparingInt(merge -> ids.getOrDefault(merge.left(), 0))
                .thenComparingInt(merge -> ids.getOrDefault(merge.right(), 0)));
        return merges;
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
