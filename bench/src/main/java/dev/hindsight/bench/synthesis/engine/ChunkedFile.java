package dev.hindsight.bench.synthesis.engine;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the chunks of a compressed Data.db lie, as its CompressionInfo.db says (Cassandra 4.0 to 6.0).
 *
 * @param ends of the chunks and their checksums in the file, one after the other from 0
 */
public record ChunkedFile(Path data, int chunkBytes, int maxCompressedBytes, long contentBytes, long[] ends) {
    /** All Data.db files below a directory, in the order of their names. */
    public static List<ChunkedFile> below(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            List<ChunkedFile> out = new ArrayList<>();
            for (Path file : all.filter(one -> one.toString().endsWith("-Data.db"))
                    .sorted()
                    .toList()) {
                out.add(of(file));
            }
            return out;
        }
    }

    /** Bytes of them all after decompression. */
    public static long content(List<ChunkedFile> files) {
        return files.stream().mapToLong(ChunkedFile::contentBytes).sum();
    }

    private static ChunkedFile of(Path data) throws IOException {
        Path info = data.resolveSibling(data.getFileName().toString().replace("-Data.db", "-CompressionInfo.db"));
        try (DataInputStream in = new DataInputStream(Files.newInputStream(info))) {
            String compressor = in.readUTF();
            if (!compressor.equals("LZ4Compressor")) {
                throw new IOException(info + ": " + compressor + " is not what was to be measured");
            }
            for (int options = in.readInt(); options > 0; options--) {
                in.readUTF();
                in.readUTF();
            }
            int chunkBytes = in.readInt();
            int maxCompressed = in.readInt();
            long content = in.readLong();
            long[] ends = new long[in.readInt()];
            in.readLong();
            for (int i = 0; i < ends.length - 1; i++) {
                ends[i] = in.readLong();
            }
            ends[ends.length - 1] = Files.size(data);
            return new ChunkedFile(data, chunkBytes, maxCompressed, content, ends);
        }
    }

    long start(int chunk) {
        return chunk == 0 ? 0 : ends[chunk - 1];
    }

    /** Bytes of a chunk after decompression. */
    int content(int chunk) {
        return (int) Math.min(chunkBytes, contentBytes - (long) chunk * chunkBytes);
    }
}
