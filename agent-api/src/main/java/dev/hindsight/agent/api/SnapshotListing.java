package dev.hindsight.agent.api;

import dev.hindsight.model.schema.TableName;
import java.util.List;
import java.util.UUID;

/** Every SSTable of one snapshot on one node. Tables without any SSTable are not listed. */
public record SnapshotListing(UUID hostId, String tag, List<Table> tables) {
    /** @param directory the table directory's name, {@code name-idwithoutdashes} */
    public record Table(TableName name, UUID tableId, String directory, List<SSTable> sstables) {}

    /**
     * @param dataDirectory index into {@link AgentInfo#dataDirectories()}
     * @param descriptor {@code oa-12-big}
     */
    public record SSTable(int dataDirectory, String descriptor, List<Component> components) {
        public long dataBytes() {
            return components.stream()
                    .filter(component -> component.name().equals("Data.db"))
                    .mapToLong(Component::sizeBytes)
                    .sum();
        }
    }

    /**
     * @param name {@code Data.db}, {@code Index.db} and so on; index files of SAI are not listed
     * @param checksum of the whole file, {@code crc32:8 hex digits}: for Data.db what Digest.crc32 says, for the others
     *     computed; empty when there is none
     */
    public record Component(String name, long sizeBytes, String checksum) {}
}
