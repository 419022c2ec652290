package io.github.rlhf4j.world;

import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetRequest;
import io.github.rlhf4j.datasets.DatasetSource;
import io.github.rlhf4j.datasets.RecordKind;
import jakarta.inject.Inject;
import java.util.stream.Stream;

/** The dataset {@code synthetic:<part>}: the standard world of the run's seed, its arithmetic, its invented languages, its sequences, its web pages and its knowledge. */
public final class SyntheticDataset implements DatasetSource {
    private final Worlds worlds;

    @Inject
    SyntheticDataset(Worlds worlds) {
        this.worlds = worlds;
    }

    @Override
    public RecordKind kind(DatasetRequest request) {
        return part(request.location()).kind();
    }

    @Override
    public Stream<? extends DataRecord> records(DatasetRequest request) {
        return part(request.location()).records(request.seed());
    }

    private SyntheticPart part(String location) {
        if (Arithmetic.isPart(location)) {
            return Arithmetic.named(location);
        }
        if (InventedTexts.isPart(location)) {
            return InventedTexts.named(location, worlds.size());
        }
        if (Wordings.isPart(location)) {
            return Wordings.named(location);
        }
        if (Knowledge.isPart(location)) {
            return Knowledge.named(location, worlds.size());
        }
        if (WebPages.isPart(location)) {
            return WebPages.named(location, worlds);
        }
        return Sequences.isPart(location) ? Sequences.named(location, worlds::of) : WorldPart.named(location, worlds);
    }
}
