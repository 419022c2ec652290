package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.model.TokenSequence;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Sentences as deeplearning4j's arrays, shorter ones filled up with BEGIN, where their mask is 0. Owns their native memory until {@link #close}. */
final class WordArrays implements AutoCloseable {
    private final List<INDArray> all;

    private WordArrays(INDArray... all) {
        this.all = List.of(all);
    }

    INDArray get(int index) {
        return all.get(index);
    }

    /** 0: ids (B, 1, T), 1: mask (B, T). */
    static WordArrays of(List<int[]> sentences, DataType type) {
        int longest = sentences.stream().mapToInt(words -> words.length).max().orElse(0);
        float[] ids = new float[sentences.size() * longest];
        float[] mask = new float[sentences.size() * longest];
        for (int i = 0; i < sentences.size(); i++) {
            int[] words = sentences.get(i);
            for (int t = 0; t < words.length; t++) {
                ids[i * longest + t] = words[t];
                mask[i * longest + t] = 1;
            }
        }
        return new WordArrays(
                array(ids, type, sentences.size(), 1, longest), array(mask, type, sentences.size(), longest));
    }

    /** 0: (B, V, T), 1 at each word's id. */
    static WordArrays oneHot(List<int[]> sentences, int vocabulary, DataType type) {
        int longest = sentences.stream().mapToInt(words -> words.length).max().orElse(0);
        float[] hot = new float[sentences.size() * vocabulary * longest];
        for (int i = 0; i < sentences.size(); i++) {
            int[] words = sentences.get(i);
            for (int t = 0; t < words.length; t++) {
                hot[(i * vocabulary + words[t]) * longest + t] = 1;
            }
        }
        return new WordArrays(array(hot, type, sentences.size(), vocabulary, longest));
    }

    /** 0: (B, T), 1 where the next token is a target. */
    static WordArrays mask(List<TokenSequence> texts) {
        int longest = texts.stream().mapToInt(TokenSequence::length).max().orElse(1) - 1;
        float[] mask = new float[texts.size() * longest];
        for (int i = 0; i < texts.size(); i++) {
            for (int target : texts.get(i).targets()) {
                mask[i * longest + target - 1] = 1;
            }
        }
        return new WordArrays(array(mask, DataType.FLOAT, texts.size(), longest));
    }

    private static INDArray array(float[] values, DataType type, long... shape) {
        INDArray floats = Nd4j.create(values, shape, 'c');
        if (type == DataType.FLOAT) {
            return floats;
        }
        INDArray cast = floats.castTo(type);
        floats.close();
        return cast;
    }

    @Override
    public void close() {
        all.forEach(INDArray::close);
    }
}
