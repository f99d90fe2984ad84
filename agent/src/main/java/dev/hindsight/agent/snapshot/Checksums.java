package dev.hindsight.agent.snapshot;

import dev.hindsight.agent.stream.FileReader;
import dev.hindsight.agent.stream.Throttle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * CRC32 of components: of Data.db what the node wrote into Digest.crc32 when it made the file (so that a byte that
 * rotted since is found), of the small ones computed. Computed values are kept by inode, size and time, so that the
 * hard links of the next snapshot cost nothing. Components above {@value #LARGEST_COMPUTED} bytes have none: reading them
 * twice from a production disk buys too little.
 */
final class Checksums {
    private static final long LARGEST_COMPUTED = 8 << 20;
    private static final int KEPT = 20_000;
    private static final int DIGEST_FILE_LIMIT = 64;

    private record Key(Object file, long size, long modified) {}

    private final Throttle throttle;
    private final Map<Key, Integer> kept = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Integer> eldest) {
            return size() > KEPT;
        }
    };

    Checksums(Throttle throttle) {
        this.throttle = throttle;
    }

    /** Of each component of one SSTable, by component name; {@code ""} where there is none. */
    Map<String, String> of(Map<String, Path> components) throws IOException {
        Map<String, String> out = new HashMap<>();
        for (Map.Entry<String, Path> component : components.entrySet()) {
            out.put(
                    component.getKey(),
                    component.getKey().equals("Data.db")
                            ? digestFile(components.get("Digest.crc32"))
                            : computed(component.getValue()));
        }
        return out;
    }

    /** Of Data.db alone, which costs no reading. */
    Map<String, String> written(Map<String, Path> components) throws IOException {
        return Map.of("Data.db", digestFile(components.get("Digest.crc32")));
    }

    private static String digestFile(@Nullable Path file) throws IOException {
        if (file == null || Files.size(file) > DIGEST_FILE_LIMIT) {
            return "";
        }
        String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
        try {
            return text((int) Long.parseLong(text));
        } catch (NumberFormatException e) {
            return "";
        }
    }

    private String computed(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (attributes.size() > LARGEST_COMPUTED) {
            return "";
        }
        Object inode = attributes.fileKey() == null ? file : attributes.fileKey();
        Key key =
                new Key(inode, attributes.size(), attributes.lastModifiedTime().toMillis());
        synchronized (kept) {
            Integer known = kept.get(key);
            if (known != null) {
                return text(known);
            }
        }
        CRC32 crc = new CRC32();
        try (FileReader reader = FileReader.open(file)) {
            reader.read(0, attributes.size(), buffer -> {
                throttle.take(buffer.remaining());
                crc.update(buffer);
            });
        }
        synchronized (kept) {
            kept.put(key, (int) crc.getValue());
        }
        return text((int) crc.getValue());
    }

    private static String text(int crc) {
        return String.format(java.util.Locale.ROOT, "crc32:%08x", crc);
    }
}
