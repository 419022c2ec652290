package io.github.rlhf4j.lab.recurrent;

import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A batch as the whole graph takes it: the target shifted by BEGIN goes in, the target with END is what must come out. */
record PairArrays(WordArrays source, WordArrays shifted, WordArrays expected, long targetTokens)
        implements AutoCloseable {
    static PairArrays of(List<TokenPair> batch, int vocabulary, DataType type) {
        List<int[]> sources = batch.stream().map(TokenPair::source).toList();
        List<int[]> shifted = batch.stream()
                .map(pair -> joined(new int[] {TokenPair.BEGIN}, pair.target()))
                .toList();
        List<int[]> expected = batch.stream()
                .map(pair -> joined(pair.target(), new int[] {TokenPair.END}))
                .toList();
        long tokens = expected.stream().mapToLong(words -> words.length).sum();
        return new PairArrays(
                WordArrays.of(sources, type),
                WordArrays.of(shifted, type),
                WordArrays.oneHot(expected, vocabulary, type),
                tokens);
    }

    private static int[] joined(int[] first, int[] second) {
        return IntStream.concat(IntStream.of(first), IntStream.of(second)).toArray();
    }

    INDArray[] features() {
        return new INDArray[] {source.get(0), shifted.get(0)};
    }

    INDArray[] labels() {
        return new INDArray[] {expected.get(0)};
    }

    INDArray[] featureMasks() {
        return new INDArray[] {source.get(1), shifted.get(1)};
    }

    INDArray[] labelMasks() {
        return new INDArray[] {shifted.get(1)};
    }

    @Override
    public void close() {
        source.close();
        shifted.close();
        expected.close();
    }
}
