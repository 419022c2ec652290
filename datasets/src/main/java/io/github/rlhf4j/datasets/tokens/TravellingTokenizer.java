package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.cluster.Worker;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.chat.ChatTemplate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A tokenizer with its chat template, that came as the bytes of its files. */
public final class TravellingTokenizer implements Worker.Kept {
    /** What a tokenizer is made of: the end token may be in the last two alone. */
    private static final List<String> FILES = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "generation_config.json",
            "config.json");

    private static final String UNWRITTEN = "cannot write a tokenizer's files in java.io.tmpdir";

    private final HuggingFaceTokenizer tokenizer;
    private final ChatEncoder chat;

    private TravellingTokenizer(HuggingFaceTokenizer tokenizer, ChatEncoder chat) {
        this.tokenizer = tokenizer;
        this.chat = chat;
    }

    /**
     * A tokenizer as bytes.
     *
     * @param folder that {@code tokenizer} was read from
     */
    public static Blob blob(Path folder, Tokenizer tokenizer) {
        List<String> there = FILES.stream()
                .filter(name -> Files.exists(folder.resolve(name)))
                .toList();
        return new WireWriter()
                .putOptional(tokenizer.chatTemplate(), WireWriter::putText)
                .putText(ZoneId.systemDefault().getId()) // of a template that prints the date
                .putList(there, (out, name) -> {
                    try {
                        out.putText(name).putBytes(Files.readAllBytes(folder.resolve(name)));
                    } catch (IOException e) {
                        throw new UncheckedIOException("cannot read " + folder.resolve(name), e);
                    }
                })
                .blob();
    }

    /** What {@link #blob} has; files are on the disk as long as they are read. */
    static TravellingTokenizer read(WireReader in) {
        Optional<String> template = in.getOptional(WireReader::getText);
        ZoneId zone = ZoneId.of(in.getText());
        List<Path> written = new ArrayList<>();
        try {
            Path folder = Files.createTempDirectory("rlhf4j-tokenizer");
            try {
                in.getList(from -> {
                    Path file = folder.resolve(from.getText());
                    if (!folder.equals(file.getParent())) {
                        throw new IllegalStateException("no name of a file: " + file);
                    }
                    written.add(file);
                    try {
                        return Files.write(file, from.getBytes());
                    } catch (IOException e) {
                        throw new UncheckedIOException(UNWRITTEN, e);
                    }
                });
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder);
                return new TravellingTokenizer(
                        tokenizer,
                        template.<ChatEncoder>map(source -> new TemplateChatEncoder(
                                        tokenizer, ChatTemplate.ofSource(tokenizer, source, zone)))
                                .orElse(ChatEncoder.NONE));
            } finally {
                for (Path file : written) {
                    Files.deleteIfExists(file);
                }
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(UNWRITTEN, e);
        }
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    ChatEncoder chat() {
        return chat;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
