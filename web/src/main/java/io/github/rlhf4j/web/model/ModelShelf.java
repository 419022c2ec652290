package io.github.rlhf4j.web.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.pipeline.model.GivenModel;
import io.github.rlhf4j.pipeline.run.StageNeeds;
import io.github.rlhf4j.web.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The models that pages have loaded, two at most: each is loaded once, stays for the next question, and is given back when another needs its place or memory, or when a person says so. A model whose files have changed is loaded
 * again. Safe for several threads.
 */
public final class ModelShelf implements AutoCloseable {
    private static final int MOST = 2;

    private final Supplier<Rlhf4j> engine;
    private final OptionalLong bound;
    private final Map<ModelChoice, Held> held = new LinkedHashMap<>(); // the one used longest ago first

    /** @param engine what opens models; asked for when the first is wanted */
    public ModelShelf(Supplier<Rlhf4j> engine) {
        this(
                engine,
                StageNeeds.bound().stream()
                        .map(all -> all - ModelSize.PROGRAM_BYTES)
                        .findFirst());
    }

    /** @param bound bytes that models may take; empty: no bound */
    ModelShelf(Supplier<Rlhf4j> engine, OptionalLong bound) {
        this.engine = engine;
        this.bound = bound;
    }

    private static final class Held {
        private final LanguageModel model;
        private final FileTime changed;
        private final long bytes;
        private int users;

        Held(LanguageModel model, FileTime changed, long bytes) {
            this.model = model;
            this.changed = changed;
            this.bytes = bytes;
        }
    }

    /**
     * Works with a model, which is loaded first where it is not there. It stays at least until the work is done.
     *
     * @throws UserError where it is none, or there is no memory for it
     */
    public <T> T use(ModelChoice choice, Function<LanguageModel, T> work) {
        Held taken = take(choice);
        try {
            return work.apply(taken.model);
        } finally {
            leave(taken);
        }
    }

    private synchronized void leave(Held taken) {
        taken.users--;
        notifyAll();
    }

    private synchronized Held take(ModelChoice choice) {
        GivenModel given = GivenModel.of(choice.model(), choice.adapter());
        FileTime changed = changed(given);
        for (Held old = held.get(choice); old != null && !old.changed.equals(changed); old = held.get(choice)) {
            awaitUnused(old);
            if (held.remove(choice, old)) { // else somebody who waited too was first
                old.model.close();
            }
            changed = changed(given);
        }
        Held present = held.remove(choice); // and put again, as the one used last
        if (present == null) {
            long bytes = bytes(given);
            makeRoom(choice, bytes);
            LanguageModel model = choice.adapter().isPresent()
                    ? engine.get()
                            .languageModel(choice.model(), choice.adapter().get())
                    : engine.get().languageModel(choice.model());
            present = new Held(model, changed, bytes);
        }
        held.put(choice, present);
        present.users++;
        return present;
    }

    private void awaitUnused(Held one) {
        boolean interrupted = false;
        while (one.users > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives back those used longest ago until another fits. */
    private void makeRoom(ModelChoice wanted, long bytes) {
        if (bound.isPresent() && bytes > bound.getAsLong()) {
            throw new UserError("%s takes about %s of memory, and there are %s: choose a smaller model"
                    .formatted(wanted.label(), gigabytes(bytes), gigabytes(bound.getAsLong())));
        }
        while (held.size() >= MOST || (bound.isPresent() && !held.isEmpty() && sum() + bytes > bound.getAsLong())) {
            Iterator<Held> models = held.values().iterator();
            boolean found = false;
            while (models.hasNext() && !found) {
                Held oldest = models.next();
                if (oldest.users == 0) {
                    models.remove();
                    oldest.model.close();
                    found = true;
                }
            }
            if (!found) {
                throw new UserError(
                        "all models that fit are answering now; wait, or stop an answer, to load " + wanted.label());
            }
        }
    }

    private long sum() {
        return held.values().stream().mapToLong(one -> one.bytes).sum();
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }

    /** Weights, their packed copy, the cache of one whole context, and the tokenizer. */
    private static long bytes(GivenModel given) {
        ModelConfig config = ModelConfig.from(given.config());
        ModelSize size = new ModelSize(config, Set.of(Head.LANGUAGE), DataType.FLOAT);
        return size.weightBytes()
                + size.packedBytes()
                + size.cacheBytes(Math.min(config.maxPositions(), 8192))
                + size.tokenizerBytes();
    }

    /** The newest time of its files. */
    private static FileTime changed(GivenModel given) {
        List<Path> folders = new ArrayList<>(List.of(given.directory()));
        given.adapter().ifPresent(folders::add);
        FileTime newest = FileTime.fromMillis(0);
        for (Path folder : folders) {
            try (Stream<Path> files = Files.isDirectory(folder) ? Files.list(folder) : Stream.of(folder)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    FileTime time = Files.getLastModifiedTime(file);
                    newest = time.compareTo(newest) > 0 ? time : newest;
                }
            } catch (IOException e) {
                throw new UserError(folder + " cannot be read: " + e.getMessage(), e);
            }
        }
        return newest;
    }

    /** Gives back the models that answer nothing now. */
    public synchronized void giveBack() {
        held.values().removeIf(one -> {
            if (one.users == 0) {
                one.model.close();
            }
            return one.users == 0;
        });
    }

    /** {@code [{"model", "adapter", "bytes", "busy"}]}. */
    public synchronized ArrayNode json() {
        ArrayNode list = Json.array();
        held.forEach(
                (choice, one) -> list.add(choice.json().put("bytes", one.bytes).put("busy", one.users > 0)));
        return list;
    }

    /** Waits for answers that are being written, and gives all models back. */
    @Override
    public synchronized void close() {
        held.values().forEach(this::awaitUnused);
        held.values().forEach(one -> one.model.close());
        held.clear();
    }
}
