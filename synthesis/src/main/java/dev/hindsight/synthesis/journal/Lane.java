package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Window;

/**
 * One sorted sequence of partitions over the pieces of an arena, for a {@link dev.hindsight.codec.row.RowCursor}: nothing is
 * copied, since each row, marker and partition head lies in one piece. One section.
 */
final class Lane extends Window {
    private final Pieces pieces;
    private int next;
    private boolean begun;

    /** @param bytes the arena's array as it is now; it may grow afterwards */
    Lane(byte[] bytes, Pieces pieces) {
        super(bytes);
        this.pieces = pieces;
    }

    @Override
    protected void fill(int count) {
        if (position == limit && next < pieces.size()) {
            position = pieces.from(next);
            limit = pieces.to(next);
            next++;
        }
        if (limit - position < count) {
            throw new MalformedException(count + " bytes are needed where " + (limit - position) + " are left");
        }
    }

    @Override
    public boolean hasMore() {
        return position < limit || next < pieces.size();
    }

    @Override
    public boolean nextSection() {
        if (begun) {
            return false;
        }
        begun = true;
        return true;
    }

    @Override
    public long filePosition() {
        return position;
    }
}
