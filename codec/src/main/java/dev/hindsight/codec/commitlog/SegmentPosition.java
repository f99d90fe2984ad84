package dev.hindsight.codec.commitlog;

/**
 * Where a reader is in a segment, with what it takes to go on from there without reading what lies before.
 *
 * @param position Cassandra's: where the last frame ends in the uncompressed segment
 * @param sectionAt where in the file the section starts that is to be read next
 * @param sectionPosition where it starts in the uncompressed segment; before {@code position} when that is inside of it
 */
public record SegmentPosition(long segmentId, int position, long sectionAt, long sectionPosition) {}
