package io.github.rlhf4j.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Bytes between a driver and its workers that are damaged, or were never sent by one, are noticed: a worker is lost, a result computed again, a task refused. */
class DamagedFramesTest {
    private static final int INPUTS = Integer.getInteger("torture.inputs", 2_000);
    private static final long[] NASTY = {0, -1, 1, 0x7FFFFFFF, 0x80000000L, 1 << 30, 0xFFFF, 0x100000000L};

    /** A change of a bit, a number, the end, or some bytes. */
    private static byte[] damaged(byte[] whole, CounterRandom random) {
        byte[] bytes = whole.clone();
        int at = random.below(0, bytes.length);
        switch (random.below(1, 4)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.below(2, 8));
            case 1 -> {
                byte[] number = ByteBuffer.allocate(8)
                        .putLong(NASTY[random.below(2, NASTY.length)] << 32)
                        .array();
                System.arraycopy(number, 0, bytes, at, Math.min(4, bytes.length - at));
            }
            case 2 -> {
                return Arrays.copyOf(bytes, at);
            }
            default -> {
                byte[] more = Arrays.copyOf(bytes, bytes.length + 3);
                System.arraycopy(bytes, at, more, at + 3, bytes.length - at);
                return more;
            }
        }
        return bytes;
    }

    private static byte[] frames() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(all);
        new Frame(
                        Frame.Kind.READY,
                        new WireWriter()
                                .putText("a".repeat(64))
                                .putText("oneDNN")
                                .bytes())
                .write(out);
        Frame.of(Frame.Kind.ALIVE).write(out);
        new Frame(Frame.Kind.PROGRESS, new WireWriter().putLong(5).bytes()).write(out);
        new Frame(Frame.Kind.RESULT, new Envelope(Envelope.Outcome.RESULT, 5, new byte[] {1, 2, 3}).bytes()).write(out);
        return all.toByteArray();
    }

    @Test
    void framesAreReadOrTheWorkerIsLost() throws IOException {
        byte[] whole = frames();
        int lost = 0;
        for (int i = 0; i < INPUTS; i++) {
            DataInputStream in = new DataInputStream(
                    new ByteArrayInputStream(damaged(whole, CounterRandom.of(7).derive(i))));
            try {
                while (true) {
                    Frame frame = Frame.read(in);
                    switch (frame.kind()) {
                        case READY -> RemoteWorker.canary(frame);
                        case PROGRESS -> RemoteWorker.units(frame);
                        default -> {}
                    }
                }
            } catch (IOException e) {
                lost++; // the end of the bytes at the latest
            }
        }
        assertThat(lost).isEqualTo(INPUTS);
    }

    @Test
    void aLengthThatIsALieTakesNoMemory() {
        byte[] liar = ByteBuffer.allocate(64)
                .putInt(0x524C4834)
                .put((byte) Frame.Kind.RESULT.ordinal())
                .putInt(1 << 30)
                .array();
        for (int i = 0; i < 50; i++) { // a gigabyte each would take seconds, or not be there
            assertThatThrownBy(() -> Frame.read(new DataInputStream(new ByteArrayInputStream(liar))))
                    .isInstanceOf(EOFException.class);
        }
    }

    @Test
    void whatALibraryPrintsIsNoFrame() {
        assertThatThrownBy(() -> Frame.read(new DataInputStream(
                        new ByteArrayInputStream("Warning: something\n".getBytes(StandardCharsets.UTF_8)))))
                .isInstanceOf(IOException.class)
                .hasMessage("no message: something else was written where messages are");
    }

    @Test
    void resultsAreOpenedOrDamaged() {
        byte[] whole = new Envelope(
                        Envelope.Outcome.USER_ERROR,
                        5,
                        new WireWriter().putText("no").bytes())
                .bytes();
        for (int i = 0; i < INPUTS; i++) {
            byte[] damaged = damaged(whole, CounterRandom.of(8).derive(i));
            if (!Arrays.equals(damaged, whole)) {
                assertThatThrownBy(() -> Envelope.open(damaged)).isInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Test
    void aResultOfAKindThatIsNoneIsDamagedThoughItsDigestIsRight() {
        byte[] body =
                new WireWriter().putInt(9).putLong(0).putBytes(new byte[0]).bytes();
        byte[] bytes = new WireWriter()
                .putText(new Sha256().add(body).hex())
                .putBytes(body)
                .bytes();
        assertThatThrownBy(() -> Envelope.open(bytes))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("9");
    }

    @Test
    void damagedTasksAreAnsweredAndTheWorkerGoesOn() {
        byte[] task = new WireWriter()
                .putInt(4)
                .putList(List.of("policy", "reference"), WireWriter::putText)
                .bytes();
        byte[] header = WorkerRuntime.header("generate", task, List.of(), List.of(), Set.of("policy"));
        try (WorkerRuntime runtime = new WorkerRuntime(1, 1, BlobStore.of(Map.of()))) {
            for (int i = 0; i < INPUTS / 4; i++) {
                CounterRandom random = CounterRandom.of(9).derive(i);
                byte[] answer = runtime.run(damaged(header, random), damaged(task, random.derive(1)), units -> {});
                assertThat(Envelope.open(answer).outcome()).isNotEqualTo(Envelope.Outcome.RESULT);
            }
        }
    }

    @Test
    void listsAreNoLongerThanTheirBytes() {
        byte[] many = new WireWriter().putInt(Integer.MAX_VALUE).bytes();
        assertThatThrownBy(() -> new WireReader(many).getInts()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new WireReader(many).getList(WireReader::getText))
                .isInstanceOf(IllegalStateException.class);
    }
}
