package dev.hindsight.engine.journal;

import java.time.Duration;

/**
 * Limits of sealing.
 *
 * @param roundBytes a round ends when it holds that many bytes of updates
 * @param patience a host that has given nothing for longer is not waited for; what it gives later is LATE
 * @param idle how far the watermark is ahead of the journal's before an entry without records is published
 * @param copies how far back a copy of a published change is known as one: the longest that hints or a dead agent take
 * @param mostCopies how many contents are remembered for that at most, 32 bytes each; beyond, a copy becomes a record
 */
public record SealSettings(long roundBytes, Duration patience, Duration idle, Duration copies, int mostCopies) {
    public static final SealSettings DEFAULT =
            new SealSettings(48L << 20, Duration.ofMinutes(2), Duration.ofSeconds(30), Duration.ofHours(6), 2_000_000);

    /** No copy of a change is taken for one so long after the change's record. */
    public static final Duration LONGEST_COPIES = DEFAULT.copies().multipliedBy(2);

    /** Cassandra's own {@code commitlog_sync_period}: how late writes are readable of whose nodes nothing is known. */
    static final Duration USUAL_SYNC = Duration.ofSeconds(10);

    public SealSettings {
        if (roundBytes < 1 || mostCopies < 0) {
            throw new IllegalArgumentException("rounds of " + roundBytes + " bytes, " + mostCopies + " copies");
        }
    }
}
