package io.github.rlhf4j.core.kernels.nd4j;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.KeyWalk;
import io.github.rlhf4j.core.kernels.QueryBlocks;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Attention in blocks of query rows, the keys a block can see gathered side by side; (64, T) memory. */
final class Nd4jAttention {
    private static final int QUERIES = 64;
    private static final double HIDDEN = -1e30;

    private final INDArray queryKeyValue;
    private final AttentionLayout layout;
    private final KeyWalk keys = new KeyWalk();
    private final QueryBlocks blocks = new QueryBlocks();

    /** One block of query rows of one head. */
    private record Block(int segment, int first, int rows, int row0, int head) {}

    private interface BlockBody {
        void run(Block block);
    }

    Nd4jAttention(INDArray queryKeyValue, AttentionLayout layout) {
        this.queryKeyValue = queryKeyValue;
        this.layout = layout;
    }

    private void forEachBlock(BlockBody body) {
        blocks.collect(layout, QUERIES);
        for (int i = 0; i < blocks.size(); i++) {
            int segment = blocks.segment(i);
            int first = blocks.first(i);
            int rows = Math.min(QUERIES, layout.segmentLength()[segment] - first);
            keys.collect(layout, segment, first, first + rows - 1);
            for (int head = 0; head < layout.heads(); head++) {
                body.run(new Block(segment, first, rows, layout.segmentStart()[segment] + first, head));
            }
        }
    }

    void forward(INDArray out, INDArray logSumExp) {
        forEachBlock(block -> {
            INDArray visible = visible(block);
            INDArray scores = scores(block).addi(visible.rsub(1).muli(HIDDEN));
            INDArray max = scores.max(true, 1);
            INDArray weights = Transforms.exp(scores.subi(max), false);
            INDArray sum = weights.sum(true, 1);
            weights.divi(sum);
            queries(out, block).assign(weights.mmul(gathered(layout.valueColumn(block.head()))));
            cell(logSumExp, block).assign(Transforms.log(sum).addi(max));
        });
    }

    void backward(INDArray gradient, INDArray dOut, INDArray out, INDArray logSumExp) {
        forEachBlock(block -> {
            int keyColumn = layout.keyColumn(block.head());
            int valueColumn = layout.valueColumn(block.head());
            INDArray visible = visible(block);
            INDArray scores = scores(block).subi(cell(logSumExp, block));
            INDArray weights = Transforms.exp(scores.addi(visible.rsub(1).muli(HIDDEN)), false);
            INDArray d = queries(dOut, block).dup('c');
            INDArray delta = d.mul(queries(out, block)).sum(true, 1);
            INDArray dScores = d.mmul(gathered(valueColumn).transpose())
                    .subi(delta)
                    .muli(weights)
                    .muli(layout.scale());
            scatter(gradient, valueColumn, weights.transpose().mmul(d));
            queries(gradient, block).addi(dScores.mmul(gathered(keyColumn)));
            scatter(
                    gradient,
                    keyColumn,
                    dScores.transpose().mmul(queries(queryKeyValue, block).dup('c')));
        });
    }

    private INDArray scores(Block block) {
        INDArray key = gathered(layout.keyColumn(block.head()));
        return queries(queryKeyValue, block).dup('c').mmul(key.transpose()).muli(layout.scale());
    }

    private INDArray queries(INDArray of, Block block) {
        int column = block.head() * layout.headDim();
        return Nd4jViews.part(of, block.row0(), block.row0() + block.rows(), column, column + layout.headDim());
    }

    private static INDArray cell(INDArray logSumExp, Block block) {
        return Nd4jViews.part(logSumExp, block.row0(), block.row0() + block.rows(), block.head(), block.head() + 1);
    }

    /** (keys, D): a head's columns of all rows in sight. */
    private INDArray gathered(int column) {
        INDArray out = Nd4j.create(queryKeyValue.dataType(), new long[] {width(), layout.headDim()}, 'c');
        int at = 0;
        for (int piece = 0; piece < keys.size(); piece++) {
            INDArray rows = piece(queryKeyValue, piece, column);
            Nd4jViews.part(out, at, at + keys.length(piece), 0, layout.headDim())
                    .assign(rows);
            at += keys.length(piece);
        }
        return out;
    }

    private void scatter(INDArray gradient, int column, INDArray added) {
        int at = 0;
        for (int piece = 0; piece < keys.size(); piece++) {
            INDArray part = Nd4jViews.part(added, at, at + keys.length(piece), 0, layout.headDim());
            piece(gradient, piece, column).addi(part);
            at += keys.length(piece);
        }
    }

    private INDArray piece(INDArray of, int piece, int column) {
        int row = keys.row(piece);
        return Nd4jViews.part(of, row, row + keys.length(piece), column, column + layout.headDim());
    }

    private int width() {
        int width = 0;
        for (int piece = 0; piece < keys.size(); piece++) {
            width += keys.length(piece);
        }
        return width;
    }

    /** (rows, keys): 1 where the row may look. */
    private INDArray visible(Block block) {
        int width = width();
        int position0 = layout.firstPosition(block.segment()) + block.first();
        double[] mask = new double[block.rows() * width];
        for (int i = 0; i < block.rows(); i++) {
            for (int key = 0; key < width; key++) {
                int back = position0 + i - keys.position(0) - key;
                mask[i * width + key] = back >= 0 && (layout.window() == 0 || back < layout.window()) ? 1 : 0;
            }
        }
        return Nd4j.createFromArray(mask).reshape(block.rows(), width).castTo(queryKeyValue.dataType());
    }
}
