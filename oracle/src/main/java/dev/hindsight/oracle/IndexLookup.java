package dev.hindsight.oracle;

import java.util.List;

/**
 * What an SSTable's index says about the wanted ranges.
 *
 * @param sections in order, apart
 * @param neighbours partitions just outside of the sections, which the data must confirm to be outside: an index has no
 *     checksum, and a wrong one must not make partitions vanish
 * @param totalKeys partitions of the whole SSTable
 * @param wantedKeys partitions of the sections, estimated where the index does not count them
 */
record IndexLookup(List<Section> sections, List<Neighbour> neighbours, long totalKeys, long wantedKeys) {

    /**
     * A partition next to a section.
     *
     * @param afterToken its token is greater than this
     * @param upToToken its token is at most this
     */
    record Neighbour(long position, long afterToken, long upToToken) {}

    IndexLookup {
        sections = List.copyOf(sections);
        neighbours = List.copyOf(neighbours);
    }
}
