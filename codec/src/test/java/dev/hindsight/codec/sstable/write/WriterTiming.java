package dev.hindsight.codec.sstable.write;

import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.type.TypeNames;
import dev.hindsight.model.SuppressForbidden;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;

/**
 * CPU time of the writer against the physical floor: LZ4, one CRC32 and write of the same bytes. Arguments: an empty
 * directory, MiB per round, rounds. Prints the best round of each.
 */
final class WriterTiming {
    private static final int CHUNK = 16 << 10;
    private static final int PIECE = 256 << 10;

    private record Partition(byte[] key, long token, byte[] bytes, int header, int[] rowEnds) {}

    private final Path directory;
    private final List<Partition> partitions = new ArrayList<>();
    private long bytes;
    private long rows;
    private long storedBytes;

    private WriterTiming(Path directory) {
        this.directory = directory;
    }

    @SuppressForbidden(reason = "a timing is run by hand, and its table is its output")
    public static void main(String[] args) throws IOException {
        int mib = Integer.parseInt(args[1]);
        int rounds = Integer.parseInt(args[2]);
        for (String shape : List.of("narrow 65 B x 1000", "wide 700 B x 1000", "single 150 B x 1")) {
            String[] parts = shape.split(" ");
            WriterTiming timing = new WriterTiming(Path.of(args[0]));
            timing.generate(mib << 20, Integer.parseInt(parts[1]), Integer.parseInt(parts[4]));
            double floor = Double.MAX_VALUE;
            double writer = Double.MAX_VALUE;
            long allocated = Long.MAX_VALUE;
            for (int i = 0; i < rounds; i++) {
                floor = Math.min(floor, timing.floor());
                long before = allocatedBytes();
                writer = Math.min(writer, timing.writer());
                allocated = Math.min(allocated, allocatedBytes() - before);
            }
            double gb = timing.bytes / 1e9;
            System.out.printf(
                    java.util.Locale.ROOT,
                    "%-20s ratio %.2f, floor %.3f s/GB, writer %.3f s/GB, %.1f ns/row more: %.0f %% of the floor;"
                            + " allocated %.2f MB%n",
                    shape,
                    (double) timing.storedBytes / timing.bytes,
                    floor / gb,
                    writer / gb,
                    (writer - floor) * 1e9 / timing.rows,
                    100 * floor / writer,
                    allocated / 1e6);
        }
    }

    private void generate(int size, int rowBytes, int rowsPerPartition) {
        Random random = new Random(1);
        byte[][] words = new byte[400][];
        for (int i = 0; i < words.length; i++) {
            words[i] = (Long.toString(random.nextLong() >>> 20 + random.nextInt(30), 36) + " ")
                    .getBytes(StandardCharsets.US_ASCII);
        }
        while (bytes < size) {
            byte[] key = new byte[16];
            byte[] number = new byte[24];
            random.nextBytes(key);
            int rowCount = rowsPerPartition == 1 ? 1 : rowsPerPartition / 2 + random.nextInt(rowsPerPartition);
            byte[] out = new byte[19 + rowCount * 2 * rowBytes + 1];
            VInts.putShort2(out, 0, key.length);
            System.arraycopy(key, 0, out, 2, key.length);
            out[18] = (byte) 0x80;
            int at = 19;
            int[] ends = new int[rowCount];
            for (int i = 0; i < rowCount; i++) {
                int length = rowBytes / 2 + random.nextInt(rowBytes);
                int row = at;
                random.nextBytes(number);
                System.arraycopy(number, 0, out, at, 3 + random.nextInt(Math.min(length, 24) - 3));
                at += Math.min(length, 24);
                while (at - row < length) {
                    byte[] word = words[random.nextInt(words.length)];
                    int part = Math.min(word.length, length - (at - row));
                    System.arraycopy(word, 0, out, at, part);
                    at += part;
                }
                ends[i] = at;
            }
            at++;
            byte[] own = Arrays.copyOfRange(out, 2, 18);
            partitions.add(new Partition(own, Tokens.of(own), Arrays.copyOf(out, at), 19, ends));
            bytes += at;
            rows += rowCount;
        }
        partitions.sort(Comparator.comparingLong(Partition::token));
        // In memory in the order of use, as what a merge hands over is in the cache.
        partitions.replaceAll(p -> new Partition(p.key.clone(), p.token, p.bytes.clone(), p.header, p.rowEnds.clone()));
    }

    private static double cpuSeconds() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private double floor() throws IOException {
        Path file = directory.resolve("floor");
        LZ4Compressor lz4 = LZ4Factory.fastestInstance().fastCompressor();
        byte[] chunk = new byte[CHUNK];
        byte[] stored = new byte[PIECE + lz4.maxCompressedLength(CHUNK)];
        ByteBuffer view = ByteBuffer.wrap(stored);
        CRC32 crc = new CRC32();
        double start = cpuSeconds();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            int fill = 0;
            int at = 0;
            for (Partition partition : partitions) {
                for (int from = 0; from < partition.bytes.length; ) {
                    int part = Math.min(CHUNK - fill, partition.bytes.length - from);
                    System.arraycopy(partition.bytes, from, chunk, fill, part);
                    fill += part;
                    from += part;
                    if (fill == CHUNK) {
                        int length = lz4.compress(chunk, 0, CHUNK, stored, at, stored.length - at);
                        crc.update(stored, at, length);
                        at += length;
                        fill = 0;
                        if (at > PIECE) {
                            view.limit(at).position(0);
                            channel.write(view);
                            at = 0;
                        }
                    }
                }
            }
            view.limit(at).position(0);
            channel.write(view);
        }
        double end = cpuSeconds();
        Files.delete(file);
        return end - start;
    }

    private double writer() throws IOException {
        RowHeader header = new RowHeader(
                EncodingBase.NONE,
                TypeNames.parse("org.apache.cassandra.db.marshal.UUIDType"),
                List.of(TypeNames.parse("org.apache.cassandra.db.marshal.TimestampType")),
                List.of(),
                List.of());
        double start = cpuSeconds();
        try (SSTableWriter writer = new SSTableWriter(new SSTableWriterOptions(
                directory.resolve("out"),
                SSTableVersion.OA,
                1,
                header,
                CompressionOptions.LZ4,
                Double.parseDouble(System.getProperty("timing.fp", "0.01")),
                128,
                partitions.size(),
                false,
                WriteListener.NONE))) {
            PartitionStatistics statistics = new PartitionStatistics();
            byte[] clustering = new byte[9];
            long time = 0;
            for (Partition partition : partitions) {
                writer.begin(partition.key, 16, partition.token, Long.MIN_VALUE, Long.MAX_VALUE);
                writer.append(partition.bytes, 0, partition.header);
                writer.endHeader();
                int from = partition.header;
                for (int end : partition.rowEnds) {
                    writer.append(partition.bytes, from, end - from);
                    VInts.putLong8(clustering, 1, time++);
                    writer.unfiltered(4, clustering, 0, 9, 1, Long.MIN_VALUE, Long.MAX_VALUE);
                    from = end;
                }
                writer.append(partition.bytes, from, 1);
                statistics.clear();
                statistics.timestamp(5);
                statistics.ttl(0);
                statistics.localDeletionTime(PartitionStatistics.NO_DELETION_TIME);
                writer.end(statistics);
            }
            storedBytes = writer.finish().components().get(1).bytes();
        }
        double end = cpuSeconds();
        try (Stream<Path> files = Files.list(directory.resolve("out"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        return end - start;
    }
}
