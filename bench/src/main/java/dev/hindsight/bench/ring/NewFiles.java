package dev.hindsight.bench.ring;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What a tool stores that copies each SSTable of each replica once: at every backup the files that it has not seen. One
 * thread at a time.
 */
public final class NewFiles {
    private final Set<String> seen = new HashSet<>();

    /**
     * A backup at this moment.
     *
     * @param sizes of all live SSTables, by a name that no other SSTable of any node ever has
     * @return bytes of those that no earlier call had
     */
    public long copy(Map<String, Long> sizes) {
        long bytes = 0;
        for (Map.Entry<String, Long> one : sizes.entrySet()) {
            if (seen.add(one.getKey())) {
                bytes += one.getValue();
            }
        }
        return bytes;
    }
}
