package dev.hindsight.repository.journal;

/**
 * The fixed parts of an object of before-values (FORMAT.md, Before-values). Numbers are big-endian.
 *
 * <pre>
 *   fields  = tableId:16 objectId:16 baseNumber:8
 *   payload = part* index* place* tail
 *   index   = token:8 offset:8       every 64 KiB of parts
 *   place   = number:8 offset:8      by number
 *   tail    = indexAt:8 placesAt:8 firstToken:8 lastToken:8
 * </pre>
 */
final class BeforeLayout {
    static final int FIELD_BYTES = 16 + 16 + 8;
    static final int INDEX_BYTES = 16;
    static final int PLACE_BYTES = 16;
    static final int TAIL_BYTES = 4 * 8;

    /** Parts between two entries of the index. */
    static final int INDEX_STEP = 64 << 10;

    private BeforeLayout() {}
}
