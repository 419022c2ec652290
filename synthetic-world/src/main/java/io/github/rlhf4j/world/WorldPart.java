package io.github.rlhf4j.world;

import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.RecordKind;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A {@link Part} of the world; {@code /without=chat} after the name of one with prompts leaves out the rows of a use case. */
final class WorldPart implements SyntheticPart {
    private static final String WITHOUT = "without";

    private final Worlds worlds;
    private final Part part;
    private final Optional<String> without;

    private WorldPart(Worlds worlds, Part part, Optional<String> without) {
        this.worlds = worlds;
        this.part = part;
        this.without = without;
    }

    /**
     * The part called so.
     *
     * @throws io.github.rlhf4j.core.UserError where there is none, or an option of it is wrong
     */
    static WorldPart named(String location, Worlds worlds) {
        if (location.indexOf('/') < 0) {
            return new WorldPart(worlds, Part.named(location), Optional.empty());
        }
        SyntheticName name = SyntheticName.read(location);
        Part part = Part.named(name.part());
        name.requireNoLanguage();
        if (part.kind() == RecordKind.TEXT) {
            name.requireOptions();
        }
        name.requireOptions(WITHOUT);
        String useCase = name.text(WITHOUT, "");
        List<String> useCases =
                Arrays.stream(UseCase.values()).map(UseCase::label).toList();
        if (!useCases.contains(useCase)) {
            throw name.wrong("leaves out a use case that is unknown: " + useCase + "; they are "
                    + String.join(", ", useCases) + Suggestion.phrase(useCase, useCases));
        }
        return new WorldPart(worlds, part, Optional.of(useCase));
    }

    @Override
    public RecordKind kind() {
        return part.kind();
    }

    @Override
    public Stream<DataRecord> records(long seed) {
        Stream<DataRecord> all = worlds.of(seed).stream(part);
        return without.isEmpty() ? all : all.filter(row -> !row.tags().useCase().equals(without.orElseThrow()));
    }
}
