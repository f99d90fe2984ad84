package dev.hindsight.synthesis;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.model.ring.TokenRanges;
import java.util.Map;

/**
 * One SSTable to merge, and which of its tokens count.
 *
 * @param origin who had it: the host id of a node, or the key prefix of a stored shard. SSTable ids collide between
 *     nodes, so identity is (origin, descriptor)
 * @param descriptor file name prefix without the component: {@code oa-12-big}, {@code da-3-bti}
 * @param components by component file name ({@code Data.db}, {@code Statistics.db}); which are needed depends on the
 *     format, surplus ones are not read
 * @param ranges the only token ranges read from this SSTable; the rest of the file is not even fetched
 */
public record InputSSTable(String origin, String descriptor, Map<String, ByteSource> components, TokenRanges ranges) {
    public InputSSTable {
        components = Map.copyOf(components);
    }

    /** {@code nb}, {@code oa} or {@code da}. */
    public String version() {
        return descriptor.substring(0, descriptor.indexOf('-'));
    }

    @Override
    public String toString() {
        return origin + "/" + descriptor;
    }
}
