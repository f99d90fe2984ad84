package dev.hindsight.oracle;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.synthesis.InputSSTable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;

/** Seeded wrong bytes in an SSTable: flipped, cut off, put in, left out, overwritten, repeated. */
final class Damages {
    /** Not read by a merge. */
    private static final List<String> UNUSED = List.of("Filter.db", "TOC.txt", "Digest.crc32");

    /** @param what says what was done */
    record Damaged(InputSSTable input, String what) {}

    private record Bytes(String name, byte[] bytes) implements ByteSource {
        @Override
        public long sizeBytes() {
            return bytes.length;
        }

        @Override
        public void read(long position, byte[] into, int offset, int length) {
            System.arraycopy(bytes, Math.toIntExact(position), into, offset, length);
        }
    }

    private final Random random;

    Damages(Random random) {
        this.random = random;
    }

    /** Wrong bytes in one component. */
    Damaged any(InputSSTable whole) {
        List<String> components = whole.components().keySet().stream()
                .filter(name -> !UNUSED.contains(name))
                .sorted()
                .toList();
        String component = components.get(random.nextInt(components.size()));
        byte[] bytes = bytes(whole, component);
        StringBuilder what = new StringBuilder(whole + " " + component + " of " + bytes.length + " bytes: ");
        return new Damaged(with(whole, component, damage(bytes, what)), what.toString());
    }

    /**
     * Wrong rows behind right checksums: what a node with bad memory, or somebody who means harm, could have written.
     * Only for SSTables that are not compressed.
     */
    Damaged beforeItsChecksum(InputSSTable whole) {
        byte[] data = bytes(whole, "Data.db");
        StringBuilder what =
                new StringBuilder(whole + " Data.db of " + data.length + " bytes with checksums made after: ");
        byte[] wrong = damage(data, what);
        byte[] crc = bytes(whole, "CRC.db");
        int chunk = ByteBuffer.wrap(crc).getInt();
        int chunks = (wrong.length + chunk - 1) / chunk;
        ByteBuffer checksums = ByteBuffer.allocate(4 + 4 * chunks).putInt(chunk);
        for (int at = 0; at < wrong.length; at += chunk) {
            CRC32 sum = new CRC32();
            sum.update(wrong, at, Math.min(chunk, wrong.length - at));
            checksums.putInt((int) sum.getValue());
        }
        return new Damaged(with(with(whole, "Data.db", wrong), "CRC.db", checksums.array()), what.toString());
    }

    private static byte[] bytes(InputSSTable of, String component) {
        ByteSource source = DamagedSource.source(of, component);
        byte[] out = new byte[Math.toIntExact(source.sizeBytes())];
        source.read(0, out, 0, out.length);
        return out;
    }

    private static InputSSTable with(InputSSTable of, String component, byte[] bytes) {
        return DamagedSource.replace(of, component, new Bytes("damaged " + component, bytes));
    }

    private byte[] damage(byte[] whole, StringBuilder what) {
        int at = random.nextInt(whole.length + 1);
        int rest = whole.length - at;
        int some = rest == 0 ? 0 : 1 + random.nextInt(Math.min(rest, 40));
        switch (random.nextInt(8)) {
            case 0 -> {
                what.append("cut off at ").append(at);
                return Arrays.copyOf(whole, at);
            }
            case 1 -> {
                byte[] more = new byte[1 + random.nextInt(40)];
                random.nextBytes(more);
                what.append(more.length).append(" bytes put in at ").append(at);
                return joined(whole, at, more, at);
            }
            case 2 -> {
                what.append(some).append(" bytes left out at ").append(at);
                return joined(whole, at, new byte[0], at + some);
            }
            case 3 -> {
                byte[] other = new byte[some];
                Arrays.fill(other, (byte) (random.nextBoolean() ? 0xff : random.nextInt(3)));
                what.append(some).append(" bytes overwritten at ").append(at);
                return joined(whole, at, other, at + some);
            }
            case 4 -> {
                what.append(some).append(" bytes repeated at ").append(at);
                return joined(whole, at, Arrays.copyOfRange(whole, at, at + some), at);
            }
            default -> {
                byte[] out = whole.clone();
                int bits = 1 << random.nextInt(8);
                if (at < out.length) {
                    out[at] ^= (byte) bits;
                }
                what.append("bits ").append(bits).append(" flipped at ").append(at);
                return out;
            }
        }
    }

    private static byte[] joined(byte[] whole, int headEnd, byte[] middle, int tailFrom) {
        byte[] out = new byte[headEnd + middle.length + whole.length - tailFrom];
        System.arraycopy(whole, 0, out, 0, headEnd);
        System.arraycopy(middle, 0, out, headEnd, middle.length);
        System.arraycopy(whole, tailFrom, out, headEnd + middle.length, whole.length - tailFrom);
        return out;
    }
}
