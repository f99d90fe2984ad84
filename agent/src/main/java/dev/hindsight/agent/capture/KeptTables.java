package dev.hindsight.agent.capture;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Which mutations are captured, by the id of the first table that they name: those of the captured keyspaces, of {@code
 * system_schema}, of {@code system.local} (it says what was truncated), and those of a table that is not known. Ids and
 * keyspaces are those of the data directories, looked at again where an id is unknown. One thread.
 */
final class KeptTables {
    /** As Cassandra makes the ids of its own tables: {@code TableId.forSystemTable} 5.0.9. */
    static final UUID SYSTEM_LOCAL = UUID.nameUUIDFromBytes("systemlocal".getBytes(StandardCharsets.UTF_8));

    private static final long LOOK_AGAIN_MICROS = 5_000_000;

    private final Supplier<List<Path>> dataDirectories;
    private final WallClock clock;
    private final Map<UUID, String> keyspaces = new HashMap<>();
    private final Map<UUID, Boolean> kept = new HashMap<>();
    private Set<String> scope = Set.of();
    private long lookedAt = Long.MIN_VALUE;

    KeptTables(Supplier<List<Path>> dataDirectories, WallClock clock) {
        this.dataDirectories = dataDirectories;
        this.clock = clock;
    }

    void scope(Set<String> captured) {
        scope = Set.copyOf(captured);
        kept.clear();
    }

    /** A mutation begins with how many updates it has, and the id of the first one's table. */
    boolean keeps(byte[] mutation, int at, int length) {
        int count = length == 0 ? 0 : 1 + Integer.numberOfLeadingZeros(~(mutation[at] << 24) | 1);
        if (length < count + 16) {
            return true;
        }
        UUID id = new UUID(long8(mutation, at + count), long8(mutation, at + count + 8));
        Boolean known = kept.get(id);
        return known != null ? known : decide(id);
    }

    private boolean decide(UUID id) {
        if (!keyspaces.containsKey(id)) {
            look();
        }
        String keyspace = keyspaces.get(id);
        if (keyspace == null) {
            return true;
        }
        boolean keep = scope.contains(keyspace) || keyspace.equals("system_schema") || id.equals(SYSTEM_LOCAL);
        kept.put(id, keep);
        return keep;
    }

    private void look() {
        long now = clock.micros();
        if (now - LOOK_AGAIN_MICROS < lookedAt) {
            return;
        }
        lookedAt = now;
        for (Path data : dataDirectories.get()) {
            try (DirectoryStream<Path> spaces = Files.newDirectoryStream(data, Files::isDirectory)) {
                for (Path space : spaces) {
                    look(space);
                }
            } catch (IOException e) {
                // What is unknown is kept.
                continue;
            }
        }
    }

    private void look(Path keyspace) {
        try (DirectoryStream<Path> tables = Files.newDirectoryStream(keyspace)) {
            for (Path table : tables) {
                idOf(String.valueOf(table.getFileName()))
                        .ifPresent(id -> keyspaces.put(id, String.valueOf(keyspace.getFileName())));
            }
        } catch (IOException e) {
            // As above.
            return;
        }
    }

    static Optional<UUID> idOf(String directory) {
        int dash = directory.lastIndexOf('-');
        String hex = directory.substring(dash + 1);
        if (dash < 1 || hex.length() != 32 || !hex.matches("[0-9a-f]{32}")) {
            return Optional.empty();
        }
        return Optional.of(new UUID(Long.parseUnsignedLong(hex, 0, 16, 16), Long.parseUnsignedLong(hex, 16, 32, 16)));
    }

    private static long long8(byte[] bytes, int at) {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = value << 8 | bytes[at + i] & 0xff;
        }
        return value;
    }
}
