package io.github.rlhf4j.tinker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.server.HttpFailure;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The SDK's messages, sound and not. */
class WireTest {
    private static final int[] IDS = {5, 9, 17};

    @Test
    void readsWhatTheSdkSends() {
        Wire request = TestClient.request("run", 3, "ppo", TestClient.datum(IDS, Map.of("weights", new float[] {1, 2})))
                .message(5, new Wire().text(1, "clip_low_threshold").number(2, 0.7))
                .message(7, new Wire().text(1, "clip_low_threshold").message(2, new Wire().number(1, 0.7)))
                .varint(6, 1);
        assertThat(LossRequest.Envelope.read(request.toBytes())).isEqualTo(new LossRequest.Envelope("run", 3));
        LossRequest read = LossRequest.read(request.toBytes());
        assertThat(read.forwardOnly()).isTrue();
        assertThat(read.config()).isEqualTo(Map.of("clip_low_threshold", 0.7));
        assertThat(read.data().get(0).tokens()).containsExactly(5, 9);
        assertThat(Objects.requireNonNull(read.data().get(0).inputs().get("weights"))
                        .values())
                .containsExactly(1, 2);
        assertThat(Objects.requireNonNull(read.data().get(0).inputs().get("target_tokens"))
                        .values())
                .containsExactly(9, 17);
    }

    @Test
    void readsSparseTensors() {
        Wire sparse = new Wire()
                .bytes(1, Wire.longs(7, 8, 9))
                .bytes(2, Wire.longs(0, 2, 2, 3))
                .bytes(3, Wire.longs(0, 2, 1));
        Wire tensor = new Wire().message(2, sparse).varint(3, 2).varint(4, 3).varint(4, 3);
        TensorValue read = TensorValue.read(new WireReader(tensor.toBytes()), "target_tokens", -1);
        assertThat(read.values()).containsExactly(7, -1, 8, -1, -1, -1, -1, 9, -1);
        Wire broken = new Wire().message(2, sparse).varint(3, 2).varint(4, 2).varint(4, 3);
        assertThatThrownBy(() -> TensorValue.read(new WireReader(broken.toBytes()), "target_tokens", -1))
                .isInstanceOf(UserError.class);
        Wire huge =
                new Wire().message(2, sparse).varint(3, 2).varint(4, 1 << 20).varint(4, 1 << 20);
        assertThatThrownBy(() -> TensorValue.read(new WireReader(huge.toBytes()), "target_tokens", -1))
                .hasMessageContaining("too large");
    }

    @Test
    void anyBytesAreReadOrRefused() {
        byte[] sound = TestClient.request("run", 3, "ppo", TestClient.datum(IDS, Map.of("weights", new float[] {1, 2})))
                .toBytes();
        CounterRandom random = CounterRandom.of(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = sound.clone();
            bytes[random.below(2L * i, bytes.length)] = (byte) random.below(2L * i + 1, 256);
            try {
                LossRequest.read(bytes);
            } catch (UserError | HttpFailure e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }
}
