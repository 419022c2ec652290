package io.github.rlhf4j.core.kernels.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_BA16a64b2a;
import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;
import static org.bytedeco.dnnl.global.dnnl.dnnl_matmul_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_strides;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_tag;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_set_data_handle;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_sum;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_post_ops;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_scratchpad_mode;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_scratchpad_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_scratchpad_mode_user;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_default_flags;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.javacpp.Pointer;

/** oneDNN's products of bfloat16 matrices with float32 sums, for one thread: a compiled primitive for each shape, kept until there are many. Owns them until {@link #close}. */
final class BfloatPlans implements AutoCloseable {
    /** Instead of a stride of b: it is in panels of 64 columns, pairs of rows interleaved (oneDNN's BA16a64b2a), no more rows or columns than that fills. */
    static final int IN_PANELS = 0;

    private static final int MOST = 512;

    private final dnnl_engine engine = new dnnl_engine();
    private final dnnl_stream stream = new dnnl_stream();
    private final Map<Shape, Plan> plans = new HashMap<>(); // looked up only
    private final Handle handle = new Handle();
    private final NativeBlock scratchpad = new NativeBlock();

    /**
     * {@code out = op(a) op(b)}, or added to it; strides from row to row as the matrices are stored.
     *
     * @param adds whether it is added
     */
    record Shape(
            int rows,
            int columns,
            int depth,
            boolean transposeA,
            boolean transposeB,
            int strideOfA,
            int strideOfB,
            int strideOfOut,
            boolean adds) {}

    /** A pointer that is aimed at any address. */
    private static final class Handle extends Pointer {
        Handle() {
            super((Pointer) null);
        }

        Handle at(long newAddress) {
            address = newAddress;
            return this;
        }
    }

    /** A compiled product with the objects that say where its matrices are. */
    private static final class Plan {
        final dnnl_primitive primitive = new dnnl_primitive();
        final dnnl_memory a = new dnnl_memory();
        final dnnl_memory b = new dnnl_memory();
        final dnnl_memory out = new dnnl_memory();
        final dnnl_memory scratch = new dnnl_memory();
        final dnnl_exec_arg_t arguments = new dnnl_exec_arg_t(4);
        long scratchBytes;

        void destroy() {
            dnnl_primitive_destroy(primitive);
            dnnl_memory_destroy(a);
            dnnl_memory_destroy(b);
            dnnl_memory_destroy(out);
            dnnl_memory_destroy(scratch);
            arguments.deallocate();
        }
    }

    BfloatPlans() {
        check(dnnl_engine_create(engine, dnnl_cpu, 0), "engine");
        check(dnnl_stream_create(stream, engine, dnnl_stream_default_flags), "stream");
    }

