package com.example.rlhf;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetRequest;
import io.github.rlhf4j.datasets.DatasetSource;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.RecordKind;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Preference pairs about sums: {@code sums:500} is 500 of them. The right answer is preferred to a wrong one. */
public final class SumsDataset implements DatasetSource {
    private static final int LIMIT = 50;

    @Override
    public RecordKind kind(DatasetRequest request) {
        return RecordKind.PREFERENCE;
    }

    @Override
    public Stream<? extends DataRecord> records(DatasetRequest request) {
        if (!request.location().matches("[1-9][0-9]{0,8}")) {
            throw new UserError("dataset sums:" + request.location() + " must end in a number of pairs, such as sums:500");
        }
        CounterRandom random = CounterRandom.of(request.seed()).derive("sums"); // equal requests, equal records
        return IntStream.range(0, Integer.parseInt(request.location())).mapToObj(i -> pair(random.derive(i)));
    }

    private static PreferencePair pair(CounterRandom random) {
        int first = random.below(0, LIMIT);
        int second = random.below(1, LIMIT);
        int wrong = first + second + 1 + random.below(2, LIMIT);
        return new PreferencePair(
                "What is " + first + " + " + second + "?\n", first + second + ".", "It is perhaps " + wrong + ".");
    }
}
