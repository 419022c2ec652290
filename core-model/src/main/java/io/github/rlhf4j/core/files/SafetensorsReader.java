package io.github.rlhf4j.core.files;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads tensors of floating-point numbers from a safetensors file, or from a directory's file or shards.
 *
 * <p>Headers are read and checked when it is opened; numbers are streamed in pieces of a megabyte, so no copy of a
 * tensor is made. Safe for several threads (reads of one file wait for each other). Holds files open until closed.
 */
public final class SafetensorsReader implements TensorReader {
    private final Path source;
    private final Collection<SafetensorsFile> files;
    private final Map<String, Located> tensors = new LinkedHashMap<>();

    private record Located(SafetensorsFile file, SafetensorsHeader.Entry entry) {}

    private SafetensorsReader(Path source, Collection<SafetensorsFile> files) {
        this.source = source;
        this.files = files;
    }

    /**
     * Opens a safetensors file, or model.safetensors or the shards of model.safetensors.index.json in a directory.
     *
     * @throws UserError if there is none (pickle files are never read), or a file or the index is malformed
     */
    public static SafetensorsReader open(Path fileOrDirectory) {
        if (!Files.isDirectory(fileOrDirectory)) {
            return single(fileOrDirectory, fileOrDirectory);
        }
        Path file = fileOrDirectory.resolve("model.safetensors");
        if (Files.isRegularFile(file)) {
            return single(fileOrDirectory, file);
        }
        Path index = fileOrDirectory.resolve("model.safetensors.index.json");
        if (Files.isRegularFile(index)) {
            return sharded(fileOrDirectory, index);
        }
        throw new UserError(NoWeights.explain(fileOrDirectory));
    }

    private static SafetensorsReader single(Path source, Path path) {
        if (!Files.isRegularFile(path)) {
            throw new UserError(path + " does not exist: give a safetensors file or a model's directory");
        }
        SafetensorsFile file = new SafetensorsFile(path);
        SafetensorsReader reader = new SafetensorsReader(source, List.of(file));
        file.header().entries().forEach((name, entry) -> reader.tensors.put(name, new Located(file, entry)));
        return reader;
    }

    private static SafetensorsReader sharded(Path directory, Path index) {
        Map<String, String> shardOf = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> item :
                JsonFiles.readObject(index).path("weight_map").properties()) {
            shardOf.put(item.getKey(), shardName(index, item.getValue()));
        }
        if (shardOf.isEmpty()) {
            throw new UserError(index + " has no weight_map: it must give a file for each tensor");
        }
        Map<String, SafetensorsFile> open = new TreeMap<>();
        SafetensorsReader reader = new SafetensorsReader(directory, open.values());
        try {
            shardOf.forEach((name, shard) -> {
                SafetensorsFile file =
                        open.computeIfAbsent(shard, key -> openShard(directory.resolve(key), index, name));
                SafetensorsHeader.Entry entry = file.header().entries().get(name);
                if (entry == null) {
                    throw new UserError(index + " says that tensor " + name + " is in " + shard + ", but it is not");
                }
                reader.tensors.put(name, new Located(file, entry));
            });
        } catch (RuntimeException e) {
            reader.close();
            throw e;
        }
        return reader;
    }

    private static String shardName(Path index, JsonNode value) {
        String name = value.asText();
        if (!value.isTextual()
                || name.isEmpty()
                || name.indexOf('\0') >= 0
                || name.contains("/")
                || name.contains("\\")
                || name.contains("..")) {
            throw new UserError(index + " names the file " + value + ", which must be a file beside it");
        }
        return name;
    }

    private static SafetensorsFile openShard(Path shard, Path index, String tensor) {
        if (!Files.isRegularFile(shard)) {
            throw new UserError(shard + " is missing: " + index.getFileName() + " places tensor " + tensor + " in it");
        }
        return new SafetensorsFile(shard);
    }

    /** Names of all tensors, in the order of the file (of the index, if sharded). */
    @Override
    public List<String> names() {
        return new ArrayList<>(tensors.keySet());
    }

    /** Whether there is a tensor of this name. */
    @Override
    public boolean contains(String name) {
        return tensors.containsKey(name);
    }

    /** Dimensions of a tensor. */
    @Override
    public long[] shape(String name) {
        return located(name).entry().shape().stream().mapToLong(Long::longValue).toArray();
    }

    /** How many numbers a tensor holds. */
    @Override
    public long elements(String name) {
        return located(name).entry().elements();
    }

    /** The stored type as safetensors spells it: F32, BF16, I64, BOOL... */
    @Override
    public String dtype(String name) {
        return located(name).entry().dtype();
    }

    /** The text pairs of the (first) file's header, for example {@code format} to {@code pt}. */
    public Map<String, String> metadata() {
        return files.isEmpty()
                ? Map.of()
                : Map.copyOf(files.iterator().next().header().metadata());
    }

    /**
     * Reads a piece of a tensor: {@code out.remaining()} numbers in row-major order from element {@code first} on.
     *
     * @throws UserError if there is no such tensor or its type is not F64, F32, F16 or BF16
     */
    @Override
    public void read(String name, long first, FloatBuffer out) {
        Located located = located(name);
        if (first < 0 || first + out.remaining() > located.entry().elements()) {
            throw new IllegalArgumentException("elements " + first + " to " + (first + out.remaining()) + " of " + name
                    + ", which has " + located.entry().elements());
        }
        located.file().read(out, located.entry(), floatType(located), first);
    }

    private static FloatType floatType(Located located) {
        try {
            return FloatType.valueOf(located.entry().dtype());
        } catch (IllegalArgumentException e) {
            throw new UserError(
                    located.file().path() + ": tensor " + located.entry().name() + " is stored as "
                            + located.entry().dtype()
                            + ", but weights must be F32, F16, BF16 or F64 (quantised models are not read: take the unquantised one)",
                    e);
        }
    }

    private Located located(String name) {
        Located located = tensors.get(name);
        if (located == null) {
            throw new UserError(source + " has no tensor " + name);
        }
        return located;
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
