package io.github.rlhf4j.core.cluster;

import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** The kinds of tasks on the class path. */
final class TaskKinds {
    private static final TaskKinds ALL = new TaskKinds();

    private final Map<Class<?>, TaskKind<?, ?, ?>> byType = new HashMap<>();
    private final Map<String, TaskKind<?, ?, ?>> byName = new HashMap<>();

    private TaskKinds() {
        for (TaskKind<?, ?, ?> kind : ServiceLoader.load(TaskKind.class, TaskKind.class.getClassLoader())) {
            byType.put(kind.type(), kind);
            if (byName.putIfAbsent(kind.name(), kind) != null) {
                throw new IllegalStateException("two kinds of tasks are called " + kind.name());
            }
        }
    }

    /** The kind of these tasks; null where they never leave the process. */
    @SuppressWarnings("unchecked") // a kind says the type of its tasks
    static <I, O> @Nullable TaskKind<Task<I, O>, I, O> of(Task<I, O> task) {
        return (TaskKind<Task<I, O>, I, O>) ALL.byType.get(task.getClass());
    }

    /** The kind of that name. */
    @SuppressWarnings("unchecked") // inputs and results are its own
    static TaskKind<Task<Object, Object>, Object, Object> named(String name) {
        TaskKind<?, ?, ?> kind = ALL.byName.get(name);
        if (kind == null) {
            throw new IllegalStateException("this worker knows no tasks called " + name
                    + ": give it the same jars as the driver (there are " + ALL.byName.keySet() + ")");
        }
        return (TaskKind<Task<Object, Object>, Object, Object>) kind;
    }
}
