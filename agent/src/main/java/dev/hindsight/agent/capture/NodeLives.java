package dev.hindsight.agent.capture;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Which segments are of one life of the node. A node numbers them one after the other, beginning behind the millisecond of its
 * start and behind every segment it found: ids of one life have no holes, and two lives always have one between them.
 *
 * <p>Source: {@code CommitLogSegment.idBase} 5.0.9. One thread.
 */
final class NodeLives {
    private static final long NONE = -1;

    /** First segment to the highest one with a frame. */
    private final TreeMap<Long, Long> lives = new TreeMap<>();

    NodeLives(List<CaptureState.Life> remembered) {
        remembered.forEach(life -> lives.put(life.first(), life.newestContent()));
    }

    List<CaptureState.Life> remembered() {
        List<CaptureState.Life> out = new ArrayList<>();
        lives.forEach((first, content) -> out.add(new CaptureState.Life(first, content)));
        return out;
    }

    boolean isEmpty() {
        return lives.isEmpty();
    }

    void begin(long firstSegment) {
        lives.putIfAbsent(firstSegment, NONE);
    }

    /** Of the newest life. */
    long first() {
        return lives.lastKey();
    }

    /** Of the life that a segment is of; the segment itself where none is known. */
    long firstOf(long segment) {
        Long first = lives.floorKey(segment);
        return first == null ? segment : first;
    }

    /** Whether a segment is of the newest life. */
    boolean isCurrent(long segment) {
        return segment >= first();
    }

    void content(long segment) {
        Long first = lives.floorKey(segment);
        if (first != null) {
            lives.merge(first, segment, Math::max);
        }
    }

    /** Whether the node has gone on to another segment, in the same life. */
    boolean wentOn(long segment) {
        var life = lives.floorEntry(segment);
        return life != null && life.getValue() > segment;
    }

    /** Lives whose segments are all read are of no more use. */
    void forget(long oldestOpen) {
        while (lives.size() > 1) {
            Long second = lives.higherKey(lives.firstKey());
            if (second == null || oldestOpen < second) {
                return;
            }
            lives.pollFirstEntry();
        }
    }
}
