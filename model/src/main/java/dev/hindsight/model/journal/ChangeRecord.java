package dev.hindsight.model.journal;

import java.util.List;

/**
 * One change of one partition, with its place in the table's journal.
 *
 * @param number dense over the table's journal, from 1
 * @param instantMicros when it counts as committed; never falls as numbers rise
 * @param observed the earliest ends over all copies that were there when it was numbered: how certain the instant is
 * @param late whether the first copy came only after the watermark had passed it; its instant is that watermark then
 * @param writeMicros the greatest timestamp that the client, or Cassandra for it, gave to anything in it
 * @param origins of the copies that were there when it was numbered; never empty
 */
public record ChangeRecord(
        long number,
        long instantMicros,
        Observation observed,
        boolean late,
        long writeMicros,
        ContentDigest digest,
        List<Origin> origins) {
    public ChangeRecord {
        origins = List.copyOf(origins);
        if (number < 1 || origins.isEmpty()) {
            throw new IllegalArgumentException("record " + number + " with " + origins.size() + " origins");
        }
    }
}
