package io.github.rlhf4j.datasets.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.files.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SequencePackerTest {
    /** Golden: tools/golden/packs.py. More rows than TRL packs at once. */
    @ParameterizedTest
    @EnumSource(PackingStrategy.class)
    void makesThePacksOfTrl(PackingStrategy strategy) throws IOException {
        List<int[]> rows = IntStream.range(0, 1037)
                .mapToObj(i -> IntStream.range(0, 1 + (7 * i * i + 13 * i) % 41)
                        .map(j -> 3 + (31 * i + 17 * j) % 97)
                        .toArray())
                .toList();
        JsonNode expected = golden().path(strategy.name().toLowerCase(Locale.ROOT));

        List<TokenizedPack> packs = pack(16, strategy, strategy.cuts() ? cut(rows, 16) : rows);

        String text = packs.stream().map(pack -> line(pack, strategy)).collect(Collectors.joining());
        assertThat(packs).hasSize(expected.path("packs").asInt());
        assertThat(new Sha256().add(text).hex())
                .isEqualTo(expected.path("sha256").asText());
    }

    @Test
    void theFirstTokenOfASplitSequenceIsNoTargetAndEveryOtherKeepsItsOwn() {
        List<TokenizedPack> packs = pack(4, PackingStrategy.WRAPPED, List.of(new int[] {1, 2, 3}, new int[] {4, 5, 6}));

        assertThat(packs).hasSize(2);
        assertThat(packs.get(0).ids()).containsExactly(1, 2, 3, 4);
        assertThat(packs.get(0).starts()).containsExactly(0, 3);
        assertThat(packs.get(0).isTarget()).containsExactly(false, true, true, false);
        assertThat(packs.get(1).isTarget()).containsExactly(false, true); // 5 begins without context
    }

    private static List<int[]> cut(List<int[]> rows, int maxLength) {
        return rows.stream()
                .map(row -> Arrays.copyOf(row, Math.min(maxLength, row.length)))
                .toList();
    }

    private static List<TokenizedPack> pack(int maxLength, PackingStrategy strategy, List<int[]> rows) {
        List<TokenizedPack> packs = new ArrayList<>();
        SequencePacker packer = new SequencePacker(maxLength, strategy, (pack, row) -> packs.add(pack));
        for (int[] ids : rows) {
            boolean[] isTarget = new boolean[ids.length];
            Arrays.fill(isTarget, 1, ids.length, true);
            packer.add(new TokenizedSequence(ids, isTarget), packs.size());
        }
        packer.flush();
        return packs;
    }

    private static String line(TokenizedPack pack, PackingStrategy strategy) {
        String ids = Arrays.stream(pack.ids()).mapToObj(String::valueOf).collect(Collectors.joining(" "));
        String lengths = pack.sequences().stream()
                .map(sequence -> String.valueOf(sequence.ids().length))
                .collect(Collectors.joining(" "));
        return ids + (strategy == PackingStrategy.WRAPPED ? "" : "|" + lengths) + "\n";
    }

    private static JsonNode golden() throws IOException {
        try (InputStream in = Objects.requireNonNull(SequencePackerTest.class.getResourceAsStream("packs.json"))) {
            return new ObjectMapper().readTree(in);
        }
    }
}
