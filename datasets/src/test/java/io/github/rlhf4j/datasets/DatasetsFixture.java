package io.github.rlhf4j.datasets;

import com.google.inject.Guice;
import com.google.inject.Module;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Opens datasets as a run does, and writes small files. */
public final class DatasetsFixture {
    private DatasetsFixture() {}

    public static Datasets datasets(Module... extensions) {
        List<Module> modules = new ArrayList<>(List.of(extensions));
        modules.add(new DatasetsModule());
        modules.add(binder -> binder.requireExplicitBindings());
        return Guice.createInjector(modules).getInstance(Datasets.class);
    }

    public static DatasetSpec file(Path folder, String name, String content) {
        return file(folder, name, content.getBytes(StandardCharsets.UTF_8));
    }

    public static DatasetSpec file(Path folder, String name, byte[] content) {
        try {
            return DatasetSpec.of(Files.write(folder.resolve(name), content).toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] gzip(String content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
