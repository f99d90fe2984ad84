package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.commitlog.MutationDecoder;

/**
 * What some updates of one partition say, in the order of its rows: head, static row, rows and markers. Updates are put one
 * behind the other as long as each begins behind the end of the one before, so that a partition that only grows is one run.
 * One thread.
 */
final class Run {
    final Pieces pieces = new Pieces();
    int lastKind;
    int lastValues;
    int lastAt;

    /** Made by a merge: nothing is put behind it any more. */
    boolean closed;

    void clear() {
        pieces.clear();
        lastKind = MutationDecoder.NONE;
        closed = false;
    }
}
