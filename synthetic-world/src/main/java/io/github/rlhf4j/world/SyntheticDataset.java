package io.github.rlhf4j.world;

import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetRequest;
import io.github.rlhf4j.datasets.DatasetSource;
import io.github.rlhf4j.datasets.RecordKind;
import jakarta.inject.Inject;
import java.util.stream.Stream;

/** The dataset {@code synthetic:<part>}: the standard world of the run's seed, and its arithmetic. */
public final class SyntheticDataset implements DatasetSource {
    private final Worlds worlds;

    @Inject
    SyntheticDataset(Worlds worlds) {
        this.worlds = worlds;
    }

    @Override
    public RecordKind kind(DatasetRequest request) {
        return Arithmetic.isPart(request.location())
                ? Arithmetic.named(request.location()).kind()
                : Part.named(request.location()).kind();
    }

    @Override
    public Stream<? extends DataRecord> records(DatasetRequest request) {
        if (Arithmetic.isPart(request.location())) {
            return Arithmetic.named(request.location()).records(request.seed());
        }
        return worlds.of(request.seed()).stream(Part.named(request.location()));
    }
}
