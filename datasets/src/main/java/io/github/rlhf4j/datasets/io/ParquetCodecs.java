package io.github.rlhf4j.datasets.io;

import com.github.luben.zstd.ZstdInputStream;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.github.rlhf4j.core.UserError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.xerial.snappy.Snappy;

/** How a Parquet file's pages are decompressed: all of the format's codecs but brotli, LZO and the old framed LZ4. */
final class ParquetCodecs implements CompressionCodecFactory {
    private static final int MOST_OF_SNAPPY = 64; // bytes that one can become
    private static final int MOST_OF_LZ4 = 256;
    private static final int SLACK_BYTES = 1 << 10;

    /** Decompresses a page. */
    @FunctionalInterface
    private interface Codec {
        byte[] decompress(byte[] page, int size) throws IOException;
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName name) {
        return switch (name) {
            case UNCOMPRESSED -> new Pages((page, size) -> page);
            case SNAPPY ->
                new Pages((page, size) -> {
                    requirePlausible(page, size, MOST_OF_SNAPPY);
                    return Snappy.uncompress(page);
                });
            case GZIP -> new Pages((page, size) -> whole(new GZIPInputStream(new ByteArrayInputStream(page)), size));
            case ZSTD -> new Pages((page, size) -> whole(new ZstdInputStream(new ByteArrayInputStream(page)), size));
            case LZ4_RAW ->
                new Pages((page, size) -> {
                    requirePlausible(page, size, MOST_OF_LZ4);
                    byte[] bytes = new byte[size];
                    new Lz4Decompressor().decompress(page, 0, page.length, bytes, 0, size);
                    return bytes;
                });
            default ->
                throw new UserError("the file is compressed with " + name
                        + ", which is not read here; write it with snappy, gzip, zstd, lz4_raw or none");
        };
    }

    private static byte[] whole(InputStream stream, int size) throws IOException {
        try (stream) {
            return stream.readNBytes(size);
        }
    }

    /** A page that says it becomes more than it can is not believed: nothing is allocated for it. */
    private static void requirePlausible(byte[] page, int size, int most) throws IOException {
        if (size > (long) most * page.length + SLACK_BYTES) {
            throw new IOException("a page of " + page.length + " bytes cannot hold " + size);
        }
    }

    /** The pages of one column. */
    private record Pages(Codec codec) implements BytesInputDecompressor {
        @Override
        public BytesInput decompress(BytesInput page, int size) throws IOException {
            return BytesInput.from(checked(page.toInputStream().readAllBytes(), size));
        }

        @Override
        public void decompress(ByteBuffer page, int bytes, ByteBuffer out, int size) throws IOException {
            byte[] compressed = new byte[bytes];
            page.get(compressed);
            out.put(checked(compressed, size));
        }

        private byte[] checked(byte[] page, int size) throws IOException {
            byte[] bytes = codec.decompress(page, size);
            if (bytes.length != size) {
                throw new IOException("a page has " + bytes.length + " bytes and not the " + size + " that it names");
            }
            return bytes;
        }

        @Override
        public void release() {}
    }

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName name) {
        throw new UnsupportedOperationException("Parquet files are only read");
    }

    @Override
    public void release() {}
}