    /** Whether the processor multiplies bfloat16 and oneDNN, which is loaded, makes use of it. */
    static boolean areFast() {
        int isa = dnnl_get_effective_cpu_isa();
        return (isa & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
    }

    /** Multiplies matrices at these addresses. */
    void multiply(Shape shape, long a, long b, long out) {
        Plan plan = plans.get(shape);
        if (plan == null) {
            if (plans.size() >= MOST) {
                clear();
            }
            plan = plan(shape);
            plans.put(shape, plan);
        }
        scratchpad.fit(plan.scratchBytes, plan.scratchBytes + plan.scratchBytes / 4);
        check(dnnl_memory_set_data_handle(plan.a, handle.at(a)), "operand");
        check(dnnl_memory_set_data_handle(plan.b, handle.at(b)), "operand");
        check(dnnl_memory_set_data_handle(plan.out, handle.at(out)), "result");
        check(dnnl_memory_set_data_handle(plan.scratch, handle.at(scratchpad.address())), "scratchpad");
        check(dnnl_primitive_execute(plan.primitive, stream, 4, plan.arguments), "product");
    }

    private Plan plan(Shape shape) {
        Plan plan = new Plan();
        dnnl_memory_desc a = matrix(shape.rows(), shape.depth(), shape.transposeA(), shape.strideOfA(), dnnl_bf16);
        dnnl_memory_desc b = shape.strideOfB() == IN_PANELS
                ? panels(shape.depth(), shape.columns())
                : matrix(shape.depth(), shape.columns(), shape.transposeB(), shape.strideOfB(), dnnl_bf16);
        dnnl_memory_desc out = matrix(shape.rows(), shape.columns(), false, shape.strideOfOut(), dnnl_f32);
        dnnl_primitive_attr attributes = attributes(shape.adds());
        dnnl_primitive_desc description = new dnnl_primitive_desc();
        check(dnnl_matmul_primitive_desc_create(description, engine, a, b, null, out, attributes), "matmul " + shape);
        check(dnnl_primitive_create(plan.primitive, description), "matmul " + shape);
        dnnl_memory_desc scratch = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
        plan.scratchBytes = Math.max(64, dnnl_memory_desc_get_size(scratch));
        memory(plan.a, a);
        memory(plan.b, b);
        memory(plan.out, out);
        memory(plan.scratch, scratch);
        argument(plan, 0, DNNL_ARG_SRC, plan.a);
        argument(plan, 1, DNNL_ARG_WEIGHTS, plan.b);
        argument(plan, 2, DNNL_ARG_DST, plan.out);
        argument(plan, 3, DNNL_ARG_SCRATCHPAD, plan.scratch);
        plan.arguments.position(0);
        dnnl_primitive_desc_destroy(description);
        dnnl_primitive_attr_destroy(attributes);
        dnnl_memory_desc_destroy(a);
        dnnl_memory_desc_destroy(b);
        dnnl_memory_desc_destroy(out);
        return plan;
    }

    private static dnnl_memory_desc matrix(int rows, int columns, boolean transposed, int stride, int type) {
        dnnl_memory_desc description = new dnnl_memory_desc();
        long[] strides = transposed ? new long[] {1, stride} : new long[] {stride, 1};
        check(
                dnnl_memory_desc_create_with_strides(description, 2, new long[] {rows, columns}, type, strides),
                "matrix");
        return description;
    }

    private static dnnl_memory_desc panels(int rows, int columns) {
        dnnl_memory_desc description = new dnnl_memory_desc();
        long[] size = {rows, columns};
        check(dnnl_memory_desc_create_with_tag(description, 2, size, dnnl_bf16, dnnl_BA16a64b2a), "panels");
        return description;
    }

    private static dnnl_primitive_attr attributes(boolean adds) {
        dnnl_primitive_attr attributes = new dnnl_primitive_attr();
        check(dnnl_primitive_attr_create(attributes), "attributes");
        check(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), "attributes");
        if (adds) {
            dnnl_post_ops sum = new dnnl_post_ops();
            check(dnnl_post_ops_create(sum), "sum");
            check(dnnl_post_ops_append_sum(sum, 1, 0, 0), "sum");
            check(dnnl_primitive_attr_set_post_ops(attributes, sum), "sum");
            dnnl_post_ops_destroy(sum);
        }
        return attributes;
    }

    private void memory(dnnl_memory memory, dnnl_memory_desc description) {
        check(dnnl_memory_create(memory, description, engine, null), "memory");
    }

    private static void argument(Plan plan, int index, int kind, dnnl_memory memory) {
        plan.arguments.position(index).arg(kind).memory(memory);
    }

    private static void check(int status, String what) {
        if (status != dnnl_success) {
            throw new IllegalStateException("oneDNN's bfloat16 " + what + " failed: status " + status);
        }
    }

    private void clear() {
        plans.values().forEach(Plan::destroy);
        plans.clear();
    }

    @Override
    public void close() {
        clear();
        scratchpad.close();
        dnnl_stream_destroy(stream);
        dnnl_engine_destroy(engine);
    }
}
