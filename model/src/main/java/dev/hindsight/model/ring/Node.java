package dev.hindsight.model.ring;

import java.util.List;
import java.util.UUID;

/**
 * One Cassandra node of a ring as the driver sees it.
 *
 * @param address native-protocol address, {@code host:port}
 * @param tokens sorted
 * @param up as reported at the time of reading; a hint, never a proof
 */
public record Node(
        UUID hostId,
        String address,
        String datacenter,
        String rack,
        List<Long> tokens,
        String releaseVersion,
        boolean up) {
    public Node {
        tokens = tokens.stream().sorted().toList();
    }
}
