package dev.hindsight.repository.document;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * {@code floors/<n>.json}: from where on captures are there. It is made before captures are deleted, so that whoever begins
 * to read them does not take what was deleted for what never came.
 *
 * @param number dense from 1; the newest counts
 * @param at when, for people
 * @param writer who, for people
 * @param streams all of which something may be gone
 */
public record CaptureFloors(int format, long number, Instant at, String writer, List<Stream> streams) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 1;

    public CaptureFloors {
        streams = List.copyOf(streams);
    }

    /**
     * @param incarnation as text
     * @param firstObject captures before this one may be gone; it and all later ones are there
     */
    public record Stream(UUID hostId, String incarnation, long firstObject) {}
}
