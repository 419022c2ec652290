package io.github.rlhf4j.world;

import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetRequest;
import io.github.rlhf4j.datasets.DatasetSource;
import io.github.rlhf4j.datasets.RecordKind;
import jakarta.inject.Inject;
import java.util.Optional;
import java.util.stream.Stream;

/** The dataset {@code synthetic:<part>}: the standard world of the run's seed, its arithmetic, its invented languages, its sequences and its web pages. */
public final class SyntheticDataset implements DatasetSource {
    private final Worlds worlds;

    @Inject
    SyntheticDataset(Worlds worlds) {
        this.worlds = worlds;
    }

    @Override
    public RecordKind kind(DatasetRequest request) {
        return apart(request.location())
                .map(SyntheticPart::kind)
                .orElseGet(() -> Part.named(request.location()).kind());
    }

    @Override
    public Stream<? extends DataRecord> records(DatasetRequest request) {
        Optional<SyntheticPart> apart = apart(request.location());
        return apart.isPresent()
                ? apart.get().records(request.seed())
                : worlds.of(request.seed()).stream(Part.named(request.location()));
    }

    /** A part that is not of the world of English texts. */
    private Optional<SyntheticPart> apart(String location) {
        if (Arithmetic.isPart(location)) {
            return Optional.of(Arithmetic.named(location));
        }
        if (InventedTexts.isPart(location)) {
            return Optional.of(InventedTexts.named(location, worlds.size()));
        }
        if (Wordings.isPart(location)) {
            return Optional.of(Wordings.named(location));
        }
        if (WebPages.isPart(location)) {
            return Optional.of(WebPages.named(location, worlds));
        }
        return Sequences.isPart(location) ? Optional.of(Sequences.named(location, worlds::of)) : Optional.empty();
    }
}
